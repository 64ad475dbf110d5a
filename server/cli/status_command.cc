// `amont status`: how everything stands now, told by a service or read from a store.

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "server/cli/place.h"
#include "server/cli/report.h"
#include "server/cli/selection_flags.h"
#include "server/cli/word_option.h"
#include "server/clock/wall_clock.h"

namespace amont {

namespace {

enum class StatusFormat { kText, kJson };

struct StatusFlags {
  PlaceFlags place;
  Selection selection;
  StatusFormat format = StatusFormat::kText;
  FailOn fail_on = FailOn::kFail;
  bool verbose = false;
};

// What a run would say now, had it measured what is known.
Verdict VerdictOf(const KnownCheck& known, Timestamp now) {
  Verdict verdict;
  verdict.check = known.check;
  verdict.pilot = known.check->IsPilot(now);
  const std::optional<Status> status = known.now();
  verdict.status = status.value_or(Status::kNoData);
  if (!status) verdict.sentence = "not measured yet";
  if (!known.state) return verdict;
  const CheckState& state = *known.state;
  verdict.at = state.last_run;
  if (state.newest) {
    verdict.observed = *state.newest;
  } else if (state.value) {
    verdict.observed = *state.value;
  }
  verdict.expected_min = state.expected_min;
  verdict.expected_max = state.expected_max;
  verdict.deadline = state.deadline;
  verdict.sentence = state.error.empty() ? state.sentence : state.error;
  return verdict;
}

RunReport ReportOf(const std::vector<KnownCheck>& checks, Timestamp now) {
  RunReport report;
  report.started = now;
  report.standings.emplace();
  std::map<TableName, size_t> places;
  for (const KnownCheck& known : checks) {
    const auto [place, added] = places.try_emplace(known.check->table->name, report.tables.size());
    if (added) report.tables.emplace_back().table = known.check->table;
    report.tables[place->second].verdicts.push_back(VerdictOf(known, now));
    Standing standing;
    standing.next_run = known.next_run;
    if (known.state) {
      standing.since = known.state->since;
      standing.last_run = known.state->last_run;
      standing.last_success = known.state->last_success;
    }
    (*report.standings)[known.check->id] = standing;
  }
  report.Arrange();
  return report;
}

int ShowStatus(const CommandContext& context, const StatusFlags& flags) {
  int code = exit_code::kGood;
  const auto place = OpenPlace(context, flags.place, code);
  if (!place) return code;
  const auto checks = place->states->ReadChecks(flags.selection);
  if (!checks) return Complain(checks.error().message, ExitCodeOf(checks.error()));
  const auto idle = FindIdleWord(flags.selection, *place->states, *checks);
  if (!idle) return Complain(idle.error().message, ExitCodeOf(idle.error()));
  if (*idle) return Complain((*idle)->message, exit_code::kUsage);
  if (checks->empty()) {
    return Complain(place->states->Name() + " knows no check (yet)", exit_code::kUnknown);
  }

  const auto now = WallClock();
  RunReport report = ReportOf(*checks, now);
  report.told_by = place->states->Name();
  for (const InvalidFile& file : place->states->invalid_files()) {
    report.notes.push_back(
        fmt::format("{} ({})", file.reason,
                    file.kept ? "its last accepted text is in force" : "nothing of that file is in force"));
  }
  if (place->config) report.config_path = context.config_path;
  code = ExitCode(report, flags.fail_on);
  if (flags.format == StatusFormat::kJson) {
    Print(RenderReportJson(report, code));
  } else {
    Print(RenderReportText(report, StyleOf(context, flags.verbose), code));
  }
  return code;
}

}  // namespace

void AddStatusCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<StatusFlags>();
  CLI::App* status = app.add_subcommand("status", "show how everything stands now; measures nothing");
  AddSelectionFlags(*status, flags->selection);
  AddPlaceFlags(*status, flags->place);
  AddWordOption<StatusFormat>(*status, "--format", flags->format,
                              {{"text", StatusFormat::kText}, {"json", StatusFormat::kJson}},
                              "how the report is written");
  AddWordOption<FailOn>(*status, "--fail-on", flags->fail_on,
                        {{"fail", FailOn::kFail}, {"warn", FailOn::kWarn}}, "what makes the exit code 1");
  status->add_flag("-v,--verbose", flags->verbose, "a line for every check, passing ones too");
  status->footer(
      "Asks the service at --server or AMONT_SERVER (AMONT_TOKEN or AMONT_TOKEN_FILE, AMONT_CA_FILE,\n"
      "AMONT_CERT_FILE and AMONT_KEY_FILE go with it); without, reads the store `amont run` records into.\n\n"
      "Exits as `amont run` does; 2 also where the service does not answer\n\n"
      "Examples:\n  amont status --server 127.0.0.1:7433\n  amont status mart.* --owner finance --format=json");
  status->callback(
      [&context, flags] { context.action = [&context, flags] { return ShowStatus(context, *flags); }; });
}

}  // namespace amont
