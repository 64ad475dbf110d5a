#include "core/sql/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "tests/core/sql/rows.h"
#include "tests/testing/postgres.h"

namespace amont {
namespace {

using testing::ExecuteSql;
using testing::PostgresServer;
using testing::ReadOne;

class PoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    static const std::string shared = PostgresServer::Get().CreateDatabase();  // nothing here changes it
    options_.url = shared;
  }

  static std::string Backend(const Pool::Lease& lease) { return ReadOne(*lease, "SELECT pg_backend_pid()"); }

  ConnectOptions options_;
};

TEST_F(PoolTest, GivesAReturnedSessionAgain) {
  Pool pool(options_, 2);
  std::string first;
  {
    const auto lease = pool.Take({});
    ASSERT_TRUE(lease);
    first = Backend(*lease);
  }
  const auto lease = pool.Take({});
  ASSERT_TRUE(lease);
  EXPECT_EQ(Backend(*lease), first);
}

TEST_F(PoolTest, ThrowsABrokenSessionAway) {
  Pool pool(options_, 1);
  std::string first;
  {
    const auto lease = pool.Take({});
    ASSERT_TRUE(lease);
    first = Backend(*lease);
    (*lease)->Sever(ErrorCode::kCancelled);
  }
  const auto lease = pool.Take({});
  ASSERT_TRUE(lease);
  EXPECT_NE(Backend(*lease), first);
}

TEST_F(PoolTest, ThrowsASessionAwayThatWasLostWhileIdle) {
  Pool pool(options_, 1);
  std::string first;
  {
    const auto lease = pool.Take({});
    ASSERT_TRUE(lease);
    first = Backend(*lease);
  }
  ExecuteSql(options_.url, "SELECT pg_terminate_backend(" + first + ", 10000)");
  const auto lease = pool.Take({});
  ASSERT_TRUE(lease);
  EXPECT_NE(Backend(*lease), first);
}

TEST_F(PoolTest, NeverHasMoreThanItsCapacityInUse) {
  Pool pool(options_, 3);
  std::atomic<int> in_use = 0;
  std::atomic<int> most = 0;
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 8; ++i) {
      workers.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
          const auto lease = pool.Take({});
          if (!lease) return;
          const int now = ++in_use;
          for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
          }
          ReadOne(**lease, "SELECT 1");
          --in_use;
          ++done;
        }
      });
    }
  }
  EXPECT_EQ(done, 8 * 20);
  EXPECT_LE(most, 3);
  EXPECT_LE(std::stoi(ExecuteSql(options_.url,
                                 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'amont'"
                                 " AND datname = current_database()")),
            3);
}

TEST_F(PoolTest, AStopEndsTheWaitForAPlace) {
  Pool pool(options_, 1);
  const auto lease = pool.Take({});
  ASSERT_TRUE(lease);
  for (int round = 0; round < 50; ++round) {
    std::stop_source stop;
    std::optional<ErrorCode> code;
    std::jthread waiter([&] {
      const auto second = pool.Take(stop.get_token());
      if (!second) code = second.error().code;
    });
    if (round % 2 == 0) std::this_thread::yield();
    stop.request_stop();
    waiter.join();
    EXPECT_EQ(code, ErrorCode::kCancelled);
  }
}

TEST_F(PoolTest, AReturnedPlaceWakesAWaiter) {
  Pool pool(options_, 1);
  auto lease = std::make_optional(pool.Take({}).value());
  std::atomic<bool> taken = false;
  std::jthread waiter([&] { taken = pool.Take({}).has_value(); });
  lease.reset();
  waiter.join();
  EXPECT_TRUE(taken);
}

TEST_F(PoolTest, SharesWhatTheServerGivesWhereThatIsLessThanItsCapacity) {
  const std::string url = PostgresServer::Get().CreateDatabase();
  const std::string database = ExecuteSql(url, "SELECT current_database()");
  const std::string role = "narrow_" + database;
  ExecuteSql(url, "CREATE ROLE " + role + " LOGIN CONNECTION LIMIT 1");
  options_.url = PostgresServer::Get().Url(database, role);
  Pool pool(options_, 4);
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 4; ++worker) {
      workers.emplace_back([&] {
        for (int round = 0; round < 10; ++round) {
          // The first to come may find nobody who has a session yet.
          const auto lease = pool.Take({});
          if (!lease) continue;
          ReadOne(**lease, "SELECT 1");
          ++done;
        }
      });
    }
  }
  EXPECT_GE(done, 4 * 9);
}

TEST(Pool, AFailedConnectGivesItsPlaceBack) {
  ConnectOptions options;
  options.name = "gone";
  options.url = "postgresql://amont@127.0.0.1:1/w";
  Pool pool(options, 1);
  for (int round = 0; round < 3; ++round) {
    const auto lease = pool.Take({});
    ASSERT_FALSE(lease);
    EXPECT_EQ(lease.error().code, ErrorCode::kUnreachable);
  }
}

}  // namespace
}  // namespace amont
