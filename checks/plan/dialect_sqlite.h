// How SQLite spells it. Times are texts there: they are normalised before they are compared, an offset in
// them honoured, one without read in the table's zone. Stateless.
//
// Needs the functions our connection adds: regexp, amont_stddev(x), amont_percentile(x, fraction).
#pragma once

#include "checks/plan/standard_dialect.h"

namespace amont {

class SqliteDialect final : public StandardDialect {
 public:
  Engine engine() const override { return Engine::kSqlite; }
  std::string FromBeneath(const TableName& table) const override;
  std::string Literal(const Value& value) const override;
  std::string Now() const override { return "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"; }
  std::string AsText(const std::string& expression) const override;
  std::string TimeValue(const TimeColumn& column) const override;
  std::string TimeTest(const TimeColumn& column, std::string_view op, Timestamp limit) const override;
  std::string WindowTest(const TimeColumn& column, const WindowSpan& span,
                         std::vector<Value>& params) const override;
  bool CanProbe(const TimeColumn& column) const override;
  std::vector<Statement> CatalogStatements(const CatalogRequest& request) const override;
  void ReadCatalog(const Statement& statement, const Result<Rows>& rows, const std::string& source,
                   Catalog& catalog) const override;

 protected:
  std::string Tuple(const std::vector<std::string>& quoted) const override;
  std::string Percentile(const std::string& quoted, double fraction,
                         const std::string& filter) const override;
  std::string Stddev(const std::string& quoted) const override { return "amont_stddev(" + quoted + ")"; }
  std::string Mismatches(const std::string& text, const std::string& regex) const override;
  std::string ParseIso(const std::string& text, const Zone& zone) const override;
};

}  // namespace amont
