// Ctrl-C: running SQL is cancelled, what was measured is reported, and the program exits 130.

#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"
#include "tests/testing/postgres.h"
#include "tests/testing/stalled_proxy.h"

namespace amont::testing {
namespace {

class Interrupt : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    url_ = PostgresServer::Get().CreateDatabase();
    ExecuteSql(url_,
               "CREATE TABLE orders (id bigint); INSERT INTO orders VALUES (1);"
               "CREATE TABLE slow (id bigint); INSERT INTO slow VALUES (1);");
    // One session, so that all that is declared before the sleep was measured when it begins.
    project_.Config(Project::Source(url_, "connections = 1"));
    project_.Declare(R"toml([[table]]
name = "public.orders"
[table.volume]
min = 1
[[table]]
name = "public.slow"
[table.volume]
min = 1
[[table.sql]]
name  = "sleeps"
value = "SELECT 1 FROM pg_sleep(300)"
min   = 0
)toml");
  }
  int Sleepers() {
    return std::atoi(
        ExecuteSql(url_,
                   "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                   "query LIKE '%pg_sleep(300)%' AND state = 'active' AND pid <> pg_backend_pid()")
            .c_str());
  }
  bool WaitForSleepers(int count) {
    for (int i = 0; i < 3000; ++i) {
      if (Sleepers() == count) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  // Starts a run, waits until it sleeps in the database, and signals it.
  ProcessResult RunAndSignal(int signal, const std::vector<std::string>& arguments) {
    const auto run = project_.Start(arguments);
    EXPECT_TRUE(WaitForSleepers(1)) << run->Errors();
    run->Signal(signal);
    return run->Wait(std::chrono::seconds(60));
  }

  Project project_;
  std::string url_;
};

TEST_F(Interrupt, CancelsTheQueryAndReportsWhatWasMeasured) {
  const Report report = ReadReport(RunAndSignal(SIGINT, {"run", "--format=json", "--store=none"}));
  EXPECT_EQ(report.exit_code, 130);
  EXPECT_TRUE(report.interrupted);
  EXPECT_EQ(report.Status("warehouse/public.orders:volume"), "pass");
  EXPECT_EQ(report.Status("warehouse/public.slow:sql@sleeps"), "error");
  EXPECT_EQ(report.At("warehouse/public.slow:sql@sleeps").error_code, "cancelled");
  EXPECT_EQ(report.Status("warehouse/public.slow:volume"), "pass") << "its own statement had ended";
  EXPECT_TRUE(WaitForSleepers(0)) << "the query must not outlive the run";
}

TEST_F(Interrupt, TheTextReportSaysSo) {
  const ProcessResult result = RunAndSignal(SIGINT, {"run", "--store=none"});
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_NE(result.out.find("interrupted: "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("public.orders"), std::string::npos) << result.out;
}

TEST_F(Interrupt, SigtermEndsItAsWell) {
  EXPECT_EQ(RunAndSignal(SIGTERM, {"run", "--store=none"}).exit_code, 130);
  EXPECT_TRUE(WaitForSleepers(0));
}

TEST_F(Interrupt, WhatWasMeasuredIsRemembered) {
  EXPECT_EQ(RunAndSignal(SIGINT, {"run"}).exit_code, 130);
  SqliteWriter store(project_.Path(".amont/history.db"));
  EXPECT_EQ(store.Text("SELECT status FROM verdict WHERE check_id = 'warehouse/public.orders:volume'"),
            "pass");
}

TEST_F(Interrupt, EndsBehindAFrozenServerToo) {
  StalledProxy proxy(PostgresServer::Get().port());
  const std::string database = ExecuteSql(url_, "SELECT current_database()");
  project_.Config(Project::Source(
      "postgresql://amont@127.0.0.1:" + std::to_string(proxy.port()) + "/" + database, "connections = 1"));
  const auto run = project_.Start({"run", "--format=json", "--store=none"});
  ASSERT_TRUE(WaitForSleepers(1)) << run->Errors();
  proxy.Stall();
  run->Signal(SIGINT);
  const ProcessResult result = run->Wait(std::chrono::seconds(60));
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_EQ(ReadReport(result).At("warehouse/public.slow:sql@sleeps").error_code, "cancelled");
}

TEST_F(Interrupt, EndsWhileItIsStillConnecting) {
  StalledProxy proxy(PostgresServer::Get().port());
  proxy.Stall();
  project_.Config(Project::Source("postgresql://amont@127.0.0.1:" + std::to_string(proxy.port()) + "/x") +
                  "[source.here]\nurl = \"" + url_ + "\"\n");
  project_.Declare(R"toml([[table]]
name   = "public.orders"
source = "here"
[[table]]
name   = "public.orders"
source = "warehouse"
)toml");
  const auto run = project_.Start({"run", "--format=json", "--store=none"});
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // long enough to be waiting for the handshake
  EXPECT_FALSE(run->Ended()) << "it waits for the frozen server";
  run->Signal(SIGINT);
  const ProcessResult result = run->Wait(std::chrono::seconds(60));
  EXPECT_EQ(result.exit_code, 130) << result.err;
}

TEST_F(Interrupt, ValidateConnectCanBeInterrupted) {
  StalledProxy proxy(PostgresServer::Get().port());
  proxy.Stall();
  project_.Config(Project::Source("postgresql://amont@127.0.0.1:" + std::to_string(proxy.port()) + "/x"));
  const auto run = project_.Start({"validate", "--connect"});
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  run->Signal(SIGINT);
  EXPECT_EQ(run->Wait(std::chrono::seconds(60)).exit_code, 130);
}

}  // namespace
}  // namespace amont::testing
