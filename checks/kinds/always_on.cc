// What every table is checked for without being asked: that it and the columns its declarations name exist,
// and that it was not emptied.
#include <algorithm>
#include <set>

#include "checks/kinds/block.h"
#include "checks/kinds/registry.h"

namespace amont {
namespace {

// Columns that a measure needs. Of several freshness columns the first that exists will do, so none of them
// is needed.
void AddNeeded(const Check& check, std::set<std::string>& columns) {
  const auto add = [&](const std::optional<Metric>& metric) {
    if (!metric) return;
    const auto* newest = std::get_if<NewestTimestamp>(&*metric);
    if (newest != nullptr && newest->columns.size() > 1) return;
    for (std::string& column : ColumnsOf(*metric)) columns.insert(std::move(column));
  };
  add(check.measure.metric);
  add(check.measure.per);
  if (check.measure.window) columns.insert(check.measure.window->column);
  if (!check.measure.group_by.empty()) columns.insert(check.measure.group_by);
  if (const auto* match = std::get_if<ColumnsMatch>(&check.expectation)) {
    for (const ExpectedColumn& column : match->columns) columns.insert(column.name);
  }
}

std::vector<std::string> NamedColumns(TomlReader& table, const std::vector<Check>& checks) {
  std::set<std::string> columns;
  const TomlEntry* entry = table.Find("columns");
  if (entry != nullptr && entry->node.AsTable() != nullptr) {
    for (const TomlEntry& column : *entry->node.AsTable()) columns.insert(column.key.name);
  }
  for (const Check& check : checks) AddNeeded(check, columns);
  return {columns.begin(), columns.end()};
}

// Whether the check fails on an empty table anyway: it wants rows, of the whole table, and says so aloud.
bool CoversEmptied(const Check& check, const Lowering& lowering) {
  const Measure& measure = check.measure;
  const auto* between = std::get_if<Between>(&check.expectation);
  if (between == nullptr || !std::holds_alternative<RowCount>(measure.metric)) return false;
  if (!measure.where.empty() || measure.window || !measure.group_by.empty()) return false;
  const auto min = AsNumber(between->fail.min);
  return min && *min >= 1 && (!check.pilot.on || lowering.pilot.on);
}

}  // namespace

void LowerAlwaysOn(TomlReader& table, const Lowering& lowering, Lowered& lowered) {
  const bool covered = std::any_of(lowered.checks.begin(), lowered.checks.end(),
                                   [&](const Check& check) { return CoversEmptied(check, lowering); });
  const Span& place = lowering.table->declared_at;
  Exists exists{NamedColumns(table, lowered.checks)};
  Emit(NewDraft(lowering, "schema", place),
       {{.measure = "exists", .metric = Columns{}, .expectation = std::move(exists)}}, lowered);
  if (covered) return;
  Emit(NewDraft(lowering, "volume", place),
       {{.measure = "emptied", .metric = RowCount{}, .expectation = NotEmptied{}}}, lowered);
}

}  // namespace amont
