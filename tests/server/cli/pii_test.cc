// Personal data: a marker planted in every column of a table, every kind of check failing on it, and no trace
// of the markers of pii columns in any output or in the store.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/core/sql/duckdb_writer.h"
#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"
#include "tests/testing/paths.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

// The marker is a text in text columns, and this number (its digits) in numeric ones.
constexpr const char* kMarker = "SECRETMARKER";
constexpr const char* kNumber = "8675309";

constexpr std::string_view kTable = R"sql(
CREATE TABLE people (id integer, country text, email text, phone text, birth text, salary integer, ssn integer);
INSERT INTO people VALUES
  (1, 'FR', 'SECRETMARKER-email-1', 'SECRETMARKER-phone', 'SECRETMARKER-birth', 8675309, 86753091),
  (1, 'FR', 'SECRETMARKER-email-1', 'SECRETMARKER-phone', 'SECRETMARKER-birth', 8675309, 86753091),
  (2, 'DE', 'SECRETMARKER-email-3', 'SECRETMARKER-phone', NULL, NULL, 86753092);
)sql";

// email, phone and birth are personal by pattern, salary and ssn by declaration. Everything fails or errs.
constexpr std::string_view kChecks = R"toml(
[table.volume]
min      = 100
samples  = 20
[table.schema]
drift    = "fail"
forbid   = ["*mail*"]
[table.columns.salary]
pii        = true
null_ratio = { max = 0, samples = 20 }
null_count = { max = 0, samples = 20 }
distinct   = { max = 0, samples = 20 }
duplicates = { max = 0, samples = 20 }
[table.columns.ssn]
pii        = true
accepted   = { values = [1], samples = 20 }
distinct   = { min = 50, samples = 20 }
[table.columns.email]
pattern    = { regex = "^nothing$", samples = 20 }
length     = { max = 3, samples = 20 }
accepted   = { values = ["x"], samples = 20 }
distinct   = { min = 50 }
duplicates = { max = 0, samples = 20 }
[table.columns.birth]
null_ratio = { max = 0, samples = 20 }
null_count = { max = 0, samples = 20, group_by = "country" }
[table.columns.phone]
references = { to = "{schema}people.country", samples = 20 }
[[table.columns.id.null_count]]
name    = "a cast that quotes the value"
where   = "{cast}"
max     = 0
[[table.columns.country.accepted]]
values  = ["IT"]
samples = 20
[[table.sql]]
name      = "rows shown"
fail_rows = "SELECT * FROM {table} WHERE id > 0"
samples   = 20
[[table.sql]]
name      = "rows shown under another name"
fail_rows = "SELECT email AS harmless, id FROM {table}"
samples   = 20
[[table.sql]]
name      = "a cast in a query"
fail_rows = "SELECT * FROM {table} WHERE {cast}"
samples   = 20
[[table.sql]]
name      = "a value that is a text"
value     = "SELECT max(email) FROM {table}"
max       = 0
)toml";

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string Declarations(const std::string& schema, const std::string& cast) {
  std::string text =
      "[[table]]\nname = \"{schema}people\"\nunique = [\"id\", [\"email\", \"phone\"], \"ssn\"]\n";
  text += kChecks;
  return Replaced(Replaced(std::move(text), "{schema}", schema), "{cast}", cast);
}

// Every output of a run twice over, and every byte it keeps.
std::string EverythingSaid(const Project& project) {
  std::string all;
  const auto add = [&](const std::vector<std::string>& arguments) {
    ProcessResult result = project.Amont(arguments);
    all += result.out + "\n" + result.err + "\n";
  };
  add({"run", "--format=text", "--log-level=debug"});
  add({"run", "--format=text", "--verbose", "--log-level=debug", "--log-format=json"});
  add({"run", "--format=json"});
  add({"run", "--format=junit"});
  add({"run", "--disable=fold"});
  add({"validate", "--connect"});
  add({"plan", "--connect"});
  for (const auto& file : std::filesystem::directory_iterator(project.Path(".amont")))
    all += ReadFile(file.path());
  return all;
}

void ExpectNoTrace(const Project& project, const std::string& table) {
  const Report report = project.Run({"--record=no"});
  // Only a test that fails everywhere says anything.
  EXPECT_EQ(report.Status(table + ":volume"), "fail");
  EXPECT_EQ(report.Status(table + ":pattern(email)"), "fail");
  EXPECT_EQ(report.Status(table + ":accepted(ssn)"), "fail");
  EXPECT_EQ(report.Status(table + ":distinct(salary)"), "fail");
  EXPECT_EQ(report.Status(table + ":duplicates(email,phone)"), "fail");
  EXPECT_EQ(report.Status(table + ":null_count(birth)"), "fail");
  EXPECT_EQ(report.Status(table + ":references(phone)"), "fail");
  EXPECT_EQ(report.Status(table + ":sql@rows shown"), "fail");
  EXPECT_EQ(report.Status(table + ":null_count(id)@a cast that quotes the value"), "error");
  EXPECT_EQ(report.Status(table + ":sql@a cast in a query"), "error");
  EXPECT_EQ(report.Status(table + ":sql@a value that is a text"), "error");
  EXPECT_FALSE(report.At(table + ":accepted(country)").groups.size() > 1);
  // What is not personal is shown where it was asked for.
  EXPECT_NE(report.out.find("\"FR\""), std::string::npos) << report.out;

  const std::string all = EverythingSaid(project);
  for (const char* marker : {kMarker, kNumber}) {
    const size_t at = all.find(marker);
    EXPECT_EQ(at, std::string::npos) << "…" << all.substr(at < 300 ? 0 : at - 300, 600);
  }
}

TEST(Pii, LeavesNoTraceOnPostgres) {
  AMONT_NEEDS_POSTGRES();
  const std::string url = PostgresServer::Get().CreateDatabase();
  ExecuteSql(url, std::string(kTable));
  Project project;
  project.Config(Project::Source(url, "pii = [\"*mail*\", \"phone\", \"birth*\"]"));
  project.Declare(Declarations("public.", "phone::int > 0"));
  ExpectNoTrace(project, "warehouse/public.people");
}

TEST(Pii, LeavesNoTraceOnDuckdb) {
  Project project;
  DuckdbWriter(project.Path("people.duckdb")).Run(std::string(kTable));
  project.Config(Project::Source("duckdb:people.duckdb", "pii = [\"*mail*\", \"phone\", \"birth*\"]"));
  project.Declare(Declarations("", "CAST(phone AS INTEGER) > 0"));
  ExpectNoTrace(project, "warehouse/people");
}

TEST(Pii, LeavesNoTraceOfFiles) {
  Project project;
  DuckdbWriter writer;
  writer.Run(std::string(kTable));
  writer.Run("COPY people TO '" + project.Path("people.parquet") + "'");
  project.Config(
      "[source.warehouse]\nurl = \"duckdb:\"\ntables = { people = \"people.parquet\" }\n"
      "pii = [\"*mail*\", \"phone\", \"birth*\"]\n");
  project.Declare(Declarations("", "CAST(phone AS INTEGER) > 0"));
  ExpectNoTrace(project, "warehouse/people");
}

TEST(Pii, LeavesNoTraceOnSqlite) {
  Project project;
  SqliteWriter(project.Path("people.db")).Run(std::string(kTable));
  project.Config(Project::Source("sqlite:people.db", "pii = [\"*mail*\", \"phone\", \"birth*\"]"));
  // SQLite casts what it likes; a malformed JSON is what it complains about.
  project.Declare(Declarations("", "json_extract(phone, '$.a') > 0"));
  ExpectNoTrace(project, "warehouse/people");
}

TEST(Pii, AMeasureThatWouldShowAValueIsRefused) {
  Project project;
  SqliteWriter(project.Path("people.db")).Run(std::string(kTable));
  project.Config(Project::Source("sqlite:people.db", "pii = [\"salary\"]"));
  for (const char* measure : {"min = 0", "max = 0", "mean = { max = 1 }", "sum = { max = 1 }",
                              "stddev = { max = 1 }", "percentile = { p = 0.5, max = 1 }"}) {
    project.Declare("[[table]]\nname = \"people\"\n[table.columns.salary]\n" + std::string(measure) + "\n");
    const ProcessResult result = project.Amont({"validate"});
    EXPECT_EQ(result.exit_code, 3) << measure;
    EXPECT_NE(result.err.find("checks/tables.toml:4:1: error: "), std::string::npos) << result.err;
  }
}

TEST(Pii, TheConfigurationsPasswordIsNeverPrinted) {
  Project project;
  project.directory().Write("password", "filedPASSWORD\n");
  project.Config(
      "[source.a]\nurl = \"postgresql://amont:inlinePASSWORD@127.0.0.1:1/x\"\n"
      "[source.b]\nurl = \"postgresql://amont@127.0.0.1:1/x\"\npassword_file = \"password\"\nno_such_key = "
      "1\n");
  project.Declare(
      "[[table]]\nname = \"public.t\"\nsource = \"a\"\n[[table]]\nname = \"public.t\"\nsource = \"b\"\n");
  std::string all;
  for (const char* command : {"run", "validate", "plan"}) {
    const ProcessResult result = project.Amont({command, "--log-level=debug"});
    all += result.out + result.err;
  }
  project.Config(
      "[source.a]\nurl = \"postgresql://amont:inlinePASSWORD@127.0.0.1:1/x\"\n"
      "[source.b]\nurl = \"postgresql://amont@127.0.0.1:1/x\"\npassword_file = \"password\"\n");
  all += EverythingSaid(project);
  EXPECT_EQ(all.find("PASSWORD"), std::string::npos) << all;
}

}  // namespace
}  // namespace amont::testing
