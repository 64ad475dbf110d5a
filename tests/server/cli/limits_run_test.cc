// Statements that take too long or would read too much, interrupted embedded engines, and runs at the same
// time.

#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "tests/core/sql/duckdb_writer.h"
#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

constexpr std::string_view kEndlessInDuckdb = R"toml([[table]]
name = "orders"
[table.volume]
min = 1
[[table.sql]]
name  = "endless"
value = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 7"
min   = 0
)toml";

constexpr std::string_view kEndlessInSqlite = R"toml([[table]]
name = "orders"
[table.volume]
min = 1
[[table.sql]]
name  = "endless"
value = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
min   = 0
)toml";

class LimitsRun : public ::testing::Test {
 protected:
  void UseDuckdb(std::string_view more = "") {
    DuckdbWriter(project_.Path("w.duckdb")).Run("CREATE TABLE orders AS SELECT 1 AS id");
    project_.Config(Project::Source("duckdb:w.duckdb", more));
    project_.Declare(kEndlessInDuckdb);
  }
  void UseSqlite(std::string_view more = "") {
    SqliteWriter(project_.Path("w.db"))
        .Run("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1)");
    project_.Config(Project::Source("sqlite:w.db", more));
    project_.Declare(kEndlessInSqlite);
  }
  void ExpectTimeout() {
    const Report report = project_.Run({"--store=none"});
    EXPECT_EQ(report.At("warehouse/orders:sql@endless").error_code, "timeout");
    EXPECT_EQ(report.Status("warehouse/orders:volume"), "pass");
    EXPECT_EQ(report.exit_code, 2);
  }
  // Interrupts a run a moment after it began; whatever it is doing then, it ends and says so.
  void ExpectInterrupted() {
    for (const int moment : {0, 20, 300}) {
      const auto run = project_.Start({"run", "--store=none", "--format=json"});
      std::this_thread::sleep_for(std::chrono::milliseconds(moment));
      run->Signal(SIGINT);
      const ProcessResult result = run->Wait(std::chrono::seconds(60));
      if (moment == 0 && result.exit_code == 128 + SIGINT && result.out.empty())
        continue;  // before main() began
      EXPECT_EQ(result.exit_code, 130) << result.err;
    }
  }

  Project project_;
};

TEST_F(LimitsRun, ATimeoutEndsADuckdbQuery) {
  UseDuckdb("statement_timeout = \"2s\"");
  ExpectTimeout();
}

TEST_F(LimitsRun, ATimeoutEndsASqliteQuery) {
  UseSqlite("statement_timeout = \"2s\"");
  ExpectTimeout();
}

TEST_F(LimitsRun, CtrlCEndsADuckdbQuery) {
  UseDuckdb();
  ExpectInterrupted();
}

TEST_F(LimitsRun, CtrlCEndsASqliteQuery) {
  UseSqlite();
  ExpectInterrupted();
}

TEST_F(LimitsRun, AScopeThatReadsLittleOfALargeTableIsRun) {
  AMONT_NEEDS_POSTGRES();
  const std::string url = PostgresServer::Get().CreateDatabase();
  ExecuteSql(url,
             "CREATE TABLE orders (id int, day date) PARTITION BY RANGE (day);"
             "CREATE TABLE orders_old PARTITION OF orders FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');"
             "CREATE TABLE orders_new PARTITION OF orders FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');"
             "INSERT INTO orders SELECT i, '2020-05-05' FROM generate_series(1, 20000) i;"
             "INSERT INTO orders SELECT i, '2021-05-05' FROM generate_series(1, 10) i; ANALYZE");
  project_.Config(Project::Source(url, "max_scan_rows = 5000"));
  const std::string whole = "[[table]]\nname = \"public.orders\"\n[table.volume]\nmin = 5\n";
  project_.Declare(whole);
  EXPECT_EQ(project_.Run({"--store=none"}).At("warehouse/public.orders:volume").error_code, "limit");
  project_.Declare(
      "[[table]]\nname = \"public.orders\"\nscope = \"day >= '2021-01-01'\"\n[table.volume]\nmin = 5\n");
  const Report scoped = project_.Run({"--store=none"});
  EXPECT_EQ(scoped.Status("warehouse/public.orders:volume"), "pass")
      << scoped.At("warehouse/public.orders:volume").sentence;
  project_.Config(Project::Source(url, "max_scan_rows = 0"));
  project_.Declare(whole);
  EXPECT_EQ(project_.Run({"--store=none"}).Status("warehouse/public.orders:volume"), "pass")
      << "0 turns it off";
}

TEST_F(LimitsRun, ATableLockedByAnotherSessionIsAnErrorOfItsChecksAlone) {
  AMONT_NEEDS_POSTGRES();
  const std::string url = PostgresServer::Get().CreateDatabase();
  ExecuteSql(url, "CREATE TABLE held AS SELECT 1 AS id; CREATE TABLE open AS SELECT 1 AS id");
  Process locker({"psql", "-X", "-q", "-d", url, "-c", "BEGIN", "-c", "LOCK TABLE held", "-c",
                  "SELECT 'locked'", "-c", "SELECT pg_sleep(300)"});
  ASSERT_TRUE(locker.WaitForText("locked")) << locker.Errors();
  project_.Config(Project::Source(url, "statement_timeout = \"2s\""));
  project_.Declare(
      "[[table]]\nname = \"public.held\"\n[table.volume]\nmin = 1\n"
      "[[table]]\nname = \"public.open\"\n[table.volume]\nmin = 1\n");
  const Report report = project_.Run({"--store=none"});
  EXPECT_EQ(report.At("warehouse/public.held:volume").error_code, "timeout");
  EXPECT_EQ(report.Status("warehouse/public.held:exists"), "pass");
  EXPECT_EQ(report.Status("warehouse/public.open:volume"), "pass");
}

TEST_F(LimitsRun, RunsAtTheSameTimeShareOneStore) {
  SqliteWriter(project_.Path("w.db")).Run("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1)");
  project_.Config(Project::Source("sqlite:w.db"));
  project_.Declare(
      "[[table]]\nname = \"orders\"\n[table.volume]\nchange = { versus = \"1d\", max = \"50%\" }\n");
  constexpr int kRuns = 6;
  std::vector<std::unique_ptr<Process>> runs;
  for (int i = 0; i < kRuns; ++i) runs.push_back(project_.Start({"run", "--format=json"}));
  for (const auto& run : runs) {
    const Report report = ReadReport(run->Wait());
    EXPECT_EQ(report.exit_code, 0);
    EXPECT_TRUE(report.notes.empty()) << report.notes.front();
  }
  SqliteWriter store(project_.Path(".amont/history.db"));
  EXPECT_EQ(store.Text("SELECT count(*) FROM run WHERE finished IS NOT NULL"), std::to_string(kRuns));
  EXPECT_EQ(store.Text("SELECT count(*) FROM verdict WHERE check_id = 'warehouse/orders:volume_change'"),
            std::to_string(kRuns));
}

}  // namespace
}  // namespace amont::testing
