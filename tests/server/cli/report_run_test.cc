// The report as a user sees it: on a terminal, in a pipe, as JSON and JUnit.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"
#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

class ReportRun : public ::testing::Test {
 protected:
  void SetUp() override {
    SqliteWriter(project_.Path("shop.db"))
        .Run(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount REAL, note TEXT);"
            "INSERT INTO orders VALUES (1, -5, 'a <b> & \"c\"'), (2, 20, NULL), (3, 30, 'fine');"
            "CREATE TABLE customers (id INTEGER PRIMARY KEY); INSERT INTO customers VALUES (1);"
            "CREATE TABLE empty (id INTEGER PRIMARY KEY);");
    project_.Config(Project::Source("sqlite:shop.db", "[owner.finance]\ncontact = \"#finance\""));
    project_.Declare(R"toml([[table]]
name  = "customers"
[table.volume]
min = 1
[[table]]
name  = "orders"
owner = "finance"
tier  = 1
runbook = "https://runbooks.example/orders"
[table.volume]
min = 4
description = "More than <three> & fewer than \"many\"."
[table.columns.amount]
min = { min = 0, samples = 2 }
[table.columns.note]
accepted = { values = ["fine"], samples = 5 }
null_ratio = { max = 0.5, warn = { max = 0.1 } }
[[table]]
name = "empty"
[table.columns.id]
min = 0
)toml");
  }
  ProcessResult Run(std::vector<std::string> arguments, std::map<std::string, std::string> env = {}) {
    arguments.insert(arguments.begin(), {"run", "--store=none"});
    ProcessOptions options;
    options.env = std::move(env);
    return project_.Amont(arguments, options);
  }
  // The program with a terminal as its standard input, output and error.
  ProcessResult RunOnTerminal(const std::string& arguments, std::map<std::string, std::string> env = {}) {
    ProcessOptions options;
    options.directory = project_.directory().path().string();
    options.env = std::move(env);
    options.env.emplace("TERM", "xterm");
    return RunProgram({"script", "-qec", AmontProgram() + " run --store=none " + arguments, "/dev/null"},
                      options);
  }
  static bool HasEscapes(const std::string& text) { return text.find('\x1b') != std::string::npos; }

  Project project_;
};

TEST_F(ReportRun, WithoutATerminalIsPlainText) {
  const ProcessResult result = Run({});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_FALSE(HasEscapes(result.out + result.err)) << result.out;
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out.find('\r'), std::string::npos);
}

TEST_F(ReportRun, ShowsTheWorstTableFirstAndSaysWhatWhyAndWhere) {
  const std::string out = Run({}).out;
  const size_t orders = out.find("warehouse/orders"), empty = out.find("warehouse/empty");
  const size_t customers = out.find("warehouse/customers");
  EXPECT_LT(orders, empty) << out;
  EXPECT_LT(empty, customers) << out;
  for (const char* part :
       {"owner finance", "tier 1", "3 rows; at least 4 expected", "checks/tables.toml:10:1",
        "https://runbooks.example/orders", "critical", "3 failed", "More than <three>"}) {
    EXPECT_NE(out.find(part), std::string::npos) << part << "\n" << out;
  }
}

TEST_F(ReportRun, EndsWithOneLineThatCounts) {
  const std::string out = Run({}).out;
  const std::string last = out.substr(out.rfind('\n', out.size() - 2) + 1);
  EXPECT_EQ(last.substr(0, last.find('(')),
            "3 tables, 10 checks: 3 failed, 1 warned, 2 had no data, 4 passed ")
      << last;
}

TEST_F(ReportRun, VerboseHasALineForEveryCheck) {
  const std::string quiet = Run({}).out;
  const std::string verbose = Run({"--verbose"}).out;
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  EXPECT_GT(lines(verbose), lines(quiet));
  EXPECT_NE(verbose.find("pass      exists"), std::string::npos) << verbose;
}

TEST_F(ReportRun, SamplesAreShownWhereTheyWereAskedFor) {
  const std::string out = Run({}).out;
  EXPECT_NE(out.find("a <b> & \"c\""), std::string::npos) << out;
  const Report report = project_.Run({"--store=none"});
  EXPECT_NE(report.out.find("\"samples\""), std::string::npos);
  EXPECT_EQ(Run({"--format=junit"}).out.find("a &lt;b&gt;"), std::string::npos)
      << "samples are not for JUnit";
}

TEST_F(ReportRun, ATerminalGetsColourAndAProgressLineThatGoesAway) {
  const ProcessResult result = RunOnTerminal("");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.out.find("\x1b[31;1m"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("measuring: "), std::string::npos) << "a progress line";
  const size_t progress = result.out.rfind("measuring: ");
  EXPECT_NE(result.out.find("\r\x1b[K", progress), std::string::npos) << "which is wiped";
}

TEST_F(ReportRun, NoColorAndDumbTerminalsAreRespected) {
  EXPECT_EQ(RunOnTerminal("2>/dev/null", {{"NO_COLOR", "1"}}).out.find("\x1b["), std::string::npos);
  EXPECT_EQ(RunOnTerminal("2>/dev/null", {{"TERM", "dumb"}}).out.find("\x1b["), std::string::npos);
  EXPECT_EQ(RunOnTerminal("--color=never 2>/dev/null").out.find("\x1b["), std::string::npos);
  EXPECT_TRUE(HasEscapes(Run({"--color=always"}).out)) << "said plainly, it is done in a pipe too";
}

TEST_F(ReportRun, ADataFormatOnATerminalStaysData) {
  const ProcessResult result = RunOnTerminal("--format=json 2>/dev/null");
  EXPECT_FALSE(HasEscapes(result.out)) << result.out;
  EXPECT_TRUE(ParseJson(result.out)) << result.out;
}

TEST_F(ReportRun, JsonHoldsEverythingAProgramNeeds) {
  const Report report = project_.Run({"--store=none"});
  EXPECT_EQ(report.exit_code, 1);
  EXPECT_EQ(report.err, "");
  const JsonTree& summary = report.json["summary"];
  EXPECT_EQ(summary["tables"].text, "3");
  EXPECT_EQ(summary["checks"].text, "10");
  EXPECT_EQ(summary["fail"].text, "3");
  EXPECT_EQ(summary["warn"].text, "1");
  EXPECT_EQ(summary["no_data"].text, "2");
  EXPECT_EQ(summary["pass"].text, "4");
  EXPECT_FALSE(report.interrupted);
  EXPECT_EQ(report.json["config"].text, "amont.toml");
  const CheckLine& volume = report.At("warehouse/orders:volume");
  EXPECT_EQ(volume.observed, "3");
  EXPECT_EQ(volume.severity, "critical");
  EXPECT_EQ(volume.declared_at, "checks/tables.toml:10:1");
  const JsonTree& first = report.json["tables"].items.at(0);
  EXPECT_EQ(first["table"].text, "orders") << "worst first";
  EXPECT_EQ(first["owner"].text, "finance");
  EXPECT_EQ(first["tier"].text, "1");
}

TEST_F(ReportRun, JunitIsXmlWithATestcaseForEveryCheck) {
  const ProcessResult result = Run({"--format=junit"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(XmlComplaint(result.out), "") << result.out;
  const auto count = [&](const std::string& part) {
    size_t found = 0;
    for (size_t at = result.out.find(part); at != std::string::npos; at = result.out.find(part, at + 1))
      ++found;
    return found;
  };
  EXPECT_EQ(count("<testcase "), 10u);
  EXPECT_EQ(count("<failure "), 3u);
  EXPECT_EQ(count("<skipped "), 2u);
  EXPECT_EQ(count("<testsuite "), 3u);
  EXPECT_NE(
      result.out.find("<testsuites name=\"amont\" tests=\"10\" failures=\"3\" errors=\"0\" skipped=\"2\""),
      std::string::npos)
      << result.out;
  const ProcessResult strict = Run({"--format=junit", "--fail-on=warn"});
  EXPECT_NE(strict.out.find("failures=\"4\""), std::string::npos) << "as the exit code counts";
}

TEST_F(ReportRun, AClosedPipeIsNoCrash) {
  ProcessOptions options;
  options.directory = project_.directory().path().string();
  const ProcessResult result = RunProgram(
      {"bash", "-c",
       "set -o pipefail; " + AmontProgram() + " run --store=none --verbose | true; exit ${PIPESTATUS[0]}"},
      options);
  EXPECT_LT(result.exit_code, 128) << "no signal";
}

TEST_F(ReportRun, ManyChecksThatCannotBeMeasuredForOneReasonAreSaidOnce) {
  project_.Config(Project::Source("sqlite:gone.db", "[owner.finance]"));
  const std::string out = Run({}).out;
  size_t said = 0;
  for (size_t at = out.find("gone.db"); at != std::string::npos; at = out.find("gone.db", at + 1)) ++said;
  EXPECT_LE(said, 6u) << out;
  EXPECT_NE(out.find("5 checks: "), std::string::npos) << out;
}

// --- --as-of
// --------------------------------------------------------------------------------------------------------

TEST_F(ReportRun, AsOfJudgesAsIfItWereThen) {
  SqliteWriter(project_.Path("shop.db"))
      .Run(
          "CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT);"
          "INSERT INTO events VALUES (1, '2001-06-30 20:00:00'), (2, '2001-07-02 08:00:00')");
  project_.Declare(
      "[[table]]\nname = \"events\"\n[table.freshness]\ncolumn = \"at\"\nformat = \"iso\"\nfail_after = "
      "\"12h\"\n");
  const std::string id = "warehouse/events:freshness";
  EXPECT_EQ(project_.Run({"--store=none"}).Status(id), "fail") << "years ago";
  const Report then = project_.Run({"--store=none", "--as-of=2001-07-01T03:00:00Z"});
  EXPECT_EQ(then.Status(id), "pass") << then.At(id).sentence;
  EXPECT_NE(then.At(id).sentence.find("7 h"), std::string::npos) << then.At(id).sentence;
  EXPECT_EQ(then.json["as_of"].text, "2001-07-01T03:00:00Z");
  EXPECT_EQ(project_.Run({"--store=none", "--as-of=2001-07-01T09:00:00Z"}).Status(id), "fail");
  EXPECT_EQ(project_.Run({"--store=none", "--as-of=2001-07-02T09:00:00+00:00"}).Status(id), "pass");
}

TEST_F(ReportRun, AsOfCutsTheUsersOwnSqlWhateverIsSelectedAndSaysWhatItCannotCut) {
  SqliteWriter(project_.Path("shop.db"))
      .Run(
          "CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT);"
          "INSERT INTO events VALUES (1, '2001-06-30 20:00:00'), (2, '2001-07-02 08:00:00');"
          "CREATE TABLE kinds (id INTEGER); INSERT INTO kinds VALUES (1);");
  project_.Declare(R"toml([[table]]
name = "events"
[table.freshness]
column = "at"
format = "iso"
fail_after = "12h"
[[table.sql]]
name = "late"
fail_rows = "SELECT * FROM {table} WHERE id > 1"
tags = ["mine"]
[[table]]
name = "kinds"
[table.volume]
min = 1
)toml");
  const std::string late = "warehouse/events:sql@late";
  EXPECT_EQ(project_.Run({"--store=none"}).Status(late), "fail");
  const Report then = project_.Run({"--store=none", "--as-of=2001-07-01T03:00:00Z"});
  EXPECT_EQ(then.Status(late), "pass") << then.At(late).sentence;
  EXPECT_EQ(then.notes, std::vector<std::string>{
                            "--as-of: kinds is read whole, for no freshness or window names a time column"});
  const Report mine = project_.Run({"--store=none", "--as-of=2001-07-01T03:00:00Z", "--tag=mine"});
  EXPECT_EQ(mine.Status(late), "pass") << "the freshness check is not run, but tells the column";
  EXPECT_TRUE(mine.notes.empty());
}

}  // namespace
}  // namespace amont::testing
