// The command line: global flags, the commands, and what a mistake in them costs.

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "core/log.h"
#include "core/version.h"
#include "server/cli/command.h"
#include "server/cli/word_option.h"

namespace amont {

namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  amont run                          measure and judge everything that is declared\n"
    "  amont run mart.orders --format=json\n"
    "  amont validate --connect           check declarations against the live catalog\n"
    "  amont plan mart.orders             show the SQL and which check each answer serves\n"
    "  amont kinds volume                 what may be declared, with an example\n"
    "  amont serve                        run the checks by their schedules, export metrics, answer gRPC\n"
    "  amont status --server HOST:PORT    how everything stands now";

void AddGlobalFlags(CLI::App& app, CommandContext& context, std::string& level, std::string& format) {
  app.add_option("-c,--config", context.config_path, "the configuration file")
      ->envname("AMONT_CONFIG")
      ->option_text("FILE")
      ->capture_default_str();
  app.add_option("--log-level", level, "how much is logged; otherwise warn, info for serve")
      ->option_text("debug|info|warn|error");
  app.add_option("--log-format", format, "how it is written; otherwise logfmt")->option_text("logfmt|json");
  AddWordOption<ColourChoice>(
      app, "--color", context.colour,
      {{"auto", ColourChoice::kAuto}, {"always", ColourChoice::kAlways}, {"never", ColourChoice::kNever}},
      "whether reports and diagnostics are coloured");
}

// What is wrong with the words that the parser could not place, and what may have been meant.
std::string UnknownWord(const CLI::App& app) {
  const std::vector<std::string> words = app.remaining(true);
  const auto chosen = app.get_subcommands();
  if (words.empty()) return "which command? `amont --help` lists them";
  std::vector<std::string> known;
  const bool is_flag = words.front().starts_with("-");
  if (is_flag) {
    for (const CLI::App* parser :
         {&app, chosen.empty() ? &app : static_cast<const CLI::App*>(chosen.front())}) {
      for (const CLI::Option* option : parser->get_options()) known.push_back(option->get_name());
    }
  } else {
    for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  }
  const std::string word = words.front().substr(0, words.front().find('='));
  const std::string hint = DidYouMean(word, known);
  return fmt::format("there is no {} `{}`{}; `amont{} --help` lists them", is_flag ? "flag" : "command", word,
                     hint.empty() ? "" : "; " + hint, chosen.empty() ? "" : " " + chosen.front()->get_name());
}

}  // namespace

std::optional<Config> ReadConfig(const CommandContext& context, Secrets secrets) {
  Diagnostics diagnostics;
  auto config = LoadConfig(context.config_path, ProcessEnvironment(), diagnostics, secrets);
  if (!config) {
    std::string message = config.error().message;
    if (config.error().code == ErrorCode::kNotFound) {
      message +=
          "; or begin one with:\n\n  [source.warehouse]\n  url = \"postgresql://user@host/database\"\n\n"
          "and declarations in checks/*.toml (`amont kinds` shows examples)";
    }
    Complain(message, exit_code::kConfiguration);
    return std::nullopt;
  }
  PrintDiagnostics(context, diagnostics);
  if (diagnostics.HasErrors()) return std::nullopt;
  return std::move(*config);
}

bool DeclaresAnything(const CommandContext& context, const Config& config) {
  if (!config.declarations.checks.empty() || !config.declarations.patterns.empty()) return true;
  Complain(context.config_path + " declares nothing: no [[table]] in any file its `checks` globs find",
           exit_code::kConfiguration);
  return false;
}

void PrintDiagnostics(const CommandContext& context, Diagnostics diagnostics) {
  if (diagnostics.empty()) return;
  diagnostics.Sort();
  PrintError(RenderText(diagnostics, UseColour(context.colour, STDERR_FILENO)));
}

TextStyle StyleOf(const CommandContext& context, bool verbose) {
  return {UseColour(context.colour, STDOUT_FILENO), verbose, TerminalWidth(STDOUT_FILENO), IsUtf8Locale()};
}

int Complain(const std::string& message, int code) {
  PrintError(fmt::format("amont: {}\n", message));
  return code;
}

int RunCommandLine(int argc, char** argv, std::stop_token stop, Hangup& hangup) {
  CommandContext context;
  context.stop = std::move(stop);
  context.hangup = &hangup;
  CLI::App app(
      "amont checks warehouse tables against what is declared of them, and says what is wrong, whose it is "
      "and why.",
      "amont");
  app.set_version_flag("--version", fmt::format("amont {} ({})", Version(), GitRevision()));
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kFooter);
  std::string level;
  std::string format = "logfmt";
  AddGlobalFlags(app, context, level, format);
  AddRunCommand(app, context);
  AddValidateCommand(app, context);
  AddPlanCommand(app, context);
  AddSchemaCommand(app, context);
  AddKindsCommand(app, context);
  AddAcceptCommand(app, context);
  AddLineageCommand(app, context);
  AddServeCommand(app, context);
  AddStatusCommand(app, context);
  AddHistoryCommand(app, context);
  AddBacktestCommand(app, context);
  AddStoreCommand(app, context);
  AddCompletionCommand(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    return Complain(UnknownWord(app), exit_code::kUsage);
  } catch (const CLI::RequiredError& error) {
    const bool no_command = app.get_subcommands().empty();
    return Complain(no_command ? UnknownWord(app) : error.what(), exit_code::kUsage);
  } catch (const CLI::ValidationError& error) {
    return Complain(error.what(), exit_code::kUsage);
  } catch (const CLI::ParseError& error) {
    // --help and --version end here too, with code 0.
    return app.exit(error) == 0 ? exit_code::kGood : exit_code::kUsage;
  }
  const auto log_level = level.empty() ? Result<LogLevel>(context.default_log_level) : ParseLogLevel(level);
  const auto log_format = ParseLogFormat(format);
  if (!log_level) return Complain(log_level.error().message, exit_code::kUsage);
  if (!log_format) return Complain(log_format.error().message, exit_code::kUsage);
  InitLog(*log_level, *log_format);
  return context.action ? context.action() : exit_code::kUsage;
}

}  // namespace amont
