// Commands: each adds itself to the parser and leaves what to do behind. Exit codes are those of the
// reference: 0 good · 1 a check failed · 2 unknown · 3 configuration · 64 usage · 130 interrupted.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "core/diagnostic.h"
#include "core/guarded.h"
#include "core/log.h"
#include "core/result.h"
#include "server/cli/sheet.h"
#include "server/cli/terminal.h"
#include "server/config/config.h"

namespace CLI {
class App;
}

namespace amont {

namespace exit_code {
inline constexpr int kGood = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUnknown = 2;
inline constexpr int kConfiguration = 3;
inline constexpr int kUsage = 64;
inline constexpr int kInterrupted = 130;
}  // namespace exit_code

// What a SIGHUP does; empty: it ends the program as SIGTERM does. Called by the thread that waits for
// signals.
using Hangup = Guarded<std::function<void()>>;

// What the flags before the command say, and what every command may need.
struct CommandContext {
  std::string config_path = "amont.toml";
  ColourChoice colour = ColourChoice::kAuto;
  std::stop_token stop;
  Hangup* hangup = nullptr;
  LogLevel default_log_level = LogLevel::kWarn;  // where no --log-level is given
  std::function<int()> action;                   // what the chosen command does; its exit code
};

void AddRunCommand(CLI::App& app, CommandContext& context);
void AddValidateCommand(CLI::App& app, CommandContext& context);
void AddPlanCommand(CLI::App& app, CommandContext& context);
void AddSchemaCommand(CLI::App& app, CommandContext& context);
void AddKindsCommand(CLI::App& app, CommandContext& context);
void AddAcceptCommand(CLI::App& app, CommandContext& context);
void AddLineageCommand(CLI::App& app, CommandContext& context);
void AddLineageSqlCommand(CLI::App& lineage, CommandContext& context);
void AddLineageImportCommand(CLI::App& lineage, CommandContext& context);
void AddServeCommand(CLI::App& app, CommandContext& context);
void AddStatusCommand(CLI::App& app, CommandContext& context);
void AddHistoryCommand(CLI::App& app, CommandContext& context);
void AddBacktestCommand(CLI::App& app, CommandContext& context);
void AddStoreCommand(CLI::App& app, CommandContext& context);
void AddCompletionCommand(CLI::App& app, CommandContext& context);

// The configuration, or nullopt after its diagnostics were printed: the command exits with kConfiguration.
// Warnings are printed and do not stop it.
std::optional<Config> ReadConfig(const CommandContext& context, Secrets secrets = Secrets::kNeeded);
// Whether there is any check or wildcard; complains where there is none: the command exits with
// kConfiguration.
bool DeclaresAnything(const CommandContext& context, const Config& config);
void PrintDiagnostics(const CommandContext& context, Diagnostics diagnostics);
// Of what goes to standard output.
TextStyle StyleOf(const CommandContext& context, bool verbose);
// "amont: message" on standard error; gives `code` back.
int Complain(const std::string& message, int code);

// Parses the command line and runs what it says.
int RunCommandLine(int argc, char** argv, std::stop_token stop, Hangup& hangup);

}  // namespace amont
