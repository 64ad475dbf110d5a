#include "server/cli/place.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "server/app/run_once.h"

namespace amont {

void AddServerFlag(CLI::App& command, std::string& server) {
  command.add_option("--server", server, "ask the service that answers gRPC there")->option_text("HOST:PORT");
}

void AddPlaceFlags(CLI::App& command, PlaceFlags& flags) {
  AddServerFlag(command, flags.server);
  command.add_option("--store", flags.store, "read this store instead: sqlite:FILE or postgresql://…")
      ->option_text("URL");
}

int ExitCodeOf(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalid:
    case ErrorCode::kNotFound:
      return exit_code::kUsage;
    case ErrorCode::kPermission:
      return exit_code::kConfiguration;
    case ErrorCode::kCancelled:
      return exit_code::kInterrupted;
    default:
      return exit_code::kUnknown;
  }
}

std::unique_ptr<Client> OpenClient(std::string server, int& code) {
  ClientOptions options;
  options.server = std::move(server);
  auto filled = FromEnvironment(std::move(options), ProcessEnvironment());
  if (!filled) {
    code = Complain(filled.error().message, exit_code::kConfiguration);
    return nullptr;
  }
  auto client = Client::Make(*filled);
  if (client) return std::make_unique<Client>(std::move(*client));
  const bool wrong = client.error().code == ErrorCode::kInvalid;
  code = Complain(client.error().message, wrong ? exit_code::kUsage : exit_code::kConfiguration);
  return nullptr;
}

std::optional<Place> OpenPlace(const CommandContext& context, const PlaceFlags& flags, int& code) {
  if (!flags.server.empty() && !flags.store.empty()) {
    code = Complain("--server asks a service, --store reads a store: leave one out", exit_code::kUsage);
    return std::nullopt;
  }
  if (flags.store == kNoStore) {
    code = Complain("--store none remembers nothing that could be shown", exit_code::kUsage);
    return std::nullopt;
  }
  Place place;
  std::string server = flags.server;
  if (server.empty() && flags.store.empty()) server = ProcessEnvironment()("AMONT_SERVER").value_or("");
  if (!server.empty()) {
    place.client = OpenClient(server, code);
    if (!place.client) return std::nullopt;
    place.states = ReadService(*place.client, server, context.stop);
    return place;
  }
  auto config = ReadConfig(context);
  if (!config || !DeclaresAnything(context, *config)) {
    code = exit_code::kConfiguration;
    return std::nullopt;
  }
  place.config = std::make_unique<Config>(std::move(*config));
  const std::string url = StoreUrlToRead(*place.config, flags.store);
  auto store = OpenStore(url, StoreMode::kRead, place.config->store.password);
  if (!store) {
    const ErrorCode why = store.error().code;
    if (why == ErrorCode::kNotFound) {
      code =
          Complain(fmt::format("nothing was measured yet: {}; `amont run` measures, --server HOST:PORT asks "
                               "a service",
                               store.error().message),
                   exit_code::kUnknown);
    } else {
      code = Complain(store.error().message,
                      why == ErrorCode::kInvalid ? exit_code::kConfiguration : exit_code::kUnknown);
    }
    return std::nullopt;
  }
  place.states = ReadLocal(*place.config, std::move(*store), MaskUrl(url));
  return place;
}

}  // namespace amont
