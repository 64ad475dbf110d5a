#include "checks/plan/dialect_postgres.h"

#include <fmt/format.h>

#include <algorithm>

#include "checks/plan/catalog_postgres.h"
#include "checks/plan/scan_limit.h"
#include "checks/plan/sql_text.h"

namespace amont {
namespace {

bool IsOneOf(TypeFamily family, std::initializer_list<TypeFamily> families) {
  return std::find(families.begin(), families.end(), family) != families.end();
}

}  // namespace

std::string PostgresDialect::AsText(const std::string& expression) const {
  return "CAST(" + expression + " AS text)";
}

bool PostgresDialect::CanProbe(const TimeColumn& column) const {
  if (column.format == TimeFormat::kNative || column.format == TimeFormat::kIso) return column.type.IsTime();
  return column.type.family != TypeFamily::kText;
}

std::optional<std::string> PostgresDialect::Unsupported(const Metric& metric,
                                                        const CatalogTable* table) const {
  if (auto why = StandardDialect::Unsupported(metric, table)) return why;
  for (const std::string& name : ColumnsOf(metric)) {
    const CatalogColumn* column = FindColumn(table, name);
    if (column == nullptr) continue;
    const auto* aggregate = std::get_if<Aggregate>(&metric);
    if (aggregate != nullptr && IsOneOf(column->type.family, {TypeFamily::kBoolean, TypeFamily::kJson,
                                                              TypeFamily::kUuid, TypeFamily::kBinary})) {
      return fmt::format("PostgreSQL has no {}: column `{}` is {}", ToText(metric), name, column->type.text);
    }
    const bool compares = std::holds_alternative<DistinctCount>(metric) ||
                          std::holds_alternative<DuplicateCount>(metric) ||
                          std::holds_alternative<Orphans>(metric);
    if (compares && column->type.text == "json") {
      return fmt::format("PostgreSQL cannot compare column `{}`, which is json; jsonb can be", name);
    }
  }
  return std::nullopt;
}

std::vector<Statement> PostgresDialect::CatalogStatements(const CatalogRequest& request) const {
  return PostgresCatalogStatements(request);
}

void PostgresDialect::ReadCatalog(const Statement& statement, const Result<Rows>& rows,
                                  const std::string& source, Catalog& catalog) const {
  if (rows) return ReadPostgresCatalog(statement, *rows, source, catalog);
  for (const TableName& name : statement.tables) {  // not read is not absent
    CatalogTable& table = catalog.tables[name];
    table.name = name;
    table.read_error = "the catalog could not be read: " + rows.error().message;
  }
}

std::optional<Statement> PostgresDialect::EstimateStatement(const Statement& statement,
                                                            int64_t max_scan_rows) const {
  const bool reads = statement.cls == StatementClass::kScan || statement.cls == StatementClass::kGroup ||
                     statement.cls == StatementClass::kJoin || statement.cls == StatementClass::kCustom;
  if (max_scan_rows == 0 || !reads || statement.estimated_rows) return std::nullopt;
  Statement estimate = statement;
  estimate.sql = "EXPLAIN (VERBOSE) " + statement.sql;
  return estimate;
}

std::optional<Error> PostgresDialect::TooLarge(const Statement& statement, const Rows& estimate,
                                               int64_t max_scan_rows) const {
  int64_t rows = 0;
  for (const std::vector<Value>& line : estimate.rows) {
    const auto* text = line.empty() ? nullptr : std::get_if<std::string>(&line[0]);
    if (text != nullptr) rows += RowsReadBy(*text, statement.leaf_rows);
  }
  if (max_scan_rows == 0 || rows <= max_scan_rows) return std::nullopt;
  return TooManyRows(rows, max_scan_rows);
}

std::string PostgresDialect::Tuple(const std::vector<std::string>& quoted) const {
  return "(" + Join(quoted, ", ") + ")";
}

std::string PostgresDialect::Percentile(const std::string& quoted, double fraction,
                                        const std::string& filter) const {
  return fmt::format("percentile_cont({}) WITHIN GROUP (ORDER BY {}){}", fraction, quoted, filter);
}

std::string PostgresDialect::Mismatches(const std::string& text, const std::string& regex) const {
  return text + " !~ " + regex;
}

std::string PostgresDialect::ParseIso(const std::string& text, const Zone& zone) const {
  return fmt::format(
      "CASE WHEN {0} ~* '[0-9]:[0-9.]+ *(z|[+-][0-9:]+)$' THEN CAST({0} AS timestamptz)"
      " ELSE CAST({0} AS timestamp) AT TIME ZONE {1} END",
      text, QuoteText(zone.name()));
}

}  // namespace amont
