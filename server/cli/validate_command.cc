// `amont validate`: reads declarations, and with --connect compares them with the live catalog.

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <memory>

#include "server/app/live_catalog.h"
#include "server/cli/command.h"
#include "server/cli/word_option.h"
#include "server/config/selection.h"

namespace amont {

namespace {

struct ValidateFlags {
  bool connect = false;
  bool json = false;
};

std::string Counted(size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

// Compares every source with its catalog; false where one could not be reached.
bool Connect(const CommandContext& context, const Config& config, Diagnostics& diagnostics) {
  Canceller canceller;
  bool reached = true;
  for (const std::string& source : SourcesOf(Selection{}, config.declarations)) {
    auto live = ReadLiveSource(config, source, canceller, diagnostics, context.stop);
    if (!live) {
      reached = false;
      Complain(fmt::format("source {}: {}", source, live.error().message), exit_code::kUnknown);
      continue;
    }
    CompareWithCatalog(config, source, *live, diagnostics);
  }
  return reached;
}

int Validate(const CommandContext& context, const ValidateFlags& flags) {
  Diagnostics diagnostics;
  auto config = LoadConfig(context.config_path, ProcessEnvironment(), diagnostics,
                           flags.connect ? Secrets::kNeeded : Secrets::kOptional);
  if (!config) return Complain(config.error().message, exit_code::kConfiguration);
  bool reached = true;
  if (flags.connect && !diagnostics.HasErrors()) reached = Connect(context, *config, diagnostics);
  diagnostics.Sort();
  if (flags.json) {
    Print(RenderJson(diagnostics) + "\n");
  } else {
    PrintDiagnostics(context, diagnostics);
  }
  if (context.stop.stop_requested()) return exit_code::kInterrupted;
  if (diagnostics.HasErrors()) return exit_code::kConfiguration;
  const Declarations& declared = config->declarations;
  if (!DeclaresAnything(context, *config)) return exit_code::kConfiguration;
  if (!flags.json) {
    std::string patterns;
    if (!declared.patterns.empty())
      patterns = fmt::format(", {}", Counted(declared.patterns.size(), "wildcard"));
    const std::string_view finding = !flags.connect ? "valid"
                                     : reached      ? "valid, and the catalog agrees"
                                                    : "reads well, but was not compared with every source";
    Print(fmt::format("{}: {}, {}{}, {}: {}\n", context.config_path, Counted(config->files.size(), "file"),
                      Counted(declared.tables.size(), "table"), patterns,
                      Counted(declared.checks.size(), "check"), finding));
  }
  return reached ? exit_code::kGood : exit_code::kUnknown;
}

}  // namespace

void AddValidateCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<ValidateFlags>();
  CLI::App* validate =
      app.add_subcommand("validate", "read the configuration and all declarations, say what is wrong");
  validate->add_flag(
      "--connect", flags->connect,
      "compare with the live catalog too: tables, columns, types, privileges, the role's powers");
  AddWordOption<bool>(*validate, "--format", flags->json, {{"text", false}, {"json", true}},
                      "how diagnostics are written");
  validate->footer(
      "Exits 0: valid · 2: a source could not be reached · 3: something is wrong\n\n"
      "Examples:\n  amont validate\n  amont validate --connect --format=json");
  validate->callback(
      [&context, flags] { context.action = [&context, flags] { return Validate(context, *flags); }; });
}

}  // namespace amont
