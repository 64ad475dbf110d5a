// Place: where a command's answers come from: a running service (--server, or AMONT_SERVER), or a store that
// this process opens (--store, or the configured one).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/cli/command.h"
#include "server/cli/state_reader.h"
#include "server/rpc/client.h"

namespace amont {

struct PlaceFlags {
  std::string server;
  std::string store;
};
void AddServerFlag(CLI::App& command, std::string& server);
void AddPlaceFlags(CLI::App& command, PlaceFlags& flags);

// Everything behind a StateReader.
struct Place {
  std::unique_ptr<Client> client;
  std::unique_ptr<Config> config;  // where there is no client
  std::unique_ptr<StateReader> states;
};

// Complains and gives the exit code where there is none.
std::optional<Place> OpenPlace(const CommandContext& context, const PlaceFlags& flags, int& code);

// The client of a service at `server` and of what AMONT_… say; complains likewise.
std::unique_ptr<Client> OpenClient(std::string server, int& code);

// The exit code of a command that a service answered so.
int ExitCodeOf(const Error& error);

}  // namespace amont
