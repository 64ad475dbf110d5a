// freshness: how old the newest row may be, or by when it must have arrived.
#include <fmt/format.h>

#include "checks/kinds/block.h"
#include "checks/kinds/registry.h"
#include "core/quoted.h"

namespace amont {
namespace {

constexpr Key kKeys[] = {
    {.name = "column",
     .shape = KeyShape::kStringOrStrings,
     .summary = "when a row was loaded or changed; of several, the first that exists"},
    {.name = "format",
     .shape = KeyShape::kWord,
     .summary = "how a column of numbers or text is read",
     .default_text = "the column's own type",
     .words = "unix_s|unix_ms|iso"},
    {.name = "value",
     .shape = KeyShape::kSql,
     .summary = "instead of a column: a query that gives the newest time"},
    {.name = "warn_after",
     .shape = KeyShape::kDuration,
     .summary = "by age: warns when the newest row is older"},
    {.name = "fail_after",
     .shape = KeyShape::kDuration,
     .summary = "by age: fails when the newest row is older"},
    {.name = "expected_by", .shape = KeyShape::kSchedule, .summary = "by deadline: cron with a zone"},
    {.name = "grace",
     .shape = KeyShape::kDuration,
     .summary = "judged so long after the deadline",
     .default_text = "0s"},
    {.name = "since",
     .shape = KeyShape::kDuration,
     .summary = "so long before the deadline a row counts as arrived for it",
     .default_text = "from midnight of the deadline's local day"},
    {.name = "future",
     .shape = KeyShape::kWord,
     .summary = "the status of rows later than now + 5 min",
     .default_text = "warn",
     .words = "ignore|warn|fail"},
};

constexpr std::string_view kExample = R"([table.freshness]
column     = "updated_at"
warn_after = "1h"
fail_after = "3h"
)";

std::optional<TimeFormat> ReadFormat(TomlReader& block) {
  const auto word = ReadWord(block, kKeys, "format");
  if (!word) return std::nullopt;
  return *word == "unix_s"    ? TimeFormat::kUnixSeconds
         : *word == "unix_ms" ? TimeFormat::kUnixMillis
                              : TimeFormat::kIso;
}

FuturePolicy ReadFuture(TomlReader& block) {
  const auto word = ReadWord(block, kKeys, "future");
  if (!word || *word == "warn") return FuturePolicy::kWarn;
  return *word == "fail" ? FuturePolicy::kFail : FuturePolicy::kIgnore;
}

void RequireColumns(const std::vector<std::string>& columns, TomlReader& block, const Draft& draft) {
  Diagnostics& diagnostics = block.diagnostics();
  if (columns.empty()) diagnostics.Error(block.Place("column"), "`column` names none");
  for (const std::string& column : columns) {
    if (column.empty()) diagnostics.Error(block.Place("column"), "`column` must not be empty");
    if (draft.check.table->IsPii(column)) {
      diagnostics.Error(
          block.Place("column"),
          fmt::format("{} is a pii column: its newest value would leave the database", Quoted(column)));
    }
  }
}

// What tells how new the table is; without `column` and `value` the engine's own counters.
Metric ReadMetric(TomlReader& block, const Draft& draft) {
  Diagnostics& diagnostics = block.diagnostics();
  const auto columns = block.StringOrStrings("column");
  const auto format = ReadFormat(block);
  const bool has_column = block.Find("column") != nullptr;
  const bool has_value = block.Find("value") != nullptr;
  auto sql = ReadSql(block, "value");
  if (has_column && has_value) {
    diagnostics.Error(block.KeyPlace("value"), "`value` stands instead of `column`: write one of them");
  }
  if (!has_column && block.Find("format") != nullptr) {
    diagnostics.Error(block.KeyPlace("format"), "`format` says how a `column` is read, and there is none");
  }
  if (has_value || !has_column) {
    const std::string_view why =
        has_value ? "write it in the query" : "only a `column` can be asked for some rows";
    for (const std::string_view key : {"where", "group_by"}) {
      if (block.Find(key) == nullptr) continue;
      diagnostics.Error(block.KeyPlace(key), fmt::format("`{}` does not work here: {}", key, why));
    }
  }
  if (!has_column && !has_value && block.Find("future") != nullptr) {
    diagnostics.Error(block.KeyPlace("future"),
                      "`future` needs a `column` or a `value`: observed changes are never later than now");
  }
  if (has_value) return CustomValue{sql.value_or("")};
  if (!has_column) return ChangeMark{};
  if (columns) RequireColumns(*columns, block, draft);
  return NewestTimestamp{columns.value_or(std::vector<std::string>{}), format.value_or(TimeFormat::kNative)};
}

std::optional<Duration> ReadSpan(TomlReader& block, std::string_view key) {
  const auto span = block.DurationOf(key);
  if (span && *span <= Duration{0}) {
    block.diagnostics().Error(block.Place(key), fmt::format("`{}` must be longer than 0", key));
  }
  return span;
}

MaxAge ReadMaxAge(TomlReader& block) {
  MaxAge age{.warn = ReadSpan(block, "warn_after"), .fail = ReadSpan(block, "fail_after"), .future = {}};
  if (age.warn && age.fail && *age.warn >= *age.fail) {
    block.diagnostics().Error(block.Place("warn_after"), "can never warn: `fail_after` comes first");
  }
  return age;
}

std::optional<ArrivedBy> ReadArrivedBy(TomlReader& block, const Draft& draft) {
  const auto text = block.String("expected_by");
  if (!text) return std::nullopt;
  ArrivedBy arrived;
  auto deadline = Schedule::Parse(*text, draft.check.ZoneOf());
  if (!deadline) {
    block.diagnostics().Error(block.Place("expected_by"), "`expected_by`: " + deadline.error().message);
  } else if (!deadline->is_cron()) {
    block.diagnostics().Error(block.Place("expected_by"),
                              "`expected_by` is a time of day in cron form, not an interval",
                              "for an age, write `fail_after`");
  } else {
    arrived.deadline = *deadline;
  }
  arrived.grace = block.DurationOf("grace").value_or(Duration{0});
  arrived.since = ReadSpan(block, "since");
  return arrived;
}

std::vector<Part> ReadBody(TomlReader& block, Draft& draft) {
  Diagnostics& diagnostics = block.diagnostics();
  const Metric metric = ReadMetric(block, draft);
  const FuturePolicy future = ReadFuture(block);
  MaxAge age = ReadMaxAge(block);
  std::optional<ArrivedBy> arrived = ReadArrivedBy(block, draft);
  const bool by_deadline = block.Find("expected_by") != nullptr;
  for (const std::string_view key : {"warn_after", "fail_after"}) {
    if (by_deadline && block.Find(key) != nullptr) {
      diagnostics.Error(
          block.KeyPlace(key),
          fmt::format("`{}` judges by age and `expected_by` by deadline: write two blocks", key));
    }
  }
  for (const std::string_view key : {"grace", "since"}) {
    if (!by_deadline && block.Find(key) != nullptr) {
      block.Know(key);
      diagnostics.Error(block.KeyPlace(key), fmt::format("`{}` needs `expected_by`", key));
    }
  }
  if (by_deadline) {
    if (!arrived) return {};
    arrived->future = future;
    return {Part{.measure = "freshness", .metric = metric, .expectation = *arrived}};
  }
  if (draft.enabled && !age.warn && !age.fail && block.Find("warn_after") == nullptr &&
      block.Find("fail_after") == nullptr) {
    diagnostics.Error(block.span(),
                      block.what() + " states no bound: give `fail_after`, `warn_after` or `expected_by`");
  }
  age.future = future;
  return {Part{.measure = "freshness", .metric = metric, .expectation = age}};
}

void Lower(TomlReader& table, const Lowering& lowering, Lowered& lowered) {
  const TomlEntry* entry = table.Find("freshness");
  if (entry == nullptr) return;
  const Block block{
      .kind = "freshness", .what = "[table.freshness]", .refusals = {.groups = "an age has no min and max"}};
  LowerTables(*entry, block, lowering, table.diagnostics(), ReadBody, lowered);
}

}  // namespace

Kind FreshnessKind() {
  return {
      .name = "freshness",
      .block = "[table.freshness]",
      .summary = "how old the newest row may be, or by when it must have arrived",
      .example = kExample,
      .key = {.name = "freshness",
              .shape = KeyShape::kTableOrTables,
              .summary = {},
              .keys = kKeys,
              .check_keys = true},
      .lower = Lower,
  };
}

}  // namespace amont
