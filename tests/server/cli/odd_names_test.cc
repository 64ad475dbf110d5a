// Names that need quotes: spaces, capitals, quotes, dots, emoji, on all three engines, from declaration to
// report.

#include <gtest/gtest.h>

#include "tests/core/sql/duckdb_writer.h"
#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

constexpr std::string_view kTable = R"sql(
CREATE TABLE {schema}"Order ""Lines"" 🛒.v2" (
  "Unit Price" double precision, "select" integer, "e""mail" text, "naïve 日本" text, "$1" integer, "{table}" text);
INSERT INTO {schema}"Order ""Lines"" 🛒.v2" VALUES
  (1.5, 1, 'a@x', 'ü', 1, 'a'), (2.5, 2, NULL, 'ß', 2, 'b'), (3.5, 2, 'b@x', NULL, NULL, 'it''s');
)sql";

constexpr std::string_view kDeclarations = R"toml(
[[table]]
name   = '{schema}"Order ""Lines"" 🛒.v2"'
unique = ["select", ["Unit Price", "select"]]
[table.volume]
min = 3
[table.schema]
mode    = "exact"
columns = ["Unit Price", "select", 'e"mail', "naïve 日本", "$1", "{table}"]
[table.columns."Unit Price"]
min = 1
[table.columns.'e"mail']
null_count = 0
[table.columns."naïve 日本"]
null_count = 1
[table.columns."$1"]
max = 2
[table.columns."{table}"]
accepted = ["a", "b", "it's"]
[[table.columns."select".null_count]]
name  = "🛒 of \"one\""
where = '"select" > 1'
max   = 0
)toml";

std::string With(std::string_view text, const std::string& schema) {
  std::string out(text);
  for (size_t at = out.find("{schema}"); at != std::string::npos; at = out.find("{schema}", at)) {
    out.replace(at, 8, schema);
  }
  return out;
}

void ExpectMeasured(const Project& project, const std::string& table) {
  const Report report = project.Run({"--store=none"});
  const std::map<std::string, std::string> expected = {
      {"schema", "pass"},
      {"duplicates(\"Unit Price\",select)", "pass"},
      {"duplicates(select)", "fail"},
      {"exists", "pass"},
      {"max(\"$1\")", "pass"},
      {"min(\"Unit Price\")", "pass"},
      {"null_count(\"e\"\"mail\")", "fail"},
      {"null_count(\"naïve 日本\")", "pass"},
      {"null_count(select)@🛒 of \"one\"", "pass"},
      {"accepted(\"{table}\")", "pass"},
      {"volume", "pass"},
  };
  for (const auto& [check, status] : expected) {
    EXPECT_EQ(report.Status(table + ":" + check), status) << report.At(table + ":" + check).sentence;
  }
  EXPECT_EQ(report.checks.size(), expected.size()) << report.Statuses();
  EXPECT_EQ(report.exit_code, 1);
  // The name as it is printed is the name that selects it.
  EXPECT_EQ(project.Run({"--store=none", table}).checks.size(), expected.size());
  EXPECT_EQ(project.Run({"--store=none", table + ":duplicates(select)"}).checks.size(), 1u);
  const ProcessResult junit = project.Amont({"run", "--store=none", "--format=junit"});
  EXPECT_EQ(XmlComplaint(junit.out), "");
  EXPECT_EQ(project.Amont({"plan", table}).exit_code, 0);
}

TEST(OddNames, OnPostgres) {
  AMONT_NEEDS_POSTGRES();
  const std::string url = PostgresServer::Get().CreateDatabase();
  ExecuteSql(url, "CREATE SCHEMA \"My Mart.🏬\"");
  ExecuteSql(url, With(kTable, "\"My Mart.🏬\"."));
  Project project;
  project.Config(Project::Source(url));
  project.Declare(With(kDeclarations, "\"My Mart.🏬\"."));
  ExpectMeasured(project, R"(warehouse/"My Mart.🏬"."Order ""Lines"" 🛒.v2")");
}

TEST(OddNames, OnDuckdb) {
  Project project;
  DuckdbWriter(project.Path("a.duckdb")).Run(With(kTable, ""));
  project.Config(Project::Source("duckdb:a.duckdb"));
  project.Declare(With(kDeclarations, ""));
  ExpectMeasured(project, R"(warehouse/"Order ""Lines"" 🛒.v2")");
}

TEST(OddNames, OnSqlite) {
  Project project;
  SqliteWriter(project.Path("a.db")).Run(With(kTable, ""));
  project.Config(Project::Source("sqlite:a.db"));
  project.Declare(With(kDeclarations, ""));
  ExpectMeasured(project, R"(warehouse/"Order ""Lines"" 🛒.v2")");
}

TEST(OddNames, OfFilesThatAreTables) {
  Project project;
  DuckdbWriter().Run("COPY (SELECT 1 AS \"Unit Price\") TO '" + project.Path("it''s 日本.parquet") + "'");
  project.Config(
      "[source.lake]\nurl = \"duckdb:\"\ntables = { \"My \\\"Files\\\" 🛒\" = \"it's*.parquet\" }\n");
  project.Declare("[[table]]\nname = '\"My \"\"Files\"\" 🛒\"'\n[table.columns.\"Unit Price\"]\nmin = 1\n");
  const Report report = project.Run({"--store=none"});
  EXPECT_EQ(report.exit_code, 0) << report.Statuses() << report.err;
  EXPECT_EQ(report.Status(R"(lake/"My ""Files"" 🛒":min("Unit Price"))"), "pass");
}

TEST(OddNames, OfColumnsThatDifferInCaseOnly) {
  AMONT_NEEDS_POSTGRES();
  const std::string url = PostgresServer::Get().CreateDatabase();
  ExecuteSql(url, "CREATE TABLE t (\"ID\" int, \"Id\" int, id int); INSERT INTO t VALUES (1, 2, 3)");
  Project project;
  project.Config(Project::Source(url));
  project.Declare(
      "[[table]]\nname = \"public.t\"\n[table.columns.ID]\nmax = 1\n[table.columns.Id]\nmax = 2\n"
      "[table.columns.id]\nmax = 3\n");
  const Report report = project.Run({"--store=none"});
  EXPECT_EQ(report.exit_code, 0) << report.Statuses();
  EXPECT_EQ(report.At("warehouse/public.t:max(Id)").observed, "2");
}

}  // namespace
}  // namespace amont::testing
