#include "tests/core/sql/engine_case.h"

#include "tests/core/sql/duckdb_writer.h"
#include "tests/core/sql/sqlite_writer.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

using namespace std::chrono_literals;

const Timestamp kAt = Timestamp(std::chrono::sys_days(2001y / 6 / 30)) + 23h + 59min + 1500us;
const LocalTime kLocal = LocalTime(kAt.time_since_epoch());
const Date kDay = 2001y / 6 / 30;

EngineCase Postgres() {
  EngineCase postgres;
  postgres.name = "Postgres";
  postgres.engine = Engine::kPostgres;
  postgres.unavailable = [] { return PostgresServer::Unavailable(); };
  postgres.make = [](const TempDir&) {
    static const std::string shared = [] {  // all tests want it unchanged
      std::string url = PostgresServer::Get().CreateDatabase();
      ExecuteSql(url, "CREATE TABLE kept (a bigint); INSERT INTO kept VALUES (1)");
      return url;
    }();
    ConnectOptions options;
    options.url = shared;
    return options;
  };
  postgres.rows = "SELECT i FROM generate_series(1::bigint, 5000) AS i";
  postgres.endless = "SELECT count(*) FROM generate_series(1, 100000) AS a, generate_series(1, 100000) AS b";
  postgres.evaluation_error = "SELECT CAST(text AS BIGINT) FROM (VALUES ('marker')) AS t (text)";
  postgres.kinds = {
      {Value(), "CAST($1 AS BIGINT)", Value()},
      {true, "CAST($1 AS BOOLEAN)", true},
      {int64_t{-7}, "CAST($1 AS BIGINT)", int64_t{-7}},
      {0.1, "CAST($1 AS DOUBLE PRECISION)", 0.1},
      {Decimal{"-12.50"}, "CAST($1 AS NUMERIC(12,2))", Decimal{"-12.50"}},
      {kAt, "CAST($1 AS TIMESTAMPTZ)", kAt},
      {kLocal, "CAST($1 AS TIMESTAMP)", kLocal},
      {kDay, "CAST($1 AS DATE)", kDay},
      {std::string("🦆"), "CAST($1 AS TEXT)", std::string("🦆")},
  };
  return postgres;
}

EngineCase Duckdb() {
  EngineCase duckdb;
  duckdb.name = "Duckdb";
  duckdb.engine = Engine::kDuckdb;
  duckdb.unavailable = [] { return std::string(); };
  duckdb.make = [](const TempDir& dir) {
    ConnectOptions options;
    options.url = "duckdb:";
    options.files["kept"] = dir.Write("kept.csv", "a\n1\n");
    return options;
  };
  duckdb.rows = "SELECT CAST(range AS BIGINT) AS i FROM range(1, 5001)";
  duckdb.endless =
      "SELECT count(*) FROM range(10000000) AS a, range(10000000) AS b WHERE (a.range * b.range) % 7 = 3";
  duckdb.evaluation_error = "SELECT CAST(text AS BIGINT) FROM (VALUES ('marker')) AS t (text)";
  duckdb.kinds = {
      {Value(), "CAST($1 AS BIGINT)", Value()},
      {true, "CAST($1 AS BOOLEAN)", true},
      {int64_t{-7}, "CAST($1 AS BIGINT)", int64_t{-7}},
      {0.1, "CAST($1 AS DOUBLE)", 0.1},
      {Decimal{"-12.50"}, "CAST($1 AS DECIMAL(12,2))", Decimal{"-12.50"}},
      {kAt, "CAST($1 AS TIMESTAMPTZ)", kAt},
      {kLocal, "CAST($1 AS TIMESTAMP)", kLocal},
      {kDay, "CAST($1 AS DATE)", kDay},
      {std::string("🦆"), "CAST($1 AS VARCHAR)", std::string("🦆")},
  };
  return duckdb;
}

EngineCase DuckdbDatabase() {
  EngineCase duckdb = Duckdb();
  duckdb.name = "DuckdbDatabase";
  duckdb.make = [](const TempDir& dir) {
    DuckdbWriter(dir.Path("w.duckdb")).Run("CREATE TABLE kept AS SELECT 1::BIGINT AS a");
    ConnectOptions options;
    options.url = "duckdb:w.duckdb";
    return options;
  };
  return duckdb;
}

// Its few storage classes show: no booleans, no decimals, and times are numbers or texts.
EngineCase Sqlite() {
  EngineCase sqlite;
  sqlite.name = "Sqlite";
  sqlite.engine = Engine::kSqlite;
  sqlite.unavailable = [] { return std::string(); };
  sqlite.make = [](const TempDir& dir) {
    SqliteWriter(dir.Path("w.db")).Run("CREATE TABLE kept AS SELECT 1 AS a");
    ConnectOptions options;
    options.url = "sqlite:w.db";
    return options;
  };
  sqlite.rows =
      "SELECT i FROM (WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 5000) SELECT "
      "i FROM t)";
  sqlite.endless = "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t";
  sqlite.evaluation_error = "SELECT json(text) FROM (SELECT 'marker' AS text)";
  sqlite.kinds = {
      {Value(), "CAST($1 AS BIGINT)", Value()},
      {true, "$1", int64_t{1}},
      {int64_t{-7}, "CAST($1 AS BIGINT)", int64_t{-7}},
      {0.1, "CAST($1 AS DOUBLE PRECISION)", 0.1},
      {Decimal{"-12.50"}, "$1", -12.5},
      {kAt, "$1", int64_t{kAt.time_since_epoch().count()}},
      {kLocal, "$1", std::string("2001-06-30 23:59:00.0015")},
      {kDay, "$1", std::string("2001-06-30")},
      {std::string("🦆"), "$1", std::string("🦆")},
  };
  return sqlite;
}

}  // namespace

const std::vector<EngineCase>& EngineCases() {
  static const std::vector<EngineCase> cases = {Postgres(), Duckdb(), DuckdbDatabase(), Sqlite()};
  return cases;
}

}  // namespace amont::testing
