// sql: a query of the user's own: rows that must not be, or one value within bounds.
#include <fmt/format.h>

#include "checks/kinds/block.h"
#include "checks/kinds/bounds.h"
#include "checks/kinds/change.h"
#include "checks/kinds/registry.h"

namespace amont {
namespace {

constexpr Key kKeys[] = {
    {.name = "name", .summary = "what the query makes sure of; ends the id after @", .required = true},
    {.name = "fail_rows",
     .shape = KeyShape::kSql,
     .summary = "a query: any row it gives is a failure, beyond `max` where stated"},
    {.name = "value", .shape = KeyShape::kSql, .summary = "or a query that gives one value"},
    kBoundsOf<KeyShape::kBound>[0],
    kBoundsOf<KeyShape::kBound>[1],
    kFailOf<KeyShape::kBound>,
    kWarnOf<KeyShape::kBound>,
    kChangeKey,
};

constexpr std::string_view kExample = R"([[table.sql]]
name      = "refunds never exceed the order"
fail_rows = "SELECT * FROM {table} WHERE refunded > amount"

[[table.sql]]
name   = "revenue close to yesterday"
value  = "SELECT sum(amount) FROM {table} WHERE placed_at::date = {today} - 1"
change = { versus = "1d", min = "-5%", max = "5%" }
)";

std::vector<Part> ReadFailRows(TomlReader& block, Draft& draft, std::string sql) {
  for (const std::string_view key : {"change", "min"}) {
    if (block.Find(key) == nullptr) continue;
    block.diagnostics().Error(block.KeyPlace(key),
                              fmt::format("`{}` works on `value`; rows of `fail_rows` are failures", key));
  }
  auto between = ReadBetween(block, Domain::kCount, draft.check);
  if (!between) between = Between{.fail = {.min = {}, .max = int64_t{0}}, .warn = {}, .groups = {}};
  return {Part{.measure = "sql", .metric = FailRows{std::move(sql)}, .expectation = *between}};
}

std::vector<Part> ReadValue(TomlReader& block, Draft& draft, const std::string& sql) {
  const size_t before = block.diagnostics().list().size();
  const auto between = ReadBetween(block, Domain::kOrdered, draft.check);
  const auto change = ReadChange(block, Domain::kNumber);
  std::vector<Part> parts;
  if (between) parts.push_back({.measure = "sql", .metric = CustomValue{sql}, .expectation = *between});
  if (change) parts.push_back({.measure = "sql_change", .metric = CustomValue{sql}, .expectation = *change});
  if (parts.empty() && !draft.enabled) return TurnedOff("sql", {});
  if (parts.empty() && block.diagnostics().list().size() == before) {
    block.diagnostics().Error(
        block.span(),
        block.what() + " states no bound on its value: give `min`, `max`, `fail`, `warn` or `change`");
  }
  return parts;
}

std::vector<Part> ReadBody(TomlReader& block, Draft& draft) {
  Diagnostics& diagnostics = block.diagnostics();
  if (block.Find("name") == nullptr) diagnostics.Error(block.span(), "[[table.sql]] needs a `name`");
  const auto fail_rows = ReadSql(block, "fail_rows");
  const auto value = ReadSql(block, "value");
  const bool has_rows = block.Find("fail_rows") != nullptr;
  const bool has_value = block.Find("value") != nullptr;
  for (const Key& key : kKeys) block.Know(key.name);
  if (has_rows && has_value) {
    diagnostics.Error(block.KeyPlace("value"), "either `fail_rows` or `value`: write two [[table.sql]]");
  } else if (!has_rows && !has_value && !draft.enabled) {
    return TurnedOff("sql", {});
  } else if (!has_rows && !has_value) {
    diagnostics.Error(block.span(), "[[table.sql]] needs `fail_rows` or `value`");
  } else if (has_rows && fail_rows) {
    return ReadFailRows(block, draft, *fail_rows);
  } else if (value) {
    return ReadValue(block, draft, *value);
  }
  return {};
}

void Lower(TomlReader& table, const Lowering& lowering, Lowered& lowered) {
  const TomlEntry* entry = table.Find("sql");
  if (entry == nullptr) return;
  const Block block{.kind = "sql",
                    .what = "[[table.sql]]",
                    .refusals = {.where = "write it in the query",
                                 .group_by = "a query of your own is judged as one; write one a group",
                                 .groups = {}}};
  LowerTables(*entry, block, lowering, table.diagnostics(), ReadBody, lowered);
}

}  // namespace

Kind SqlKind() {
  return {
      .name = "sql",
      .block = "[[table.sql]]",
      .summary = "a query of your own: rows that must not be, or one value within bounds",
      .example = kExample,
      .key = {.name = "sql", .shape = KeyShape::kTableOrTables, .keys = kKeys, .check_keys = true},
      .lower = Lower,
  };
}

}  // namespace amont
