// `amont run`: measures and judges once, and reports.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <random>

#include "checks/plan/planner.h"
#include "server/app/run_once.h"
#include "server/cli/command.h"
#include "server/cli/place.h"
#include "server/cli/report.h"
#include "server/cli/selection_flags.h"
#include "server/cli/service_run.h"
#include "server/cli/word_option.h"
#include "server/clock/wall_clock.h"

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
  std::string server;
  std::string request_id;
};

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

// Prints the report; gives the exit code.
int Present(const CommandContext& context, const RunFlags& flags, RunReport& report,
            const Diagnostics& diagnostics) {
  report.Arrange();
  int code = ExitCode(report, flags.fail_on);
  if (diagnostics.HasErrors() && !report.interrupted) code = exit_code::kConfiguration;
  switch (flags.format) {
    case ReportFormat::kText:
      Print(RenderReportText(report, StyleOf(context, flags.verbose), code));
      break;
    case ReportFormat::kJson:
      Print(RenderReportJson(report, code));
      break;
    case ReportFormat::kJunit:
      Print(RenderReportJunit(report, flags.fail_on));
      break;
  }
  return code;
}

// The flags that only mean something to a run of our own; empty: none was given.
std::string FlagsOfOurOwn(const CLI::App& run) {
  std::vector<std::string> given;
  for (const char* flag : {"--as-of", "--store", "--record", "--disable"}) {
    if (run.count(flag) > 0) given.emplace_back(flag);
  }
  return fmt::format("{}", fmt::join(given, ", "));
}

// A word that selects nothing, as a run of our own says it. What cannot be asked any more is not complained
// of: the report is there.
std::optional<int> ComplainOfIdleWord(const RunFlags& flags, const Client& client, const ServiceRun& run,
                                      const std::stop_token& stop) {
  if (run.report.interrupted || run.ended) return std::nullopt;
  if (!run.cut.empty()) {
    if (!run.report.tables.empty()) return std::nullopt;
    for (const auto& [source, error] : run.cut) {
      Complain(fmt::format("source {}: {}", source, error.message), exit_code::kUnknown);
    }
    return exit_code::kUnknown;
  }
  const auto states = ReadService(client, flags.server, stop);
  std::vector<KnownCheck> judged;
  for (const Conclusion& table : run.report.tables) {
    for (const Verdict& verdict : table.verdicts) judged.emplace_back().check = verdict.check;
  }
  const auto idle = FindIdleWord(flags.selection, *states, judged);
  if (!idle || !*idle) return std::nullopt;
  return Complain((*idle)->message, exit_code::kUsage);
}

int RunThere(const CommandContext& context, const RunFlags& flags) {
  int code = exit_code::kGood;
  const auto client = OpenClient(flags.server, code);
  if (!client) return code;
  ServiceOrder order;
  order.selection = flags.selection;
  order.request_id = flags.request_id.empty() ? UniqueKey() : flags.request_id;
  order.server = flags.server;
  ProgressLine line;
  auto run = RunOnService(
      *client, order, [&line](const std::string& text) { line.Show(text); }, context.stop);
  line.Clear();
  if (!run) return Complain(run.error().message, ExitCodeOf(run.error()));
  PrintDiagnostics(context, run->diagnostics);
  if (const auto complained = ComplainOfIdleWord(flags, *client, *run, context.stop)) return *complained;
  code = Present(context, flags, run->report, run->diagnostics);
  if (!run->ended) return code;
  Complain(fmt::format("the run broke off: {}; --request-id {} joins it again", run->ended->message,
                       order.request_id),
           exit_code::kUnknown);
  return code == exit_code::kFailed ? code : exit_code::kUnknown;
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
  return Present(context, flags, report, outcome->diagnostics);
}

}  // namespace

void AddRunCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* run = app.add_subcommand("run", "measure and judge once, here or on a service");
  AddSelectionFlags(*run, flags->selection);
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
      ->option_text(fmt::format("{}", fmt::join(PassNames(), "|")));
  AddServerFlag(*run, flags->server);
  run->add_option("--request-id", flags->request_id,
                  "with --server: the same id joins a run that goes on, or gives its verdicts again")
      ->option_text("ID");
  run->add_flag("-v,--verbose", flags->verbose, "a line for every check, passing ones too");
  run->footer(
      "Exits 0: nothing failed · 1: a check of severity warning or above failed · 2: none failed, some could not "
      "be measured or had no data · 3: configuration · 64: usage · 130: interrupted\n\n"
      "Examples:\n  amont run\n  amont run mart.* --owner finance --fail-on=warn\n"
      "  amont run --as-of 2001-07-01T03:00:00Z --format=junit > report.xml\n"
      "  amont run --server 127.0.0.1:7433 mart.orders");
  run->callback([&context, flags, run] {
    context.action = [&context, flags, run] {
      const std::string own = FlagsOfOurOwn(*run);
      if (flags->server.empty() && !flags->request_id.empty()) {
        return Complain("--request-id is of a run on a service: it needs --server", exit_code::kUsage);
      }
      if (flags->server.empty()) return Run(context, *flags);
      if (own.empty()) return RunThere(context, *flags);
      return Complain(
          own +
              " cannot be had with --server: the service measures now, plans and records as it is "
              "configured to",
          exit_code::kUsage);
    };
  });
}

}  // namespace amont
