// `amont run`: measures and judges once, and reports.

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <random>

#include "checks/plan/planner.h"
#include "server/app/run_once.h"
#include "server/cli/command.h"
#include "server/cli/report.h"
#include "server/cli/word_option.h"

namespace amont {

namespace {

enum class ReportFormat { kText, kJson, kJunit };

struct RunFlags {
  Selection selection;
  ReportFormat format = ReportFormat::kText;
  FailOn fail_on = FailOn::kFail;
  std::string as_of;
  std::string store;
  Record record = Record::kAuto;
  std::vector<std::string> disabled;
  bool verbose = false;
};

Timestamp WallClock() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

std::string UniqueKey() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

Result<RunRequest> RequestOf(const RunFlags& flags) {
  RunRequest request;
  request.selection = flags.selection;
  if (!flags.store.empty() && flags.store != kNoStore && !flags.store.starts_with("sqlite:")) {
    return MakeError(ErrorCode::kInvalid, "--store is sqlite:FILE or none, not " + MaskUrl(flags.store));
  }
  if (flags.store == kNoStore && flags.record == Record::kYes) {
    return MakeError(ErrorCode::kInvalid,
                     "--record=yes needs a store, and --store none is none: leave one out");
  }
  request.store = flags.store;
  request.record = flags.record;
  request.disabled = {flags.disabled.begin(), flags.disabled.end()};
  request.started = WallClock();
  request.key = UniqueKey();
  if (!flags.as_of.empty()) {
    auto as_of = ParseTimestamp(flags.as_of);
    if (!as_of) return MakeError(ErrorCode::kInvalid, "--as-of: " + as_of.error().message);
    request.as_of = *as_of;
    if (flags.record == Record::kYes) {
      return MakeError(ErrorCode::kInvalid, "--as-of is never recorded: leave --record=yes out");
    }
  }
  return request;
}

// Wildcards are known only now: a word that selects nothing of what they matched is wrong usage, unless a
// source that could have matched it did not answer.
std::optional<int> ComplainOfIdleWord(const RunFlags& flags, const Declarations& declarations,
                                      const RunOutcome& outcome) {
  if (declarations.patterns.empty()) return std::nullopt;
  std::vector<CheckPtr> checks = declarations.checks;
  checks.insert(checks.end(), outcome.matched.begin(), outcome.matched.end());
  const auto idle = FindIdleWord(flags.selection, checks);
  if (!idle) return std::nullopt;
  if (outcome.cut.empty()) return Complain(idle->message, exit_code::kUsage);
  if (!outcome.tables.empty()) return std::nullopt;
  for (const auto& [source, error] : outcome.cut) {
    Complain(fmt::format("source {}: {}", source, error.message), exit_code::kUnknown);
  }
  return exit_code::kUnknown;
}

int Run(const CommandContext& context, const RunFlags& flags) {
  auto request = RequestOf(flags);
  if (!request) return Complain(request.error().message, exit_code::kUsage);
  auto config = ReadConfig(context);
  if (!config || !DeclaresAnything(context, *config)) return exit_code::kConfiguration;
  if (auto idle = FindIdleWord(flags.selection, config->declarations)) {
    return Complain(idle->message, exit_code::kUsage);
  }

  ProgressLine line;
  RunHooks hooks;
  hooks.progress = [&line](const RunProgress& progress) {
    line.Show(fmt::format("measuring: {} of {} tables, {} statements", progress.concluded, progress.tables,
                          progress.statements));
  };
  const auto before = std::chrono::steady_clock::now();
  auto outcome = RunOnce(*config, *request, hooks, context.stop);
  line.Clear();
  if (!outcome) return Complain(outcome.error().message, exit_code::kConfiguration);
  PrintDiagnostics(context, outcome->diagnostics);
  if (!context.stop.stop_requested()) {
    if (const auto code = ComplainOfIdleWord(flags, config->declarations, *outcome)) return *code;
  }

  RunReport report;
  report.config_path = context.config_path;
  report.started = request->started;
  report.as_of = request->as_of;
  report.tables = std::move(outcome->tables);
  report.statements = outcome->statements;
  report.took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - before);
  report.interrupted = context.stop.stop_requested();
  report.notes = std::move(outcome->notes);
  report.Arrange();
  int code = ExitCode(report, flags.fail_on);
  if (outcome->diagnostics.HasErrors() && !report.interrupted) code = exit_code::kConfiguration;
  switch (flags.format) {
    case ReportFormat::kText: {
      const TextStyle style{UseColour(context.colour, STDOUT_FILENO), flags.verbose,
                            TerminalWidth(STDOUT_FILENO)};
      Print(RenderReportText(report, style, code));
      break;
    }
    case ReportFormat::kJson:
      Print(RenderReportJson(report, code));
      break;
    case ReportFormat::kJunit:
      Print(RenderReportJunit(report, flags.fail_on));
      break;
  }
  return code;
}

}  // namespace

void AddRunCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* run = app.add_subcommand("run", "measure and judge once, without a server");
  run->add_option("TABLE", flags->selection.tables,
                  "only these: schema.table, with * as a wildcard, or a check's id");
  run->add_option("--tag", flags->selection.tags, "only checks with this tag")->allow_extra_args(false);
  run->add_option("--owner", flags->selection.owners, "only tables of this owner")->allow_extra_args(false);
  run->add_option("--source", flags->selection.sources, "only tables of this source")
      ->allow_extra_args(false);
  AddWordOption<ReportFormat>(
      *run, "--format", flags->format,
      {{"text", ReportFormat::kText}, {"json", ReportFormat::kJson}, {"junit", ReportFormat::kJunit}},
      "how the report is written");
  AddWordOption<FailOn>(*run, "--fail-on", flags->fail_on, {{"fail", FailOn::kFail}, {"warn", FailOn::kWarn}},
                        "what makes the exit code 1");
  run->add_option("--as-of", flags->as_of,
                  "judge as if it were this time: rows before it only; never recorded")
      ->option_text("TIME");
  run->add_option("--store", flags->store, "where history is kept: sqlite:FILE, or none")->option_text("URL");
  AddWordOption<Record>(*run, "--record", flags->record,
                        {{"auto", Record::kAuto}, {"yes", Record::kYes}, {"no", Record::kNo}},
                        "whether this run becomes history");
  run->add_option("--disable", flags->disabled, "switch a planner pass off, to see what it is worth")
      ->check(CLI::IsMember(PassNames()))
      ->allow_extra_args(false)
      ->option_text("PASS");
  run->add_flag("-v,--verbose", flags->verbose, "a line for every check, passing ones too");
  run->footer(
      "Exits 0: nothing failed · 1: a check of severity warning or above failed · 2: none failed, some could not "
      "be measured or had no data · 3: configuration · 64: usage · 130: interrupted\n\n"
      "Examples:\n  amont run\n  amont run mart.* --owner finance --fail-on=warn\n"
      "  amont run --as-of 2001-07-01T03:00:00Z --format=junit > report.xml");
  run->callback([&context, flags] { context.action = [&context, flags] { return Run(context, *flags); }; });
}

}  // namespace amont
