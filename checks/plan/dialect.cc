#include "checks/plan/dialect.h"

#include "checks/plan/dialect_duckdb.h"
#include "checks/plan/dialect_postgres.h"
#include "checks/plan/dialect_sqlite.h"

namespace amont {

std::unique_ptr<const Dialect> MakeDialect(Engine engine, const std::string& source,
                                           std::map<std::string, std::string> files) {
  switch (engine) {
    case Engine::kPostgres:
      return std::make_unique<PostgresDialect>();
    case Engine::kDuckdb:
      return std::make_unique<DuckdbDialect>(source, std::move(files));
    case Engine::kSqlite:
      return std::make_unique<SqliteDialect>();
  }
  return std::make_unique<PostgresDialect>();
}

}  // namespace amont
