// What a declaration may not do: write, leave its source, change the session, reach another file. On real
// engines, by the program itself; what it tried is an error of its check, and the database is as it was.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/core/sql/duckdb_writer.h"
#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

// One declaration with each text as `value`, as `fail_rows` and as `where`.
std::string Declare(const std::string& table, const std::vector<std::string>& texts) {
  std::string declarations = "[[table]]\nname = \"" + table + "\"\n[table.volume]\nmin = 1\n";
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string number = std::to_string(i);
    declarations += "[[table.sql]]\nname = \"v" + number + "\"\nmin = -9e9\nvalue = '''" + texts[i] + "'''\n";
    declarations += "[[table.sql]]\nname = \"r" + number + "\"\nfail_rows = '''" + texts[i] + "'''\n";
  }
  return declarations;
}

void ExpectOnlyErrors(const Project& project, const std::string& table, size_t count) {
  const Report report = project.Run({"--store=none"});
  EXPECT_EQ(report.Status(table + ":volume"), "pass") << "what else was declared is measured all the same";
  for (size_t i = 0; i < count; ++i) {
    for (const char* kind : {"v", "r"}) {
      const std::string id = table + ":sql@" + kind + std::to_string(i);
      EXPECT_EQ(report.Status(id), "error") << report.At(id).sentence;
    }
  }
}

TEST(EscapeRun, OnPostgres) {
  AMONT_NEEDS_POSTGRES();
  const std::string url = PostgresServer::Get().CreateDatabase();
  ExecuteSql(
      url,
      "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1); CREATE SEQUENCE s;"
      "CREATE FUNCTION write() RETURNS int LANGUAGE sql AS 'INSERT INTO orders VALUES (2) RETURNING id'");
  const std::vector<std::string> texts = {
      "DELETE FROM orders RETURNING 1",
      "WITH gone AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM gone",
      "SELECT 1) AS x; DELETE FROM orders; SELECT (1",
      "SELECT 1; COMMIT; DELETE FROM orders",
      "SELECT write()",
      "SELECT nextval('s')",
      "COPY orders TO '/tmp/amont-escape'",
      "COPY orders TO PROGRAM 'touch /tmp/amont-escape'",
      "DO $$ BEGIN DELETE FROM orders; END $$",
      "SELECT 1 FROM set_config('transaction_read_only', 'off', false), write()",
  };
  Project project;
  project.Config(Project::Source(url));
  project.Declare(Declare("public.orders", texts));
  ExpectOnlyErrors(project, "warehouse/public.orders", texts.size());
  EXPECT_EQ(ExecuteSql(url, "SELECT count(*) || ' ' || min(id) FROM orders"), "1 1");
  EXPECT_EQ(ExecuteSql(url, "SELECT is_called FROM s"), "f");
  EXPECT_FALSE(std::filesystem::exists("/tmp/amont-escape"));
}

TEST(EscapeRun, AConditionThatEndsItsBracketChangesNoOtherCheck) {
  AMONT_NEEDS_POSTGRES();
  const std::string url = PostgresServer::Get().CreateDatabase();
  ExecuteSql(url, "CREATE TABLE orders (id int, amount int); INSERT INTO orders VALUES (1, 5), (2, NULL)");
  Project project;
  project.Config(Project::Source(url));
  project.Declare(R"toml([[table]]
name = "public.orders"
not_null = ["amount"]
[table.volume]
min = 2
[[table.columns.amount.null_count]]
name  = "closes too early"
where = "true) OR (false"
max   = 0
[[table.columns.amount.null_count]]
name  = "never closes"
where = "(true"
max   = 0
[[table.columns.amount.null_count]]
name  = "a comment to the end"
where = "true -- "
max   = 0
[[table.columns.amount.null_count]]
name  = "a comment that stays open"
where = "true /* "
max   = 0
)toml");
  const ProcessResult result = project.Amont({"run", "--store=none", "--format=json"});
  if (result.exit_code == 3) {
    // What is no condition may as well be refused before anything runs.
    EXPECT_NE(result.err.find("checks/tables.toml:8"), std::string::npos) << result.err;
    return;
  }
  const Report report = ReadReport(result);
  const std::string table = "warehouse/public.orders:";
  EXPECT_EQ(report.Status(table + "volume"), "pass");
  EXPECT_EQ(report.Status(table + "null_count(amount)"), "fail");
  EXPECT_EQ(report.Status(table + "null_count(amount)@a comment to the end"), "fail");
  EXPECT_EQ(report.Status(table + "null_count(amount)@never closes"), "error");
  EXPECT_EQ(report.Status(table + "null_count(amount)@a comment that stays open"), "error");
}

TEST(EscapeRun, OnDuckdb) {
  Project project;
  project.directory().Write("secret.csv", "a\n1\n");
  const std::string file = project.Path("w.duckdb");
  DuckdbWriter(file).Run("CREATE TABLE orders AS SELECT 1 AS id");
  const std::vector<std::string> texts = {
      "DELETE FROM orders",
      "DELETE FROM orders RETURNING 1",
      "SELECT 1; DROP TABLE orders",
      "SELECT a FROM read_csv('" + project.Path("secret.csv") + "')",
      "SELECT a FROM '" + project.Path("secret.csv") + "'",
      "SELECT content FROM read_text('/etc/passwd')",
      "COPY orders TO '" + project.Path("out.csv") + "'",
      "ATTACH '" + project.Path("other.duckdb") + "' AS other",
      "SET enable_external_access = true",
      "INSTALL httpfs",
      "LOAD httpfs",
      "SELECT count(*) FROM glob('/*')",
  };
  project.Config(Project::Source("duckdb:w.duckdb"));
  project.Declare(Declare("orders", texts));
  ExpectOnlyErrors(project, "warehouse/orders", texts.size());
  EXPECT_FALSE(std::filesystem::exists(project.Path("out.csv")));
  EXPECT_FALSE(std::filesystem::exists(project.Path("other.duckdb")));
}

TEST(EscapeRun, OnSqlite) {
  Project project;
  SqliteWriter(project.Path("w.db")).Run("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1)");
  const std::vector<std::string> texts = {
      "DELETE FROM orders RETURNING 1",
      "SELECT 1; DELETE FROM orders",
      "SELECT 1) ; DELETE FROM orders; SELECT (1",
      "ATTACH '" + project.Path("other.db") + "' AS other",
      "PRAGMA query_only = OFF",
      "SELECT load_extension('/tmp/x.so')",
      "SELECT writefile('" + project.Path("out") + "', 'x')",
      "VACUUM INTO '" + project.Path("out.db") + "'",
      "CREATE TEMP TABLE x AS SELECT 1",
  };
  project.Config(Project::Source("sqlite:w.db"));
  project.Declare(Declare("orders", texts));
  ExpectOnlyErrors(project, "warehouse/orders", texts.size());
  EXPECT_EQ(SqliteWriter(project.Path("w.db")).Text("SELECT count(*) FROM orders"), "1");
  EXPECT_FALSE(std::filesystem::exists(project.Path("other.db")));
  EXPECT_FALSE(std::filesystem::exists(project.Path("out.db")));
}

TEST(EscapeRun, SqliteSourcesAreNotTouched) {
  Project project;
  SqliteWriter(project.Path("w.db")).Run("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1)");
  const auto before = std::filesystem::last_write_time(project.Path("w.db"));
  project.Config(Project::Source("sqlite:w.db"));
  project.Declare("[[table]]\nname = \"orders\"\n[table.volume]\nmin = 1\n");
  EXPECT_EQ(project.Run({"--store=none"}).exit_code, 0);
  EXPECT_EQ(std::filesystem::last_write_time(project.Path("w.db")), before);
  EXPECT_FALSE(std::filesystem::exists(project.Path("w.db-wal")));
  EXPECT_FALSE(std::filesystem::exists(project.Path("w.db-journal")));
}

}  // namespace
}  // namespace amont::testing
