// Two replicas on one PostgreSQL store: one leads, the other takes over when it is killed, stopped or cut
// off, and nothing is recorded twice.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <thread>

#include "core/sql/connection.h"
#include "server/rpc/client.h"
#include "tests/testing/amont_service.h"
#include "tests/testing/paths.h"
#include "tests/testing/postgres.h"
#include "tests/testing/prometheus.h"
#include "tests/testing/stalled_proxy.h"

namespace amont::testing {
namespace {

class ReplicasTest : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    store_ = PostgresServer::Get().CreateDatabase();
    warehouse_ = PostgresServer::Get().CreateDatabase();
    ExecuteSql(warehouse_, "CREATE TABLE orders AS SELECT now() - interval '3 days' AS at");
    Write(a_, store_);
    Write(b_, store_);
  }

  void Write(const TempDir& dir, const std::string& store) const {
    dir.Write("amont.toml", "[source.shop]\nurl = \"" + warehouse_ + "\"\n[store]\nurl = \"" + store +
                                "\"\nlease = \"2s\"\n" + kAnyPorts);
    dir.Write(
        "checks/orders.toml",
        "[[table]]\nname = \"public.orders\"\nsource = \"shop\"\nschedule = \"1s\"\nfreshness = { column = "
        "\"at\", fail_after = \"1d\" }\n");
  }

  std::string Stored(const std::string& sql) const {
    ConnectOptions options;
    options.name = "store";
    options.url = store_;
    auto connection = Connect(options, {});
    std::string text;
    if (!connection) return connection.error().message;
    const auto read = (*connection)->Query(sql, {}, {}, {}, [&](std::span<const Value> row) {
      for (const Value& value : row) text += (text.empty() ? "" : "|") + HumanText(value);
      return Result<void>();
    });
    return read ? text : read.error().message;
  }

  void ExpectNothingTwice() const {
    EXPECT_EQ(Stored("SELECT count(*) - count(DISTINCT trigger_key) FROM amont.run"), "0");
    EXPECT_EQ(
        Stored("SELECT count(*) FROM (SELECT 1 FROM amont.verdict GROUP BY check_id, run HAVING count(*) > "
               "1) AS twice"),
        "0");
  }

  std::string store_;
  std::string warehouse_;
  TempDir a_;
  TempDir b_;
};

constexpr const char* kFakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

constexpr const char* kFails =
    R"(amont_check_status{source="shop",table="public.orders",check="shop/public.orders:freshness",kind="freshness",status="fail"})";

TEST_F(ReplicasTest, TheOtherTakesOverFromALeaderThatIsKilled) {
  AmontService first(a_);
  ASSERT_TRUE(first.WaitUntilReady()) << first.process().Errors();
  ASSERT_TRUE(first.WaitForSample(kFails, "1")) << first.process().Errors();
  AmontService second(b_);
  ASSERT_TRUE(second.WaitUntilReady()) << second.process().Errors();
  EXPECT_EQ(second.Sample("amont_leader"), "0");
  EXPECT_EQ(second.Sample("amont_check_status"), "") << "only the leader shows checks";
  first.process().Signal(SIGKILL);
  first.process().Wait();
  EXPECT_TRUE(second.WaitForSample("amont_leader", "1")) << second.process().Errors();
  EXPECT_TRUE(second.WaitForSample(kFails, "1"));
  EXPECT_EQ(Stored("SELECT epoch FROM amont.lease"), "2");
  ExpectNothingTwice();
}

TEST_F(ReplicasTest, ALeaderThatWasStoppedFindsItsPlaceTaken) {
  AmontService first(a_);
  ASSERT_TRUE(first.WaitUntilReady()) << first.process().Errors();
  ASSERT_TRUE(first.WaitForSample("amont_leader", "1"));
  AmontService second(b_);
  ASSERT_TRUE(second.WaitUntilReady()) << second.process().Errors();
  first.process().Signal(SIGSTOP);
  EXPECT_TRUE(second.WaitForSample("amont_leader", "1")) << second.process().Errors();
  ASSERT_TRUE(second.WaitForSample(kFails, "1"));
  first.process().Signal(SIGCONT);
  EXPECT_TRUE(first.WaitForSample("amont_leader", "0")) << first.process().Errors();
  EXPECT_EQ(first.Sample("amont_check_status"), "");
  EXPECT_EQ(second.Sample("amont_leader"), "1");
  ExpectNothingTwice();
}

TEST_F(ReplicasTest, ALeaderThatIsCutFromTheStoreGivesWay) {
  StalledProxy proxy(PostgresServer::Get().port());
  const std::string path = store_.substr(0, store_.find('?'));
  Write(a_, "postgresql://amont@127.0.0.1:" + std::to_string(proxy.port()) + path.substr(path.rfind('/')));
  AmontService first(a_);
  ASSERT_TRUE(first.WaitUntilReady()) << first.process().Errors();
  ASSERT_TRUE(first.WaitForSample(kFails, "1")) << first.process().Errors();
  AmontService second(b_);
  ASSERT_TRUE(second.WaitUntilReady()) << second.process().Errors();
  proxy.Stall();
  EXPECT_TRUE(second.WaitForSample("amont_leader", "1")) << second.process().Errors();
  EXPECT_TRUE(first.WaitForSample("amont_leader", "0")) << "it knows by its own clock";
  EXPECT_EQ(first.Sample("amont_check_status"), "");
  first.process().Signal(SIGTERM);
  EXPECT_EQ(first.process().Wait().exit_code, 0) << first.process().Errors();
  ExpectNothingTwice();
}

// A replica whose wall clock is an hour off one way leads, one whose clock is an hour off the other way takes
// over.
TEST_F(ReplicasTest, WallClocksThatAreAnHourOffDelayNothingAndRepeatNothing) {
  const auto off = [](const char* by) {
    return std::map<std::string, std::string>{{"LD_PRELOAD", kFakeTime},
                                              {"FAKETIME", by},
                                              {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
                                              {"FAKETIME_NO_CACHE", "0"}};
  };
  if (!std::filesystem::exists(kFakeTime)) GTEST_SKIP() << "libfaketime is not installed";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer and libfaketime both want to be loaded first";
#endif
  AmontService first(a_, "serve", off("+3600"));
  ASSERT_TRUE(first.WaitUntilReady()) << first.process().Errors();
  ASSERT_TRUE(first.WaitForSample(kFails, "1")) << first.process().Errors();
  AmontService second(b_, "serve", off("-3600"));
  ASSERT_TRUE(second.WaitUntilReady()) << second.process().Errors();
  // The first is stopped, not ended: what it writes once it goes on comes late.
  first.process().Signal(SIGSTOP);
  const auto stopped = std::chrono::steady_clock::now();
  ASSERT_TRUE(second.WaitForSample("amont_leader", "1")) << second.process().Errors();
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, std::chrono::seconds(30)) << "a term is 2 s";
  EXPECT_EQ(second.Sample(kFails), "1") << "what the first recorded is shown at once";
  const std::string epoch_of_run = "SELECT count(*) FROM amont.run WHERE epoch = ";
  first.process().Signal(SIGCONT);
  EXPECT_TRUE(first.WaitForSample("amont_leader", "0")) << first.process().Errors();
  const std::string by_first = Stored(epoch_of_run + "1");
  // By its clock the slots of the next two hours are done: a new leader does not do them again.
  ExpectNothingTwice();
  EXPECT_EQ(Stored(epoch_of_run + "1"), by_first) << "no late write";
  EXPECT_EQ(
      Stored(
          "SELECT count(*) FROM amont.verdict AS v JOIN amont.run AS r ON r.id = v.run WHERE r.finished IS "
          "NOT NULL AND r.epoch > 2"),
      "0");
}

// Its sockets are closed at once, as those of a machine that died are.
TEST_F(ReplicasTest, ARequestOfAReplicaThatDiedMayBeMadeAgainAfterATerm) {
  ExecuteSql(warehouse_, "CREATE VIEW slow AS SELECT now() AS at FROM pg_sleep(600)");
  for (const TempDir* dir : {&a_, &b_}) {
    dir->Write(
        "checks/orders.toml",
        "[[table]]\nname = \"public.slow\"\nsource = \"shop\"\nschedule = \"0 0 29 2 * UTC\"\nvolume = { min "
        "= 1 }\n");
  }
  AmontService first(a_);
  ASSERT_TRUE(first.WaitUntilReady()) << first.process().Errors();
  AmontService second(b_);
  ASSERT_TRUE(second.WaitUntilReady()) << second.process().Errors();
  v1::RunChecksRequest request;
  request.set_request_id("again");
  {
    const auto client = Client::Make({.server = second.grpc_address()});
    ASSERT_TRUE(client.has_value()) << client.error().message;
    const auto ended = client->RunChecks(request,
                                         [&](const v1::RunChecksResponse& event) {
                                           if (event.has_accepted()) second.process().Signal(SIGKILL);
                                         },
                                         {});
    EXPECT_FALSE(ended.has_value());
  }
  second.process().Wait();
  EXPECT_EQ(Stored("SELECT count(*) FROM amont.run WHERE trigger_key = 'again' AND finished IS NULL"), "1");
  ExecuteSql(warehouse_, "CREATE OR REPLACE VIEW slow AS SELECT now() AS at");
  const auto client = Client::Make({.server = first.grpc_address()});
  ASSERT_TRUE(client.has_value()) << client.error().message;
  const auto give_up = std::chrono::steady_clock::now() + Process::kPatience;
  bool done = false;
  while (!done && std::chrono::steady_clock::now() < give_up) {
    bool joined = false;
    const auto ended = client->RunChecks(
        request, [&](const v1::RunChecksResponse& event) { joined |= event.accepted().joined(); }, {});
    done = ended.has_value();
    EXPECT_FALSE(joined);
    if (!done) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(done) << first.process().Errors();
  EXPECT_EQ(Stored("SELECT count(*) FROM amont.run WHERE finished IS NULL"), "0");
  ExpectNothingTwice();
}

TEST_F(ReplicasTest, ALivingReplicaKeepsItsRequestHoweverLongItTakes) {
  ExecuteSql(warehouse_, "CREATE VIEW slow AS SELECT now() AS at FROM pg_sleep(5)");
  for (const TempDir* dir : {&a_, &b_}) {
    dir->Write(
        "checks/orders.toml",
        "[[table]]\nname = \"public.slow\"\nsource = \"shop\"\nschedule = \"0 0 29 2 * UTC\"\nvolume = { min "
        "= 1 }\n");
  }
  AmontService first(a_);
  ASSERT_TRUE(first.WaitUntilReady()) << first.process().Errors();
  AmontService second(b_);
  ASSERT_TRUE(second.WaitUntilReady()) << second.process().Errors();
  ASSERT_EQ(first.Sample("amont_leader"), "1");
  const auto client = Client::Make({.server = second.grpc_address()});
  ASSERT_TRUE(client.has_value()) << client.error().message;
  v1::RunChecksRequest request;
  request.set_request_id("long");
  const auto ended = client->RunChecks(request, [](const v1::RunChecksResponse&) {}, {});
  EXPECT_TRUE(ended.has_value()) << ended.error().message;
  EXPECT_EQ(Stored("SELECT count(*) FROM amont.run WHERE trigger_key = 'long' AND finished IS NOT NULL"),
            "1");
  // The leader, which would run it on the 29th of February, shows what the other recorded.
  EXPECT_TRUE(first.WaitForSample(
      R"(amont_check_status{source="shop",table="public.slow",check="shop/public.slow:volume",kind="volume",status="pass"})",
      "1"));
  EXPECT_EQ(first.Sample("amont_runs_total{source=\"shop\"}"), "0");
}

TEST_F(ReplicasTest, AStopDoesNotWaitForAStoreThatSaysNothing) {
  StalledProxy proxy(PostgresServer::Get().port());
  const std::string path = store_.substr(0, store_.find('?'));
  const std::string store =
      "postgresql://amont@127.0.0.1:" + std::to_string(proxy.port()) + path.substr(path.rfind('/'));
  Write(a_, store);
  // So long a term that only the stop can end what waits for the store.
  a_.Write(
      "amont.toml",
      ReadFile(a_.Path("amont.toml")).replace(ReadFile(a_.Path("amont.toml")).find("\"2s\""), 4, "\"1h\""));
  AmontService service(a_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  ASSERT_TRUE(service.WaitForSample(kFails, "1")) << service.process().Errors();
  proxy.Stall();
  ASSERT_TRUE(service.WaitForSample("amont_slots_missed_total", "1")) << "a run waits for the store";
  service.process().Signal(SIGTERM);
  EXPECT_EQ(service.process().Wait().exit_code, 0) << service.process().Errors();
}

TEST_F(ReplicasTest, ARequestWhoseCallerLeftMayBeMadeAgain) {
  ExecuteSql(warehouse_, "CREATE VIEW slow AS SELECT now() AS at FROM pg_sleep(600)");
  a_.Write(
      "checks/orders.toml",
      "[[table]]\nname = \"public.slow\"\nsource = \"shop\"\nschedule = \"0 0 29 2 * UTC\"\nvolume = { min "
      "= 1 }\n");
  AmontService service(a_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const auto client = Client::Make({.server = service.grpc_address()});
  ASSERT_TRUE(client.has_value()) << client.error().message;
  v1::RunChecksRequest request;
  request.set_request_id("again");
  // Leaves as soon as its run has begun; whether one did.
  const auto begin = [&] {
    std::stop_source leave;
    bool begun = false;
    const auto ended = client->RunChecks(
        request,
        [&](const v1::RunChecksResponse& event) {
          begun |= event.has_accepted() && !event.accepted().joined();
          leave.request_stop();
        },
        leave.get_token());
    EXPECT_FALSE(ended.has_value());
    return begun;
  };
  EXPECT_TRUE(begin());
  const auto give_up = std::chrono::steady_clock::now() + Process::kPatience;
  bool again = false;
  while (!again && std::chrono::steady_clock::now() < give_up) {
    // Callers who come faster than the service sees them leave keep the run going among them.
    std::this_thread::sleep_for(4 * limits::kPollStep);
    again = begin();  // while the first is stopped: no
  }
  EXPECT_TRUE(again) << service.process().Errors();
}

TEST_F(ReplicasTest, AWildcardsTablesStayKnownWhileTheirSourceIsAway) {
  a_.Write("checks/orders.toml",
           "[[table]]\nname = \"public.o*\"\nsource = \"shop\"\nschedule = \"1s\"\nvolume = { min = 1 }\n");
  AmontService service(a_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::string known =
      "amont_check_info{source=\"shop\",table=\"public.orders\",check=\"shop/public.orders:volume\"";
  ASSERT_TRUE(service.WaitForSample(known, "1"));
  const std::string path = warehouse_.substr(0, warehouse_.find('?'));
  ExecuteSql(store_, "DROP DATABASE " + path.substr(path.rfind('/') + 1) + " WITH (FORCE)");
  const auto failed = [&] { return service.Sample("amont_run_failures_total{source=\"shop\"}"); };
  const auto give_up = std::chrono::steady_clock::now() + Process::kPatience;
  while ((failed().empty() || failed() < "2") && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(service.Sample(known), "1");
}

TEST_F(ReplicasTest, AStaleTableIsReadByPromQlFromBoth) {
  AmontService first(a_);
  AmontService second(b_);
  ASSERT_TRUE(first.WaitUntilReady()) << first.process().Errors();
  ASSERT_TRUE(second.WaitUntilReady()) << second.process().Errors();
  const PrometheusServer prometheus({first.http_port(), second.http_port()});
  const std::string stale = prometheus.QueryUntil(
      "time() > max by (source,table) (amont_table_freshness_deadline_timestamp_seconds) and on (source) min by "
      "(source) (amont_source_up) == 1",
      [](const std::string& answer) { return !answer.empty(); });
  EXPECT_NE(stale.find(R"(source="shop", table="public.orders")"), std::string::npos) << stale;
  const std::string failing =
      prometheus.QueryUntil("max by (source,table,check) (amont_check_status{status=\"fail\"})",
                            [](const std::string& answer) { return !answer.empty(); });
  EXPECT_NE(failing.find("shop/public.orders:freshness"), std::string::npos) << failing;
}

}  // namespace
}  // namespace amont::testing
