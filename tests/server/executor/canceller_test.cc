#include "server/executor/canceller.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "core/guarded.h"

namespace amont {
namespace {

using namespace std::chrono_literals;

// A session whose query lasts until somebody ends it; a frozen one does not hear Cancel, which then blocks
// until it is severed.
class EndlessConnection : public Connection {
 public:
  explicit EndlessConnection(bool frozen) : frozen_(frozen) {}

  Result<std::vector<ResultColumn>> Query(const std::string&, std::span<const Value>, const QueryLimits&,
                                          std::stop_token, const RowSink&) override {
    return state_.WaitThen(
        [](const State& state) { return state.ended.has_value(); },
        [](State& state) -> Result<std::vector<ResultColumn>> { return MakeError(*state.ended, "ended"); });
  }
  void Cancel(ErrorCode why) noexcept override {
    ++cancels;
    if (frozen_) {
      state_.WaitThen([](const State& state) { return state.severed; }, [](State&) {});
      return;
    }
    End(why, false);
  }
  void Sever(ErrorCode why) noexcept override {
    ++severs;
    End(why, true);
  }
  bool healthy() const noexcept override { return severs == 0; }
  Engine engine() const noexcept override { return Engine::kPostgres; }

  std::atomic<int> cancels = 0;
  std::atomic<int> severs = 0;

 private:
  struct State {
    std::optional<ErrorCode> ended;
    bool severed = false;
  };
  void End(ErrorCode why, bool severed) {
    state_.With([&](State& state) {
      if (!state.ended) state.ended = why;
      state.severed |= severed;
    });
    state_.Notify();
  }

  const bool frozen_;
  Guarded<State> state_;
};

ErrorCode RunWatched(Canceller& canceller, const std::shared_ptr<EndlessConnection>& connection,
                     Duration timeout, std::stop_token stop) {
  const auto watch = canceller.Begin(connection, timeout, stop);
  const auto result = connection->Query("", {}, {}, stop, nullptr);
  return result ? ErrorCode::kInternal : result.error().code;
}

TEST(Canceller, ADeadlineEndsTheQueryAsTimeout) {
  Canceller canceller;
  const auto connection = std::make_shared<EndlessConnection>(false);
  EXPECT_EQ(RunWatched(canceller, connection, 5ms, {}), ErrorCode::kTimeout);
  EXPECT_GE(connection->cancels + connection->severs, 1);
}

TEST(Canceller, AStopEndsTheQueryAsCancelled) {
  Canceller canceller;
  std::stop_source stop;
  const auto connection = std::make_shared<EndlessConnection>(false);
  std::jthread later([&] { stop.request_stop(); });
  EXPECT_EQ(RunWatched(canceller, connection, 1h, stop.get_token()), ErrorCode::kCancelled);
}

TEST(Canceller, AStopThatCameFirstEndsTheQueryToo) {
  Canceller canceller;
  std::stop_source stop;
  stop.request_stop();
  const auto connection = std::make_shared<EndlessConnection>(false);
  EXPECT_EQ(RunWatched(canceller, connection, 1h, stop.get_token()), ErrorCode::kCancelled);
}

TEST(Canceller, AFrozenPeerIsSevered) {
  Canceller canceller;
  std::stop_source stop;
  stop.request_stop();
  const auto connection = std::make_shared<EndlessConnection>(true);
  EXPECT_EQ(RunWatched(canceller, connection, 1h, stop.get_token()), ErrorCode::kCancelled);
  EXPECT_GE(connection->severs, 1);
}

TEST(Canceller, OneFrozenPeerDoesNotKeepAnotherQueryAlive) {
  Canceller canceller;
  std::stop_source stop;
  const auto frozen = std::make_shared<EndlessConnection>(true);
  const auto sound = std::make_shared<EndlessConnection>(false);
  std::jthread other([&] { RunWatched(canceller, frozen, 1h, stop.get_token()); });
  std::jthread later([&] { stop.request_stop(); });
  EXPECT_EQ(RunWatched(canceller, sound, 1h, stop.get_token()), ErrorCode::kCancelled);
}

TEST(Canceller, AQueryThatEndedIsLeftAlone) {
  std::stop_source stop;
  const auto connection = std::make_shared<EndlessConnection>(false);
  {
    Canceller canceller;
    { const auto watch = canceller.Begin(connection, 1h, stop.get_token()); }
    stop.request_stop();
    // A later watch goes through the same loop, so by its end the first one would have been swept.
    const auto other = std::make_shared<EndlessConnection>(false);
    EXPECT_EQ(RunWatched(canceller, other, 5ms, {}), ErrorCode::kTimeout);
  }
  EXPECT_EQ(connection->cancels, 0);
  EXPECT_EQ(connection->severs, 0);
}

TEST(Canceller, ASessionThatWasAskedToCancelIsNotUsedAgain) {
  Canceller canceller;
  const auto connection = std::make_shared<EndlessConnection>(false);
  EXPECT_EQ(RunWatched(canceller, connection, 5ms, {}), ErrorCode::kTimeout);
  EXPECT_FALSE(connection->healthy()) << "the request could still hit the next query";
}

TEST(Canceller, EndsManyQueriesAtOnce) {
  Canceller canceller;
  std::stop_source stop;
  std::atomic<int> cancelled = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&, frozen = i % 4 == 0] {
      const auto connection = std::make_shared<EndlessConnection>(frozen);
      if (RunWatched(canceller, connection, 1h, stop.get_token()) == ErrorCode::kCancelled) ++cancelled;
    });
  }
  stop.request_stop();
  threads.clear();
  EXPECT_EQ(cancelled, 32);
}

}  // namespace
}  // namespace amont
