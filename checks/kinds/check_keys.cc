#include "checks/kinds/check_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "checks/kinds/bounds.h"
#include "checks/placeholder.h"
#include "core/limits.h"
#include "core/quoted.h"

namespace amont {
namespace {

constexpr Key kCheckKeys[] = {
    {.name = "name", .summary = "tells checks of one measure apart; ends the id after @"},
    {.name = "severity",
     .shape = KeyShape::kWord,
     .summary = "how urgent a failure is",
     .default_text = "critical where tier = 1, else warning",
     .words = "critical|warning|info"},
    {.name = "where",
     .shape = KeyShape::kSql,
     .summary = "condition on the rows judged; joins the table's one scan as a FILTER"},
    {.name = "group_by", .summary = "column: judges each of its values apart, as one check"},
    {.name = "max_groups",
     .shape = KeyShape::kInteger,
     .summary = "so many groups, largest first; the rest is (other), NULL is (null)",
     .default_text = "50"},
    {.name = "groups",
     .shape = KeyShape::kNamedTables,
     .summary = "bounds of single groups, which count 0 when absent: { FR = { min = 10_000 } }",
     .keys = kBoundsOf<KeyShape::kBound>},
    {.name = "group_alerts",
     .shape = KeyShape::kWord,
     .summary = "one incident a check, or one a group",
     .default_text = "check",
     .words = "check|each"},
    {.name = "schedule",
     .shape = KeyShape::kSchedule,
     .summary = "\"15m\", or cron with a zone",
     .default_text = "the table's"},
    {.name = "timezone",
     .shape = KeyShape::kZone,
     .summary = "of days, dates and naive timestamps",
     .default_text = "the table's"},
    {.name = "calendar", .summary = "of working days, declared in amont.toml", .default_text = "the table's"},
    {.name = "on_empty",
     .shape = KeyShape::kWord,
     .summary = "the status where there was no row to judge",
     .default_text = "freshness: fail, else no_data",
     .words = "fail|warn|no_data|pass"},
    {.name = "description", .summary = "for people"},
    {.name = "runbook", .summary = "link: what to do when it fails", .default_text = "the table's"},
    {.name = "tags", .shape = KeyShape::kStringOrStrings, .summary = "added to the table's"},
    {.name = "enabled",
     .shape = KeyShape::kBoolean,
     .summary = "false: not measured; also turns off a wildcard's check of this id",
     .default_text = "true"},
    {.name = "pilot",
     .shape = KeyShape::kBooleanOrDate,
     .summary = "true, or a last day: measured and shown, but never announced or counted",
     .default_text = "the table's"},
    {.name = "samples",
     .shape = KeyShape::kInteger,
     .summary = "rows of a failure to show on the terminal, at most 20",
     .default_text = "0"},
    {.name = "was",
     .shape = KeyShape::kStringOrStrings,
     .summary = "earlier ids, whose history this check carries on"},
};

void ReadName(TomlReader& block, Draft& draft) {
  const auto name = block.String("name");
  if (!name) return;
  draft.check.name = *name;
  const bool printable =
      std::none_of(name->begin(), name->end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
  if (name->empty() || !printable || name->size() > limits::kCheckNameBytesMax) {
    block.diagnostics().Error(block.Place("name"), fmt::format("`name` must be one line of 1 to {} bytes",
                                                               limits::kCheckNameBytesMax));
  }
}

void ReadTimes(TomlReader& block, const Lowering& lowering, Check& check) {
  if (const auto name = block.String("timezone")) {
    auto zone = Zone::Load(*name);
    if (zone) {
      check.zone = *zone;
    } else {
      block.diagnostics().Error(block.Place("timezone"), "`timezone`: " + zone.error().message);
    }
  }
  if (const auto text = block.String("schedule")) {
    auto schedule = Schedule::Parse(*text, check.ZoneOf());
    if (schedule) {
      check.schedule = *schedule;
    } else {
      block.diagnostics().Error(block.Place("schedule"), "`schedule`: " + schedule.error().message);
    }
  }
  if (const auto name = block.String("calendar")) {
    std::vector<std::string> known;
    if (lowering.calendars != nullptr) {
      for (const auto& [other, calendar] : *lowering.calendars) known.push_back(other);
      if (const auto found = lowering.calendars->find(*name); found != lowering.calendars->end()) {
        check.calendar = found->second;
      }
    }
    if (check.calendar == nullptr) {
      block.diagnostics().Error(block.Place("calendar"),
                                fmt::format("no calendar is called {}", Quoted(*name)),
                                DidYouMean(*name, known));
    }
  }
}

void ReadWhere(TomlReader& block, const Refusals& refusals, Draft& draft) {
  if (block.Find("where") == nullptr) return;
  if (!refusals.where.empty()) {
    block.diagnostics().Error(block.KeyPlace("where"),
                              fmt::format("`where` does not work here: {}", refusals.where));
    return;
  }
  draft.check.measure.where = ReadSql(block, "where").value_or("");
}

// A whole number within [low, high], or a diagnostic.
std::optional<int> ReadSmallInteger(TomlReader& block, std::string_view key, int low, int high) {
  const auto number = block.Integer(key);
  if (!number) return std::nullopt;
  if (*number >= low && *number <= high) return static_cast<int>(*number);
  block.diagnostics().Error(block.Place(key), fmt::format("`{}` must be {} to {}", key, low, high));
  return std::nullopt;
}

void ReadGrouping(TomlReader& block, const Refusals& refusals, Draft& draft) {
  Diagnostics& diagnostics = block.diagnostics();
  const auto column = block.String("group_by");
  draft.check.groups_max = ReadSmallInteger(block, "max_groups", 1, limits::kGroupsDeclaredMax).value_or(0);
  draft.check.group_alerts_each = ReadWord(block, kCheckKeys, "group_alerts") == "each";
  if (block.Find("group_by") == nullptr) {
    for (const std::string_view key : {"max_groups", "groups", "group_alerts"}) {
      if (block.Find(key) != nullptr) {
        diagnostics.Error(block.KeyPlace(key), fmt::format("`{}` needs `group_by`", key));
      }
    }
    return;
  }
  if (!refusals.group_by.empty()) {
    diagnostics.Error(block.KeyPlace("group_by"),
                      fmt::format("`group_by` does not work here: {}", refusals.group_by));
    return;
  }
  if (!refusals.groups.empty() && block.Find("groups") != nullptr) {
    diagnostics.Error(block.KeyPlace("groups"),
                      fmt::format("`groups` does not work here: {}", refusals.groups));
  }
  if (!column) return;
  draft.check.measure.group_by = *column;
  if (column->empty()) {
    diagnostics.Error(block.Place("group_by"), "`group_by` must name a column");
  } else if (draft.check.table->IsPii(*column)) {
    diagnostics.Error(
        block.Place("group_by"),
        fmt::format("{} is a pii column: its values would leave the database as groups", Quoted(*column)));
  }
}

void ReadWas(TomlReader& block, Draft& draft) {
  const auto was = block.StringOrStrings("was");
  if (!was) return;
  for (const std::string& id : *was) {
    if (MeasureWord(id).empty()) {
      block.diagnostics().Error(block.Place("was"),
                                fmt::format("{} is no id: source/schema.table:measure", Quoted(id)));
    }
  }
  draft.check.was = *was;
}

}  // namespace

std::span<const Key> CheckKeys() { return kCheckKeys; }

const Key* FindKey(std::span<const Key> keys, std::string_view name) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::vector<std::string> WordsOf(const Key& key) {
  std::vector<std::string> split;
  for (std::string_view words = key.words; !words.empty();) {
    const size_t bar = std::min(words.find('|'), words.size());
    split.emplace_back(words.substr(0, bar));
    words.remove_prefix(std::min(bar + 1, words.size()));
  }
  return split;
}

std::optional<std::string> ReadWord(TomlReader& block, std::span<const Key> keys, std::string_view key) {
  const Key* found = FindKey(keys, key);
  return found == nullptr ? std::nullopt : block.Word(key, WordsOf(*found));
}

Severity ReadSeverity(TomlReader& block, Severity otherwise) {
  const auto word = ReadWord(block, kCheckKeys, "severity");
  if (!word) return otherwise;
  return *word == "critical" ? Severity::kCritical : *word == "info" ? Severity::kInfo : Severity::kWarning;
}

Pilot ReadPilot(TomlReader& block, Pilot otherwise) {
  const TomlEntry* entry = block.Find("pilot");
  if (entry == nullptr) return otherwise;
  if (const bool* on = std::get_if<bool>(&entry->node.value)) return {.on = *on, .last_day = std::nullopt};
  if (const Date* day = std::get_if<Date>(&entry->node.value)) return {.on = true, .last_day = *day};
  if (const std::string* text = entry->node.AsString()) {
    if (const Result<Date> day = ParseDate(*text)) return {.on = true, .last_day = *day};
  }
  block.diagnostics().Error(entry->node.span,
                            "`pilot` must be true, false or its last day, such as 2026-12-31");
  return otherwise;
}

std::string_view MeasureWord(std::string_view id) {
  bool quoted = false;
  for (size_t at = 0; at < id.size(); ++at) {
    if (id[at] == '"') quoted = !quoted;
    if (id[at] != ':' || quoted) continue;
    const std::string_view rest = id.substr(at + 1);
    return rest.substr(0, rest.find_first_of("(@"));
  }
  return {};
}

Draft NewDraft(const Lowering& lowering, std::string_view kind, const Span& declared_at) {
  Draft draft;
  draft.enabled = lowering.enabled;
  draft.check.table = lowering.table;
  draft.check.kind = kind;
  draft.check.declared_at = declared_at;
  draft.check.severity = lowering.severity;
  draft.check.pilot = lowering.pilot;
  draft.check.on_empty = kind == "freshness" ? Status::kFail : Status::kNoData;
  draft.check.runbook = lowering.table->runbook;
  draft.check.tags = lowering.table->tags;
  return draft;
}

void ReadCheckKeys(TomlReader& block, const Lowering& lowering, const Refusals& refusals, Draft& draft) {
  Check& check = draft.check;
  ReadName(block, draft);
  check.severity = ReadSeverity(block, check.severity);
  ReadWhere(block, refusals, draft);
  ReadGrouping(block, refusals, draft);
  ReadTimes(block, lowering, check);
  if (const auto word = ReadWord(block, kCheckKeys, "on_empty"))
    check.on_empty = ParseStatus(*word).value_or(check.on_empty);
  check.description = block.String("description").value_or("");
  if (auto runbook = block.String("runbook")) check.runbook = std::move(*runbook);
  for (std::string& tag : block.StringOrStrings("tags").value_or(std::vector<std::string>{})) {
    if (std::find(check.tags.begin(), check.tags.end(), tag) == check.tags.end())
      check.tags.push_back(std::move(tag));
  }
  draft.enabled = block.Boolean("enabled").value_or(true) && lowering.enabled;
  check.pilot = ReadPilot(block, check.pilot);
  check.samples = ReadSmallInteger(block, "samples", 0, limits::kSamplesMax).value_or(0);
  ReadWas(block, draft);
}

namespace {

// Captures are filled in before; what is left in braces must be one of ours. Only the first is called out,
// and only once where it stands in [defaults].
void RejectUnknownPlaceholder(std::string_view text, const Span& place, Diagnostics& diagnostics) {
  const std::vector<std::string> known = {"table", "now", "today"};
  for (auto next = NextPlaceholder(text, 0); next; next = NextPlaceholder(text, next->end)) {
    if (next->doubled || std::ranges::find(known, next->word) != known.end()) continue;
    const bool said = std::ranges::any_of(diagnostics.list(), [&](const Diagnostic& each) {
      return each.span.file == place.file && each.span.line == place.line && each.span.column == place.column;
    });
    if (said) return;
    std::string hint = DidYouMean(next->word, known);
    if (hint.empty()) hint = fmt::format("for the braces themselves write {{{{{}}}}}", next->word);
    diagnostics.Error(
        place,
        fmt::format("{{{}}} stands for nothing: only {{table}}, {{now}}, {{today}} and captures "
                    "of the table's name are replaced",
                    next->word),
        std::move(hint));
    return;
  }
}

}  // namespace

std::optional<std::string> ReadSql(TomlReader& block, std::string_view key) {
  auto text = block.String(key);
  if (!text) return std::nullopt;
  constexpr std::string_view kBlank = " \t\r\n";
  text->erase(0, std::min(text->find_first_not_of(kBlank), text->size()));
  text->erase(text->find_last_not_of(std::string(kBlank) + ";") + 1);
  if (text->empty()) {
    block.diagnostics().Error(block.Place(key), fmt::format("`{}` is empty", key));
    return std::nullopt;
  }
  if (text->size() > limits::kSqlBytesMax) {
    block.diagnostics().Error(block.Place(key),
                              fmt::format("`{}` is longer than {} KiB", key, limits::kSqlBytesMax >> 10));
    return std::nullopt;
  }
  RejectUnknownPlaceholder(*text, block.Place(key), block.diagnostics());
  return text;
}

}  // namespace amont
