// `amont serve`: the service, until it is stopped.

#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "server/app/service.h"
#include "server/cli/command.h"

namespace amont {

namespace {

int Serve(const CommandContext& context, const std::string& port_file) {
  ServiceOptions options;
  options.config_path = context.config_path;
  options.environment = ProcessEnvironment();
  options.port_file = port_file;
  auto service = Service::Start(std::move(options));
  if (!service) {
    const ErrorCode code = service.error().code;
    const bool wrong = code == ErrorCode::kInvalid || code == ErrorCode::kNotFound;
    return Complain(service.error().message, wrong ? exit_code::kConfiguration : exit_code::kUnknown);
  }
  context.hangup->With([&](auto& reload) { reload = [&service] { (*service)->AskReload(); }; });
  (*service)->Run(context.stop);
  context.hangup->With([](auto& reload) { reload = nullptr; });
  return exit_code::kGood;
}

}  // namespace

void AddServeCommand(CLI::App& app, CommandContext& context) {
  auto port_file = std::make_shared<std::string>();
  CLI::App* serve = app.add_subcommand(
      "serve", "run the checks by their schedules, remember, export metrics and answer gRPC, until stopped");
  serve->add_option("--port-file", *port_file, "write the addresses that were bound to this file")
      ->option_text("FILE");
  serve->footer(
      "SIGHUP or POST /-/reload reads the configuration again; SIGTERM drains.\n\n"
      "Examples:\n  amont serve\n  amont --config /etc/amont/amont.toml --log-format=json serve");
  serve->callback([&context, port_file] {
    context.default_log_level = LogLevel::kInfo;
    context.action = [&context, port_file] { return Serve(context, *port_file); };
  });
}

}  // namespace amont
