// One thing that goes wrong stays one thing: what else was declared is measured all the same. On PostgreSQL.

#include <gtest/gtest.h>

#include "tests/server/cli/project.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

class Isolation : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    url_ = PostgresServer::Get().CreateDatabase();
    Execute(
        "CREATE TABLE orders (id bigint, amount numeric(12,2), status text, quantity int);"
        "INSERT INTO orders SELECT i, i, 'paid', i % 5 FROM generate_series(1, 100) i;"
        "CREATE TABLE customers (id bigint); INSERT INTO customers VALUES (1);");
    project_.Config(Project::Source(url_));
  }
  void Execute(const std::string& sql) { ExecuteSql(url_, sql); }
  Report Run(std::string_view declarations, std::vector<std::string> arguments = {}) {
    project_.Declare(declarations);
    arguments.insert(arguments.begin(), "--store=none");
    return project_.Run(arguments);
  }

  Project project_;
  std::string url_;
};

TEST_F(Isolation, AnUnreachableSourceLeavesTheOthersAlone) {
  project_.Config(Project::Source(url_) +
                  "[source.gone]\nurl = \"postgresql://amont@127.0.0.1:1/nowhere\"\n");
  const Report report = Run(R"toml([[table]]
name = "public.orders"
source = "warehouse"
[table.volume]
min = 1
[[table]]
name = "public.orders"
source = "gone"
[table.volume]
min = 1
[[table]]
name = "public.customers"
source = "gone"
)toml");
  EXPECT_EQ(report.exit_code, 2);
  EXPECT_EQ(report.Statuses(),
            "gone/public.customers:emptied error\ngone/public.customers:exists error\n"
            "gone/public.orders:exists error\ngone/public.orders:volume error\n"
            "warehouse/public.orders:exists pass\nwarehouse/public.orders:volume pass\n");
  EXPECT_EQ(report.At("gone/public.orders:volume").error_code, "unreachable");
  EXPECT_FALSE(report.At("gone/public.orders:volume").suppressed) << "nobody else says it";
}

TEST_F(Isolation, AMissingTableFailsItsExistsAndSuppressesItsChecks) {
  const Report report = Run(R"toml([[table]]
name = "public.ordrs"
[table.volume]
min = 1
[table.columns.amount]
min = 0
[[table]]
name = "public.customers"
[table.volume]
min = 1
)toml");
  EXPECT_EQ(report.exit_code, 1);
  EXPECT_EQ(report.Status("warehouse/public.ordrs:exists"), "fail");
  for (const char* id : {"warehouse/public.ordrs:volume", "warehouse/public.ordrs:min(amount)"}) {
    EXPECT_EQ(report.Status(id), "error");
    EXPECT_TRUE(report.At(id).suppressed) << id;
  }
  EXPECT_EQ(report.Status("warehouse/public.customers:volume"), "pass");
  EXPECT_EQ(report.At("warehouse/public.ordrs:exists").declared_at.substr(0, 20), "checks/tables.toml:1");
}

TEST_F(Isolation, AMissingColumnFailsExistsAndOnlyItsOwnChecksAreNotMeasured) {
  const Report report = Run(R"toml([[table]]
name = "public.orders"
[table.volume]
min = 1
[table.columns.amount]
min = 0
[table.columns.amuont]
min = 0
null_ratio = 0.1
)toml");
  EXPECT_EQ(report.exit_code, 1);
  const CheckLine& exists = report.At("warehouse/public.orders:exists");
  EXPECT_EQ(exists.status, "fail");
  EXPECT_NE(exists.sentence.find("has no column amuont"), std::string::npos) << exists.sentence;
  for (const char* id :
       {"warehouse/public.orders:min(amuont)", "warehouse/public.orders:null_ratio(amuont)"}) {
    EXPECT_EQ(report.Status(id), "error");
    EXPECT_TRUE(report.At(id).suppressed) << id;
  }
  EXPECT_EQ(report.Status("warehouse/public.orders:volume"), "pass");
  EXPECT_EQ(report.Status("warehouse/public.orders:min(amount)"), "pass");
}

TEST_F(Isolation, ACheckThatFailsOnDataIsFoundAndTheOthersStillAnswer) {
  const Report report = Run(R"toml([[table]]
name = "public.orders"
not_null = ["id"]
[table.volume]
min = 100
[table.columns.amount]
max = 100
[[table.columns.amount.null_count]]
name  = "a division by zero"
where = "100 / quantity > 1"
max   = 0
[[table.columns.status.null_count]]
name  = "a cast that fails"
where = "status::int > 1"
max   = 0
[table.columns.quantity]
min = 0
mean = { min = 1, max = 3 }
)toml");
  const std::string table = "warehouse/public.orders:";
  EXPECT_EQ(report.Status(table + "null_count(amount)@a division by zero"), "error");
  EXPECT_EQ(report.Status(table + "null_count(status)@a cast that fails"), "error");
  EXPECT_EQ(report.At(table + "null_count(amount)@a division by zero").error_code, "data");
  for (const char* id :
       {"volume", "max(amount)", "min(quantity)", "mean(quantity)", "null_count(id)", "exists"}) {
    EXPECT_EQ(report.Status(table + id), "pass") << id << ": " << report.At(table + id).sentence;
  }
  EXPECT_EQ(report.exit_code, 2);
}

TEST_F(Isolation, ACheckWhoseConditionIsNoSqlLeavesTheOthersAlone) {
  const Report report = Run(R"toml([[table]]
name = "public.orders"
[table.volume]
min = 100
[table.columns.amount]
max = 100
[[table.columns.status.null_count]]
name  = "a syntax error"
where = "amount >"
max   = 0
[[table.columns.status.null_count]]
name  = "a column that is not there"
where = "amuont > 1"
max   = 0
[[table.columns.status.null_count]]
name  = "a table that is not there"
where = "id IN (SELECT id FROM public.nowhere)"
max   = 0
)toml");
  const std::string table = "warehouse/public.orders:";
  EXPECT_EQ(report.At(table + "null_count(status)@a syntax error").error_code, "invalid");
  EXPECT_EQ(report.At(table + "null_count(status)@a column that is not there").error_code, "data");
  EXPECT_EQ(report.At(table + "null_count(status)@a table that is not there").error_code, "not_found");
  EXPECT_EQ(report.Status(table + "volume"), "pass") << report.At(table + "volume").sentence;
  EXPECT_EQ(report.Status(table + "max(amount)"), "pass") << report.At(table + "max(amount)").sentence;
}

TEST_F(Isolation, WhatFailedOnDataIsPlannedApartTheNextTime) {
  Execute("ANALYZE orders");  // else each statement is estimated first
  project_.Declare(R"toml([[table]]
name = "public.orders"
[table.volume]
min = 100
[table.columns.amount]
max = 100
[[table.columns.amount.null_count]]
name  = "a division by zero"
where = "100 / quantity > 1"
max   = 0
)toml");
  const Report first = project_.Run();
  const Report second = project_.Run();
  EXPECT_EQ(first.Statuses(), second.Statuses());
  EXPECT_EQ(second.statements, 4) << "catalog, scan, and the guilty one's two slots";
  EXPECT_GT(first.statements, second.statements);
}

TEST_F(Isolation, AColumnAskedForWhatItsTypeCannotIsAnErrorOfThatCheck) {
  const Report report = Run(R"toml([[table]]
name = "public.orders"
[table.volume]
min = 100
[table.columns.status]
mean = { min = 0, max = 1 }
)toml");
  EXPECT_EQ(report.Status("warehouse/public.orders:mean(status)"), "error");
  EXPECT_EQ(report.Status("warehouse/public.orders:volume"), "pass");
}

TEST_F(Isolation, ATableDroppedMidRunIsAnErrorThatSaysSo) {
  Execute("CREATE TABLE doomed (id bigint); INSERT INTO doomed VALUES (1)");
  // The catalog still shows it; a scope that takes its time gives the test the moment to drop it.
  project_.Config(Project::Source(url_, "connections = 1"));
  project_.Declare(R"toml([[table]]
name = "public.customers"
[[table.sql]]
name  = "slow"
value = "SELECT 1 FROM pg_sleep(1.5)"
min   = 0
[[table]]
name = "public.doomed"
[table.volume]
min = 1
[[table]]
name = "public.orders"
[table.volume]
min = 1
)toml");
  const auto run = project_.Start({"run", "--format=json", "--store=none"});
  const std::string asleep =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
      "query LIKE '%pg_sleep(1.5)%' AND pid <> pg_backend_pid() AND state = 'active'";
  while (ExecuteSql(url_, asleep) != "1" && !run->Ended()) {
  }
  Execute("DROP TABLE doomed");
  const Report report = ReadReport(run->Wait());
  EXPECT_EQ(report.exit_code, 2) << report.Statuses();
  const CheckLine& volume = report.At("warehouse/public.doomed:volume");
  EXPECT_EQ(volume.status, "error");
  EXPECT_EQ(volume.error_code, "not_found");
  EXPECT_NE(volume.sentence.find("does not exist"), std::string::npos) << volume.sentence;
  EXPECT_EQ(report.Status("warehouse/public.orders:volume"), "pass");
}

TEST_F(Isolation, AStatementThatTakesTooLongIsAnErrorOfItsChecks) {
  project_.Config(Project::Source(url_, "statement_timeout = \"2s\""));
  const Report report = Run(R"toml([[table]]
name = "public.orders"
[table.volume]
min = 1
[[table.sql]]
name  = "slow"
value = "SELECT 1 FROM pg_sleep(30)"
min   = 0
)toml");
  EXPECT_EQ(report.At("warehouse/public.orders:sql@slow").status, "error");
  EXPECT_EQ(report.At("warehouse/public.orders:sql@slow").error_code, "timeout");
  EXPECT_EQ(report.Status("warehouse/public.orders:volume"), "pass");
  EXPECT_EQ(report.exit_code, 2);
}

TEST_F(Isolation, AnEstimateBeyondMaxScanRowsIsNotRun) {
  Execute(
      "INSERT INTO orders SELECT i, i, 'paid', 1 FROM generate_series(1, 20000) i; ANALYZE orders, "
      "customers");
  project_.Config(Project::Source(url_, "max_scan_rows = 5000"));
  const Report report = Run(R"toml([[table]]
name = "public.orders"
[table.volume]
min = 1
[[table]]
name = "public.customers"
[table.volume]
min = 1
)toml");
  const CheckLine& volume = report.At("warehouse/public.orders:volume");
  EXPECT_EQ(volume.status, "error");
  EXPECT_EQ(volume.error_code, "limit");
  EXPECT_NE(volume.sentence.find("would read 20,100 rows"), std::string::npos) << volume.sentence;
  EXPECT_EQ(report.Status("warehouse/public.customers:volume"), "pass");
}

TEST_F(Isolation, ARoleThatMayOpenTooFewSessionsMeasuresWithThoseItGets) {
  const std::string database = ExecuteSql(url_, "SELECT current_database()");
  const std::string role = "narrow_of_" + database;
  Execute("CREATE ROLE " + role + " LOGIN CONNECTION LIMIT 1");
  project_.Config(Project::Source(PostgresServer::Get().Url(database, role), "connections = 4"));
  std::string declarations;
  for (int i = 0; i < 12; ++i) {
    Execute("CREATE TABLE t" + std::to_string(i) + " AS SELECT 1 AS id; GRANT SELECT ON t" +
            std::to_string(i) + " TO " + role);
    declarations += "[[table]]\nname = \"public.t" + std::to_string(i) + "\"\n[table.volume]\nmin = 1\n";
  }
  const Report report = Run(declarations);
  EXPECT_EQ(report.exit_code, 0) << report.Statuses();
}

}  // namespace
}  // namespace amont::testing
