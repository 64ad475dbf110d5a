// How DuckDB spells it. File tables are known to the connection by their names, so they are read like any
// table. Immutable.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "checks/plan/standard_dialect.h"

namespace amont {

class DuckdbDialect final : public StandardDialect {
 public:
  // `files`: the tables that are files, with their globs.
  DuckdbDialect(std::string source, std::map<std::string, std::string> files)
      : source_(std::move(source)), files_(std::move(files)) {}

  Engine engine() const override { return Engine::kDuckdb; }
  std::string AsText(const std::string& expression) const override;
  std::vector<Statement> CatalogStatements(const CatalogRequest& request) const override;
  void ReadCatalog(const Statement& statement, const Result<Rows>& rows, const std::string& source,
                   Catalog& catalog) const override;

 protected:
  std::string Tuple(const std::vector<std::string>& quoted) const override;
  std::string Percentile(const std::string& quoted, double fraction,
                         const std::string& filter) const override;
  std::string Mismatches(const std::string& text, const std::string& regex) const override;
  std::string ParseIso(const std::string& text, const Zone& zone) const override;

 private:
  const std::string source_;
  const std::map<std::string, std::string> files_;
};

}  // namespace amont
