// What a run remembers for the next: change, emptied, drift, observed freshness, closed windows.

#include <gtest/gtest.h>

#include <thread>

#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

class History : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    url_ = PostgresServer::Get().CreateDatabase();
    Execute(
        "CREATE TABLE orders (id bigint, amount numeric(12,2), placed_at timestamptz);"
        "INSERT INTO orders SELECT i, i, now() FROM generate_series(1, 100) i;");
    project_.Config(Project::Source(url_));
  }
  void Execute(const std::string& sql) { ExecuteSql(url_, sql); }

  Project project_;
  std::string url_;
};

constexpr const char* kChange = "warehouse/public.orders:volume_change";

TEST_F(History, ChangeLearnsThenPassesThenFailsThenIsAccepted) {
  project_.Declare(R"toml([[table]]
name = "public.orders"
[table.volume]
change = { versus = "7d", min = "-30%", max = "50%" }
)toml");
  const Report first = project_.Run();
  EXPECT_EQ(first.Status(kChange), "learning") << first.At(kChange).sentence;
  EXPECT_EQ(first.exit_code, 0);
  EXPECT_EQ(project_.Run().Status(kChange), "learning") << "a value of a moment ago is not one of a week ago";

  // As if all that had been a week ago.
  const auto AgeByAWeek = [&] {
    SqliteWriter(project_.Path(".amont/history.db")).Run("UPDATE point SET at = at - 604800000000");
  };
  AgeByAWeek();
  const Report second = project_.Run();
  EXPECT_EQ(second.Status(kChange), "pass") << second.At(kChange).sentence;

  Execute("DELETE FROM orders WHERE id > 50");
  const Report third = project_.Run();
  EXPECT_EQ(third.Status(kChange), "fail");
  EXPECT_NE(third.At(kChange).sentence.find("50"), std::string::npos) << third.At(kChange).sentence;
  EXPECT_EQ(third.exit_code, 1);

  const ProcessResult accepted = project_.Amont({"accept", kChange, "--note", "half the shops closed"});
  EXPECT_EQ(accepted.exit_code, 0) << accepted.err;
  const Report fourth = project_.Run();
  EXPECT_EQ(fourth.Status(kChange), "pass") << fourth.At(kChange).sentence;
}

TEST_F(History, ATableThatHadRowsAndHasNoneFails) {
  project_.Declare("[[table]]\nname = \"public.orders\"\n[table.columns.amount]\nmin = 0\n");
  EXPECT_EQ(project_.Run().Status("warehouse/public.orders:emptied"), "pass");
  Execute("DELETE FROM orders");
  const Report emptied = project_.Run();
  EXPECT_EQ(emptied.Status("warehouse/public.orders:emptied"), "fail");
  EXPECT_EQ(emptied.Status("warehouse/public.orders:min(amount)"), "no_data");
  EXPECT_EQ(emptied.exit_code, 1);
  EXPECT_NE(emptied.At("warehouse/public.orders:emptied").sentence.find("had 100 rows"), std::string::npos);
  EXPECT_EQ(project_.Run().Status("warehouse/public.orders:emptied"), "fail") << "it stays";
  EXPECT_EQ(project_.Amont({"accept", "warehouse/public.orders:emptied", "--note", "moved"}).exit_code, 0);
  EXPECT_NE(project_.Run().Status("warehouse/public.orders:emptied"), "fail");
  Execute("INSERT INTO orders VALUES (1, 1, now())");
  EXPECT_EQ(project_.Run().Status("warehouse/public.orders:emptied"), "pass");
}

TEST_F(History, ATableThatNeverHadRowsIsNotEmptied) {
  Execute("DELETE FROM orders");
  project_.Declare("[[table]]\nname = \"public.orders\"\n");
  EXPECT_EQ(project_.Run().Status("warehouse/public.orders:emptied"), "no_data");
}

TEST_F(History, AVolumeBoundSpeaksForEmptiness) {
  project_.Declare("[[table]]\nname = \"public.orders\"\n[table.volume]\nmin = 1\n");
  const Report report = project_.Run();
  EXPECT_EQ(report.checks.count("warehouse/public.orders:emptied"), 0u);
  Execute("DELETE FROM orders");
  EXPECT_EQ(project_.Run().Status("warehouse/public.orders:volume"), "fail");
}

TEST_F(History, ObservedFreshnessLearnsPassesOnChangeAndAges) {
  project_.Declare("[[table]]\nname = \"public.orders\"\n[table.freshness]\nfail_after = \"1s\"\n");
  const std::string id = "warehouse/public.orders:freshness";
  EXPECT_EQ(project_.Run().Status(id), "learning");
  Execute("INSERT INTO orders VALUES (101, 1, now()); SELECT pg_stat_force_next_flush()");
  const Report changed = project_.Run();
  EXPECT_EQ(changed.Status(id), "pass") << changed.At(id).sentence;
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  const Report late = project_.Run();
  EXPECT_EQ(late.Status(id), "fail") << late.At(id).sentence;
  Execute("UPDATE orders SET amount = 2 WHERE id = 1; SELECT pg_stat_force_next_flush()");
  EXPECT_EQ(project_.Run().Status(id), "pass");
}

TEST_F(History, ObservedFreshnessSeesATruncateAndASwap) {
  project_.Declare("[[table]]\nname = \"public.orders\"\n[table.freshness]\nfail_after = \"1s\"\n");
  const std::string id = "warehouse/public.orders:freshness";
  EXPECT_EQ(project_.Run().Status(id), "learning");
  for (const char* change :
       {"TRUNCATE orders",
        "CREATE TABLE next (LIKE orders); DROP TABLE orders; ALTER TABLE next RENAME TO orders"}) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    Execute(change);
    const Report changed = project_.Run();
    EXPECT_EQ(changed.Status(id), "pass") << change << ": " << changed.At(id).sentence;
  }
}

TEST_F(History, ObservedFreshnessOfAViewAsksForAColumn) {
  Execute("CREATE VIEW recent AS SELECT * FROM orders");
  project_.Declare("[[table]]\nname = \"public.recent\"\n[table.freshness]\nfail_after = \"1h\"\n");
  const Report report = project_.Run();
  EXPECT_EQ(report.Status("warehouse/public.recent:freshness"), "error");
  EXPECT_NE(report.At("warehouse/public.recent:freshness").sentence.find("declare a column"),
            std::string::npos)
      << report.At("warehouse/public.recent:freshness").sentence;
}

TEST_F(History, ObservedFreshnessKnowsNothingOfAnotherTime) {
  project_.Declare("[[table]]\nname = \"public.orders\"\n[table.freshness]\nfail_after = \"1h\"\n");
  const std::string id = "warehouse/public.orders:freshness";
  project_.Run();
  project_.Run();
  const Report then = project_.Run({"--as-of=2020-01-01T00:00:00Z"});
  EXPECT_EQ(then.Status(id), "error") << then.At(id).sentence;
  EXPECT_NE(then.At(id).sentence.find("declare a column"), std::string::npos) << then.At(id).sentence;
}

TEST_F(History, AClosedWindowIsMeasuredOnceAndThenReused) {
  Execute(
      "INSERT INTO orders SELECT i, i, date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - "
      "interval "
      "'12 hours' FROM generate_series(1, 40) i");
  project_.Declare(R"toml([[table]]
name = "public.orders"
[table.volume]
min    = 10
window = { column = "placed_at", last = "1d" }
)toml");
  const std::string id = "warehouse/public.orders:volume";
  const Report first = project_.Run();
  EXPECT_EQ(first.Status(id), "pass") << first.At(id).sentence;
  EXPECT_EQ(first.At(id).observed, "40");
  EXPECT_FALSE(first.At(id).reused);
  // What arrives late is counted by one recount, then never again.
  Execute("DELETE FROM orders");
  const Report second = project_.Run();
  EXPECT_TRUE(second.At(id).reused) << second.At(id).sentence;
  EXPECT_EQ(second.At(id).observed, "40");
  EXPECT_LT(second.statements, first.statements);
}

TEST_F(History, AClosedWindowIsCountedOnceMoreForWhatArrivesLate) {
  Execute(
      "INSERT INTO orders SELECT i, i, date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - "
      "interval "
      "'12 hours' FROM generate_series(1, 40) i");
  project_.Declare(
      "[[table]]\nname = \"public.orders\"\n[table.volume]\nmin = 10\n"
      "window = { column = \"placed_at\", last = \"1d\" }\n");
  const std::string id = "warehouse/public.orders:volume";
  EXPECT_EQ(project_.Run().At(id).observed, "40");
  Execute(
      "INSERT INTO orders SELECT i, i, date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - "
      "interval "
      "'13 hours' FROM generate_series(1, 2) i");
  SqliteWriter(project_.Path(".amont/history.db"))
      .Run("UPDATE point SET first_measured = first_measured - 7200000000");
  const Report recount = project_.Run();
  EXPECT_EQ(recount.At(id).observed, "42");
  EXPECT_FALSE(recount.At(id).reused);
  Execute("DELETE FROM orders");
  SqliteWriter(project_.Path(".amont/history.db"))
      .Run("UPDATE point SET first_measured = first_measured - 7200000000");
  const Report after = project_.Run();
  EXPECT_EQ(after.At(id).observed, "42");
  EXPECT_TRUE(after.At(id).reused);
}

}  // namespace
}  // namespace amont::testing
