#include "checks/plan/as_of.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "checks/plan/settle.h"
#include "checks/plan/sql_text.h"

namespace amont {
namespace {

// The time column that a check names, where rows can be compared by it.
std::optional<TimeColumn> UsableColumn(const Check& check, const CatalogTable* facts) {
  std::optional<TimeColumn> column;
  if (const auto* newest = std::get_if<NewestTimestamp>(&check.measure.metric)) {
    column = TimeColumnOf(*newest, check.ZoneOf(), facts);
  } else if (check.measure.window) {
    column = TimeColumnOf(check.measure.window->column, check.ZoneOf(), facts);
  }
  if (!column || facts == nullptr) return column;
  const CatalogColumn* known = facts->Find(column->name);
  const bool usable = known != nullptr && known->readable && TimeProblem(*column).empty();
  return usable ? column : std::nullopt;
}

bool HasNulls(const std::string& column, const CatalogTable* facts) {
  const CatalogColumn* known = facts == nullptr ? nullptr : facts->Find(column);
  return known == nullptr || known->nullable || !facts->not_null_proves;
}

}  // namespace

AsOf::AsOf(const Planning& planning) : planning_(planning) {
  if (!planning.options.as_of) return;
  const auto& declared = planning.options.declared;
  const std::span<const CheckPtr> checks =
      declared.empty() ? planning.checks : std::span<const CheckPtr>(declared);
  std::map<TableName, TimeColumn> by_window;
  for (const CheckPtr& check : checks) {
    const TableName& table = check->table->name;
    auto column = UsableColumn(*check, planning.Facts(table));
    if (!column) continue;
    auto& columns = std::holds_alternative<NewestTimestamp>(check->measure.metric) ? columns_ : by_window;
    columns.try_emplace(table, std::move(*column));
  }
  columns_.merge(by_window);
}

bool AsOf::CutsBy(const TableName& table, const std::string& column) const {
  const auto found = columns_.find(table);
  return found != columns_.end() && found->second.name == column;
}

RowSet AsOf::RowsOf(const Table& table) const {
  RowSet rows;
  rows.table = table.name;
  rows.from = planning_.dialect.From(table.name);
  const std::string scope = Enclose(FillIn(table.scope, table.name, table.zone, rows.with));
  rows.foreign_sql = !scope.empty();
  rows.where = AllOf({scope, Test(table.name)});
  return rows;
}

std::string AsOf::FillIn(const std::string& text, const TableName& table, const Zone& zone,
                         std::string& with) const {
  if (text.find('{') == std::string::npos) return text;
  const Dialect& dialect = planning_.dialect;
  const Timestamp now = planning_.options.now;
  const std::string whole = dialect.From(table);
  const bool cut = Cuts(table) && ReadsTable(text);
  if (cut) with = Cte(table);
  return Replace(text, {.table = cut ? dialect.Quote(table.table) : whole,
                        .table_text = whole,
                        .now = dialect.Literal(now),
                        .today = dialect.Literal(zone.LocalDay(now))});
}

std::string AsOf::Test(const TableName& table) const {
  const auto found = columns_.find(table);
  if (found == columns_.end()) return {};
  const TimeColumn& column = found->second;
  const Dialect& dialect = planning_.dialect;
  const std::string before = dialect.TimeTest(column, "<", planning_.options.now);
  if (!HasNulls(column.name, planning_.Facts(table))) return before;
  return fmt::format("({} OR {} IS NULL)", before, dialect.TimeValue(column));
}

// Not materialized: conditions of the query reach the table's indexes, however often it is named.
std::string AsOf::Cte(const TableName& table) const {
  const Dialect& dialect = planning_.dialect;
  std::vector<std::string> columns;  // those that may be read, where not all may be
  const CatalogTable* facts = planning_.Facts(table);
  if (facts != nullptr && !std::ranges::all_of(facts->columns, &CatalogColumn::readable)) {
    for (const CatalogColumn& column : facts->columns) {
      if (column.readable) columns.push_back(dialect.Quote(column.name));
    }
  }
  return fmt::format("{} AS NOT MATERIALIZED (SELECT {} FROM {} WHERE {})", dialect.Quote(table.table),
                     columns.empty() ? "*" : Join(columns, ", "), dialect.FromBeneath(table), Test(table));
}

}  // namespace amont
