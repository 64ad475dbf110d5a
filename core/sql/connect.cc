#include "core/sql/connection.h"
#include "core/sql/duckdb.h"
#include "core/sql/postgres.h"
#include "core/sql/sqlite.h"

namespace amont {

Result<std::unique_ptr<Connection>> Connect(const ConnectOptions& options, std::stop_token stop) {
  AMONT_TRY(const Engine engine, EngineOf(options.url));
  if (engine == Engine::kPostgres) return ConnectPostgres(options, std::move(stop));
  if (engine == Engine::kDuckdb) return ConnectDuckdb(options, std::move(stop));
  return ConnectSqlite(options, std::move(stop));
}

}  // namespace amont
