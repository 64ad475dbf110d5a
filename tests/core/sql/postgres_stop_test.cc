// How statements, connecting and closing end early: on a healthy server and behind one that froze. What is
// tested is that they end at all: each would otherwise last for days.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "core/sql/postgres.h"
#include "tests/core/sql/rows.h"
#include "tests/testing/postgres.h"
#include "tests/testing/stalled_proxy.h"

namespace amont {
namespace {

using namespace std::chrono_literals;
using testing::ExecuteSql;
using testing::PostgresServer;
using testing::Read;
using testing::ReadError;
using testing::ReadOne;
using testing::StalledProxy;

class Stop : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    static const std::string shared = PostgresServer::Get().CreateDatabase();  // nothing here changes it
    url_ = shared;
    proxy_ = std::make_unique<StalledProxy>(PostgresServer::Get().port());
  }

  std::string Database() const {
    const size_t begin = url_.find("@/") + 2;
    return url_.substr(begin, url_.find('?') - begin);
  }

  std::string ProxyUrl(const std::string& parameters = "") const {
    return "postgresql://amont@127.0.0.1:" + std::to_string(proxy_->port()) + "/" + Database() + parameters;
  }

  static Result<std::unique_ptr<Connection>> Connect(const std::string& url, std::stop_token stop = {}) {
    ConnectOptions options;
    options.name = "warehouse";
    options.url = url;
    return ConnectPostgres(options, std::move(stop));
  }

  static std::shared_ptr<Connection> Open(const std::string& url) {
    auto connection = Connect(url);
    if (!connection) {
      ADD_FAILURE() << connection.error().message;
      return nullptr;
    }
    return std::move(*connection);
  }

  // Waits until `sql` gives "true".
  void Await(const std::string& sql) const {
    while (ExecuteSql(url_, "SELECT CASE WHEN " + sql + " THEN 'true' END") != "true")
      std::this_thread::sleep_for(1ms);
  }

  // Waits until the server's end of the session sleeps. Others may still sleep there whose client is long
  // gone.
  void AwaitSleeping(const std::string& pid) const {
    Await("EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " + pid + ")");
  }
  static std::string Pid(Connection& connection) { return ReadOne(connection, "SELECT pg_backend_pid()"); }

  // Runs a sleep without end, does `interrupt` once the server sleeps, and gives the statement's error.
  Error SleepUntil(Connection& connection, const std::function<void()>& interrupt) const {
    std::jthread other([&, pid = Pid(connection)] {
      AwaitSleeping(pid);
      interrupt();
    });
    return ReadError(connection, "SELECT pg_sleep(100000)", {}, Endless());
  }
  // No statement timeout ends what a test means to end.
  static QueryLimits Endless() {
    QueryLimits limits;
    limits.timeout = 24h;
    return limits;
  }

  std::string url_;
  std::unique_ptr<StalledProxy> proxy_;
};

// ---------- A healthy server

TEST_F(Stop, CancelEndsAStatementWithItsReasonAndNotTheSession) {
  for (const ErrorCode why : {ErrorCode::kCancelled, ErrorCode::kTimeout}) {
    const auto connection = Open(url_);
    const Error error = SleepUntil(*connection, [&] { connection->Cancel(why); });
    EXPECT_EQ(error.code, why);
    EXPECT_EQ(error.sqlstate, "57014") << "the server's own answer";
    if (connection->healthy()) {
      EXPECT_EQ(ReadOne(*connection, "SELECT 1"), "1");
    }
  }
}

TEST_F(Stop, SeverEndsAStatementAndTheSession) {
  const auto connection = Open(url_);
  const Error error = SleepUntil(*connection, [&] { connection->Sever(ErrorCode::kTimeout); });
  EXPECT_EQ(error.code, ErrorCode::kTimeout);
  EXPECT_FALSE(connection->healthy());
  EXPECT_EQ(ReadError(*connection, "SELECT 1").code, ErrorCode::kUnreachable);
}

TEST_F(Stop, CancelWithoutAStatementDoesNothing) {
  const auto connection = Open(url_);
  connection->Cancel(ErrorCode::kCancelled);
  EXPECT_TRUE(connection->healthy());
  EXPECT_EQ(ReadOne(*connection, "SELECT 1"), "1");
}

TEST_F(Stop, ASessionSeveredWhileIdleIsNotHealthy) {
  const auto connection = Open(url_);
  connection->Sever(ErrorCode::kCancelled);
  EXPECT_FALSE(connection->healthy());
  EXPECT_EQ(ReadError(*connection, "SELECT 1").code, ErrorCode::kCancelled) << "it was meant for this one";
  EXPECT_EQ(ReadError(*connection, "SELECT 1").code, ErrorCode::kUnreachable);
}

TEST_F(Stop, AStopBeforeTheStatementSendsNothing) {
  const auto connection = Open(url_);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(Read(*connection, "SELECT 1", {}, {}, stop.get_token()).error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(connection->healthy());
}

TEST_F(Stop, AStopBetweenRowsEndsTheStatement) {
  const auto connection = Open(url_);
  std::stop_source stop;
  int rows = 0;
  const auto result = connection->Query("SELECT generate_series(1, 1000000000)", {}, {}, stop.get_token(),
                                        [&](std::span<const Value>) -> Result<void> {
                                          if (++rows == 10) stop.request_stop();
                                          return {};
                                        });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(rows, 10);
}

// A stop alone ends a statement too, and gives a canceller the time to ask politely first.
TEST_F(Stop, AStopThatNobodyFollowsUpEndsTheStatementAndTheSession) {
  const auto connection = Open(ProxyUrl());
  std::stop_source stop;
  std::jthread other([&, pid = Pid(*connection)] {
    AwaitSleeping(pid);
    proxy_->Stall();
    stop.request_stop();
  });
  EXPECT_EQ(Read(*connection, "SELECT pg_sleep(100000)", {}, Endless(), stop.get_token()).error().code,
            ErrorCode::kCancelled);
  EXPECT_FALSE(connection->healthy());
}

TEST_F(Stop, AStopThatIsFollowedUpAtOnceKeepsTheSession) {
  const auto connection = Open(url_);
  std::stop_source stop;
  std::jthread other([&, pid = Pid(*connection)] {
    AwaitSleeping(pid);
    stop.request_stop();
    connection->Cancel(ErrorCode::kCancelled);
  });
  const auto read = Read(*connection, "SELECT pg_sleep(100000)", {}, Endless(), stop.get_token());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(read.error().sqlstate, "57014") << "the server's own answer";
}

// Cancels that race with the end of the statement hit it or nothing: never the next one.
TEST_F(Stop, ALateCancelNeverHitsTheNextStatement) {
  auto connection = Open(url_);
  for (int round = 0; round < 60; ++round) {
    std::jthread other([&connection] { connection->Cancel(ErrorCode::kCancelled); });
    const auto first =
        Read(*connection, "SELECT count(*) FROM generate_series(1, " + std::to_string(round * 50) + ")");
    if (!first) {
      EXPECT_EQ(first.error().code, ErrorCode::kCancelled) << first.error().message;
    }
    other.join();
    if (!connection->healthy()) connection = Open(url_);
    for (int next = 0; next < 3; ++next) {
      ASSERT_EQ(ReadOne(*connection, "SELECT 1"), "1") << "round " << round;
    }
  }
}

TEST_F(Stop, ALostSessionIsUnreachable) {
  const auto connection = Open(url_);
  const std::string pid = Pid(*connection);
  const Error error =
      SleepUntil(*connection, [&] { ExecuteSql(url_, "SELECT pg_terminate_backend(" + pid + ")"); });
  EXPECT_EQ(error.code, ErrorCode::kUnreachable);
  EXPECT_EQ(error.sqlstate, "57P01");
  EXPECT_FALSE(connection->healthy());
}

TEST_F(Stop, ASessionLostWhileIdleIsSeenBeforeItIsUsed) {
  const auto connection = Open(url_);
  const std::string pid = Pid(*connection);
  EXPECT_TRUE(connection->healthy());
  ExecuteSql(url_, "SELECT pg_terminate_backend(" + pid + ", 10000)");
  EXPECT_FALSE(connection->healthy());
  EXPECT_EQ(ReadError(*connection, "SELECT 1").code, ErrorCode::kUnreachable);
}

// ---------- A frozen one

TEST_F(Stop, SeverEndsAStatementBehindAFrozenPeer) {
  const auto connection = Open(ProxyUrl());
  const Error error = SleepUntil(*connection, [&] {
    proxy_->Stall();
    connection->Sever(ErrorCode::kCancelled);
  });
  EXPECT_EQ(error.code, ErrorCode::kCancelled);
  EXPECT_FALSE(connection->healthy());
}

TEST_F(Stop, ABlockedCancelHoldsUpNeitherSeverNorTheStatement) {
  std::shared_ptr<Connection> connection = Open(ProxyUrl());
  std::jthread canceller;
  const Error error = SleepUntil(*connection, [&] {
    proxy_->Stall();
    std::promise<void> called;
    canceller = std::jthread([&called, held = connection] {
      called.set_value();
      held->Cancel(ErrorCode::kTimeout);
    });
    called.get_future().wait();
    std::this_thread::sleep_for(20ms);  // it is most likely waiting for the peer now
    connection->Sever(ErrorCode::kCancelled);
  });
  EXPECT_TRUE(error.code == ErrorCode::kTimeout || error.code == ErrorCode::kCancelled);
  EXPECT_FALSE(connection->healthy());
  connection.reset();
  proxy_.reset();  // ends the wait of the canceller
}

TEST_F(Stop, ClosingAHealthySessionBehindAFrozenPeerDoesNotWait) {
  std::shared_ptr<Connection> connection = Open(ProxyUrl());
  EXPECT_EQ(ReadOne(*connection, "SELECT 1"), "1");
  proxy_->Stall();
  connection.reset();
}

TEST_F(Stop, AStatementTooLargeForAFrozenPeersBuffersIsSeveredToo) {
  const auto connection = Open(ProxyUrl());
  proxy_->Stall();
  std::jthread other([&] {
    std::this_thread::sleep_for(20ms);
    connection->Sever(ErrorCode::kTimeout);
  });
  const Error error = ReadError(*connection, "SELECT length($1)", {std::string(16 << 20, 'x')}, Endless());
  EXPECT_EQ(error.code, ErrorCode::kTimeout);
}

TEST_F(Stop, AStopEndsConnectingToAFrozenPeer) {
  proxy_->Stall();
  std::stop_source stop;
  std::jthread other([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  const auto connection = Connect(ProxyUrl(), stop.get_token());
  other.join();
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, ErrorCode::kCancelled);
}

TEST_F(Stop, ConnectingToAFrozenPeerEndsAtTheUrlsTimeout) {
  proxy_->Stall();
  const auto connection = Connect(ProxyUrl("?connect_timeout=1"));
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, ErrorCode::kUnreachable);
  EXPECT_EQ(connection.error().message, "cannot connect to warehouse: no answer within 1 s");
}

TEST_F(Stop, APeerThatComesBackIsAnswered) {
  const auto connection = Open(ProxyUrl());
  proxy_->Stall();
  std::jthread other([&] {
    std::this_thread::sleep_for(20ms);
    proxy_->Resume();
  });
  EXPECT_EQ(ReadOne(*connection, "SELECT 1"), "1");
  EXPECT_TRUE(connection->healthy());
}

}  // namespace
}  // namespace amont
