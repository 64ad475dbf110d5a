#include "checks/plan/dialect_duckdb.h"

#include <fmt/format.h>

#include "checks/plan/catalog_duckdb.h"
#include "checks/plan/sql_text.h"

namespace amont {

std::string DuckdbDialect::AsText(const std::string& expression) const {
  return "CAST(" + expression + " AS VARCHAR)";
}

std::vector<Statement> DuckdbDialect::CatalogStatements(const CatalogRequest& request) const {
  return DuckdbCatalogStatements(request, source_, files_);
}

void DuckdbDialect::ReadCatalog(const Statement& statement, const Result<Rows>& rows,
                                const std::string& source, Catalog& catalog) const {
  ReadDuckdbCatalog(statement, rows, source, catalog);
}

std::string DuckdbDialect::Tuple(const std::vector<std::string>& quoted) const {
  return "(" + Join(quoted, ", ") + ")";
}

std::string DuckdbDialect::Percentile(const std::string& quoted, double fraction,
                                      const std::string& filter) const {
  return fmt::format("quantile_cont(CAST({} AS DOUBLE), {}){}", quoted, fraction, filter);
}

std::string DuckdbDialect::Mismatches(const std::string& text, const std::string& regex) const {
  return "NOT regexp_matches(" + text + ", " + regex + ")";
}

std::string DuckdbDialect::ParseIso(const std::string& text, const Zone& zone) const {
  return fmt::format(
      "CASE WHEN regexp_matches({0}, '[0-9]:[0-9.]+ *([zZ]|[+-][0-9:]+)$') THEN CAST({0} AS TIMESTAMPTZ)"
      " ELSE timezone({1}, CAST({0} AS TIMESTAMP)) END",
      text, QuoteText(zone.name()));
}

}  // namespace amont
