// The keys of [[table]] that belong to no kind, those of [defaults], and those of a whole file.
#include <array>

#include "checks/kinds/kind.h"

namespace amont {
namespace {

constexpr Key kTableKeys[] = {
    {.name = "name",
     .summary = "schema.table; `*` and {captures} match tables of the catalog",
     .required = true},
    {.name = "exclude",
     .shape = KeyShape::kStringOrStrings,
     .summary = "of a wildcard: names that do not match after all"},
    {.name = "was", .shape = KeyShape::kStrings, .summary = "earlier names, whose history it carries on"},
    // From here on [defaults] takes them too.
    {.name = "include",
     .shape = KeyShape::kWords,
     .summary = "what a wildcard matches beside ordinary, partitioned and materialised tables",
     .words = "views|foreign|leaves"},
    {.name = "source", .summary = "which [source.NAME] holds it", .default_text = "the only source there is"},
    {.name = "description", .summary = "for people"},
    {.name = "owner", .summary = "which [owner.NAME] hears of failures"},
    {.name = "tier", .shape = KeyShape::kInteger, .summary = "how important it is, from 1 (most) to 5"},
    {.name = "schedule",
     .shape = KeyShape::kSchedule,
     .summary = "\"15m\", or cron with a zone: \"0 6 * * 1-5 Europe/Paris\"",
     .default_text = "15m"},
    {.name = "timezone",
     .shape = KeyShape::kZone,
     .summary = "of days, dates and naive timestamps",
     .default_text = "the source's"},
    {.name = "calendar", .summary = "which [calendar.NAME] says what a working day is"},
    {.name = "scope",
     .shape = KeyShape::kSql,
     .summary = "WHERE of every scan: \"placed_at >= {today} - 30\""},
    {.name = "upstream", .shape = KeyShape::kStrings, .summary = "tables it is made from"},
    {.name = "feeds",
     .shape = KeyShape::kStrings,
     .summary = "what it serves, as type:name: \"dashboard:Revenue\", \"job:namespace/name\""},
    {.name = "tags",
     .shape = KeyShape::kStringOrStrings,
     .summary = "for choosing checks on the command line"},
    {.name = "runbook", .summary = "link: what to do when a check fails"},
    {.name = "not_null",
     .shape = KeyShape::kStringOrStrings,
     .summary = "columns without NULL: null_count at most 0"},
    {.name = "unique",
     .shape = KeyShape::kColumnLists,
     .summary = "columns, or lists of them, without duplicates"},
    {.name = "severity",
     .shape = KeyShape::kWord,
     .summary = "of its checks",
     .default_text = "critical where tier = 1, else warning",
     .words = "critical|warning|info"},
    {.name = "pilot",
     .shape = KeyShape::kBooleanOrDate,
     .summary = "true, or a last day: measured and shown, but never announced or counted",
     .default_text = "false"},
    {.name = "enabled",
     .shape = KeyShape::kBoolean,
     .summary = "false: none of its checks is measured",
     .default_text = "true"},
};

constexpr size_t kTableOnly = 3;

std::vector<Key> WithKinds(std::span<const Key> keys) {
  std::vector<Key> all(keys.begin(), keys.end());
  for (const Kind& kind : Kinds()) {
    all.push_back(kind.key);
    all.back().summary = kind.summary;
  }
  return all;
}

}  // namespace

std::span<const Key> TableKeys() { return kTableKeys; }
std::span<const Key> DefaultsKeys() { return TableKeys().subspan(kTableOnly); }

std::span<const Key> DeclarationKeys() {
  static const std::vector<Key> table = WithKinds(TableKeys());
  static const std::vector<Key> defaults = WithKinds(DefaultsKeys());
  static const std::array keys = {
      Key{.name = "defaults",
          .shape = KeyShape::kTable,
          .summary = "what every [[table]] of the file says unless it says otherwise",
          .keys = defaults},
      Key{.name = "table",
          .shape = KeyShape::kTables,
          .summary = "one table, or all that match a wildcard",
          .keys = table},
  };
  return keys;
}

}  // namespace amont
