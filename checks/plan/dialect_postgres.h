// How PostgreSQL spells it. Stateless.
#pragma once

#include "checks/plan/standard_dialect.h"

namespace amont {

class PostgresDialect final : public StandardDialect {
 public:
  Engine engine() const override { return Engine::kPostgres; }
  std::string AsText(const std::string& expression) const override;
  bool CanProbe(const TimeColumn& column) const override;
  std::optional<std::string> Unsupported(const Metric& metric, const CatalogTable* table) const override;
  std::vector<Statement> CatalogStatements(const CatalogRequest& request) const override;
  void ReadCatalog(const Statement& statement, const Result<Rows>& rows, const std::string& source,
                   Catalog& catalog) const override;
  std::optional<Statement> EstimateStatement(const Statement& statement,
                                             int64_t max_scan_rows) const override;
  std::optional<Error> TooLarge(const Statement& statement, const Rows& estimate,
                                int64_t max_scan_rows) const override;

 protected:
  std::string Tuple(const std::vector<std::string>& quoted) const override;
  std::string Percentile(const std::string& quoted, double fraction,
                         const std::string& filter) const override;
  std::string Mismatches(const std::string& text, const std::string& regex) const override;
  std::string ParseIso(const std::string& text, const Zone& zone) const override;
};

}  // namespace amont
