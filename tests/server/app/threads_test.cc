// What happens where the system gives no more threads: runs wait for one, nothing ends.
#include <gtest/gtest.h>
#include <pthread.h>

#include <chrono>
#include <thread>

#include "core/sql/connection.h"
#include "server/app/schedule_loop.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using namespace std::chrono_literals;

// While it lives no thread can be started: none has room for such a stack.
class NoMoreThreads {
 public:
  NoMoreThreads() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t huge = before_;
    pthread_attr_setstacksize(&huge, size_t{1} << 46);
    pthread_setattr_default_np(&huge);
  }
  ~NoMoreThreads() { pthread_setattr_default_np(&before_); }
  NoMoreThreads(const NoMoreThreads&) = delete;
  NoMoreThreads& operator=(const NoMoreThreads&) = delete;

 private:
  pthread_attr_t before_;
};

class ThreadsTest : public ::testing::Test {
 protected:
  ThreadsTest() {
    auto source = OpenSqliteStore(dir_.Path("shop.db"));
    EXPECT_TRUE(source && (*source)->Execute("CREATE TABLE orders AS SELECT 1 AS id", {}));
    dir_.Write("amont.toml", "[source.shop]\nurl = \"sqlite:shop.db\"\n");
    dir_.Write(
        "checks/a.toml",
        "[[table]]\nname = \"main.orders\"\nsource = \"shop\"\nschedule = \"1s\"\nvolume = { min = 1 }\n");
    auto store = OpenStore("sqlite:" + dir_.Path("amont.db"), StoreMode::kWrite);
    EXPECT_TRUE(store);
    if (store) store_ = std::move(*store);
    EXPECT_TRUE(configuration_.Load(*store_));
  }
  RunLedger Ledger() {
    return {*store_, states_, instruments_, [](int64_t) { return true; }};
  }
  bool Judged() const {
    const KnownCheckPtr check = states_.Find("shop/main.orders:volume");
    return check != nullptr && check->state.has_value();
  }

  testing::TempDir dir_;
  Canceller canceller_;
  std::unique_ptr<Store> store_ = NoStore();
  Configuration configuration_{dir_.Path("amont.toml"), [](const std::string&) { return std::nullopt; },
                               canceller_};
  StateMap states_;
  Instruments instruments_;
};

TEST_F(ThreadsTest, ARunIsMeasuredByItsCallerWhereThereIsNoThread) {
  const auto generation = configuration_.Get();
  RecordedOrder order;
  order.claim = {"test", "1", Timestamp(1h), 0};
  order.sources = {"shop"};
  const NoMoreThreads none;
  ASSERT_THROW(std::jthread([] {}), std::system_error);
  const auto run = RunRecorded(*generation, order, Ledger(), {}, {});
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->tables, 1u);
  EXPECT_EQ(run->statuses, (std::map<Status, size_t>{{Status::kPass, 2}}));
}

TEST_F(ThreadsTest, ASlotWaitsUntilThereIsAThreadForItsRun) {
  Leadership leadership(*store_, "me", 1h, true);
  ScheduleLoop loop(configuration_, leadership, Ledger(), [](bool) {});
  {
    const NoMoreThreads none;
    ASSERT_TRUE(leadership.Step());
    loop.Wake();
    std::this_thread::sleep_for(500ms);
    EXPECT_FALSE(Judged());
  }
  const auto give_up = std::chrono::steady_clock::now() + 60s;
  while (!Judged() && std::chrono::steady_clock::now() < give_up) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(Judged());
}

}  // namespace
}  // namespace amont
