// `amont history`: what was measured and said of one check.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "core/limits.h"
#include "core/quoted.h"
#include "server/cli/check_history.h"
#include "server/cli/place.h"
#include "server/cli/word_option.h"
#include "server/clock/wall_clock.h"

namespace amont {

namespace {

enum class HistoryFormat { kText, kJson };

struct HistoryFlags {
  PlaceFlags place;
  std::string check;
  std::string since = "30d";
  std::string group;
  bool one_group = false;
  size_t limit = 20;
  HistoryFormat format = HistoryFormat::kText;
};

// Every page of a listing, oldest first.
template <class Row, class Query, class Read>
Result<std::vector<Row>> ReadWhole(Query query, const Read& read) {
  query.page.limit = limits::kPageSizeMax;
  std::vector<Row> rows;
  do {
    AMONT_TRY(auto page, read(query));
    rows.insert(rows.end(), std::make_move_iterator(page.rows.begin()),
                std::make_move_iterator(page.rows.end()));
    query.page.after = std::move(page.next);
  } while (!query.page.after.empty());
  std::reverse(rows.begin(), rows.end());
  return rows;
}

// `30d` is so long ago; otherwise a time.
Result<Timestamp> ReadSince(const std::string& text, Timestamp now) {
  if (const auto span = ParseDuration(text)) return now - *span;
  if (const auto at = ParseTimestamp(text)) return *at;
  return MakeError(
      ErrorCode::kInvalid,
      fmt::format("--since is a span such as 30d or 12h, or a time such as 2026-11-24T06:00:00Z, "
                  "not {}",
                  Quoted(text)));
}

Result<CheckHistory> ReadHistory(StateReader& states, const HistoryFlags& flags, Timestamp now) {
  CheckHistory history;
  history.check = flags.check;
  history.told_by = states.Name();
  if (flags.one_group) history.group = flags.group;
  history.now = now;
  AMONT_TRY(history.since, ReadSince(flags.since, now));
  AMONT_TRY(history.known, states.ReadCheck(flags.check));
  MeasurementQuery measured;
  measured.check = flags.check;
  measured.group = history.group;
  measured.since = history.since;
  AMONT_TRY(history.measured, ReadWhole<MeasurementRow>(measured, [&](const MeasurementQuery& query) {
              return states.ReadMeasurements(query);
            }));
  VerdictQuery said;
  said.check = flags.check;
  said.since = history.since;
  AMONT_TRY(const auto verdicts, ReadWhole<VerdictRow>(said, [&](const VerdictQuery& query) {
              return states.ReadVerdicts(query);
            }));
  history.changes = ChangesOf(verdicts);
  return history;
}

// Nobody knows this check: which one may have been meant?
int ComplainOfUnknown(StateReader& states, const std::string& id) {
  const auto checks = states.ReadChecks({});
  if (!checks) return Complain(checks.error().message, ExitCodeOf(checks.error()));
  Selection table;
  table.tables = {id};
  std::vector<std::string> of_table;
  std::vector<std::string> all;
  for (const KnownCheck& known : *checks) {
    all.push_back(known.check->id);
    if (table.Selects(*known.check)) of_table.push_back(known.check->id);
  }
  if (!of_table.empty()) {
    return Complain(
        fmt::format("{} is no check but a table; its checks are {}", Quoted(id), fmt::join(of_table, ", ")),
        exit_code::kUsage);
  }
  const std::string hint = DidYouMean(id, all);
  return Complain(fmt::format("there is no check {}{}", Quoted(id), hint.empty() ? "" : "; " + hint),
                  exit_code::kUsage);
}

// Whether the check has other groups than the one asked for; complains then.
std::optional<int> ComplainOfGroup(StateReader& states, const CheckHistory& history) {
  MeasurementQuery query;
  query.check = history.check;
  query.page.limit = limits::kPageSizeMax;
  const auto page = states.ReadMeasurements(query);
  if (!page) return Complain(page.error().message, ExitCodeOf(page.error()));
  std::set<std::string> groups;
  for (const MeasurementRow& row : page->rows) groups.insert(row.group);
  if (groups.empty() || groups.contains(*history.group)) return std::nullopt;
  if (groups == std::set<std::string>{""}) {
    return Complain(history.check + " has no group_by: leave --group out", exit_code::kUsage);
  }
  const std::string hint = DidYouMean(*history.group, {groups.begin(), groups.end()});
  return Complain(
      fmt::format("no group {} was measured{}", Quoted(*history.group), hint.empty() ? "" : "; " + hint),
      exit_code::kUsage);
}

int ShowHistory(const CommandContext& context, const HistoryFlags& flags) {
  int code = exit_code::kGood;
  const auto place = OpenPlace(context, flags.place, code);
  if (!place) return code;
  const auto now = WallClock();
  const auto history = ReadHistory(*place->states, flags, now);
  if (!history) return Complain(history.error().message, ExitCodeOf(history.error()));
  if (!history->known && history->measured.empty() && history->changes.empty()) {
    return ComplainOfUnknown(*place->states, flags.check);
  }
  if (history->group && history->measured.empty()) {
    if (const auto complained = ComplainOfGroup(*place->states, *history)) return *complained;
  }
  Print(flags.format == HistoryFormat::kJson
            ? RenderHistoryJson(*history)
            : RenderHistoryText(*history, StyleOf(context, false), flags.limit));
  return exit_code::kGood;
}

}  // namespace

void AddHistoryCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<HistoryFlags>();
  CLI::App* history = app.add_subcommand("history", "show what was measured and said of one check");
  history->add_option("CHECK", flags->check, "the id of the check, as reports print it")->required();
  AddPlaceFlags(*history, flags->place);
  history->add_option("--since", flags->since, "so long ago, or a time")
      ->option_text("30d")
      ->capture_default_str();
  CLI::Option* group =
      history->add_option("--group", flags->group, "only this group of a check with group_by")
          ->option_text("GROUP");
  history->add_option("--limit", flags->limit, "so many of the newest lines a list; 0: all")
      ->option_text("20");
  AddWordOption<HistoryFormat>(*history, "--format", flags->format,
                               {{"text", HistoryFormat::kText}, {"json", HistoryFormat::kJson}},
                               "how the history is written");
  history->footer(
      "Reads from the service or the store that `amont status` reads from.\n\n"
      "Examples:\n  amont history warehouse/mart.orders:volume --since 90d\n"
      "  amont history \"warehouse/mart.orders:null_ratio(email)\" --server 127.0.0.1:7433 --format=json");
  history->callback([&context, flags, group] {
    flags->one_group = group->count() > 0;
    context.action = [&context, flags] { return ShowHistory(context, *flags); };
  });
}

}  // namespace amont
