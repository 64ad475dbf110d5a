// A store that takes a question and does not answer: what a run reads ends with its stop.
#include <gtest/gtest.h>

#include <chrono>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/sql/postgres_store.h"
#include "tests/server/store/store_fixture.h"
#include "tests/testing/postgres.h"

namespace amont {
namespace {

using namespace std::chrono_literals;
using testing::At;
using testing::CheckOn;
using testing::TableNamed;

const Timestamp kNow = At("2026-11-24T06:00:00Z");

class SilentStore : public testing::StoreFixture {
 protected:
  SilentStore() : StoreFixture(Engine::kPostgres) {}
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    Reopen();
    ConnectOptions options;
    options.url = Url();
    auto session = OpenPostgresStore(options, true);
    ASSERT_TRUE(session) << session.error().message;
    blocker_ = std::move(*session);
    ASSERT_TRUE(blocker_->BeginWrite());
    for (const char* table : {"series", "known_table", "verdict", "apart"}) {
      ASSERT_TRUE(blocker_->Execute(std::string("LOCK TABLE ") + table + " IN ACCESS EXCLUSIVE MODE", {}))
          << table;
    }
  }

  std::unique_ptr<StoreSession> blocker_;
};

TEST_F(SilentStore, AStopEndsWhatARunReadsAndWhoWaitsForItsTurn) {
  const std::vector<CheckPtr> checks = {CheckOn(TableNamed("orders"), "emptied", RowCount{}, NotEmptied{})};
  std::stop_source stop;
  std::vector<std::jthread> readers;
  const auto expect_cancelled = [](const auto& found) {
    EXPECT_EQ(found ? ErrorCode::kInternal : found.error().code, ErrorCode::kCancelled);
  };
  readers.emplace_back([&] { expect_cancelled(store_->ReadHistory(checks, kNow, stop.get_token())); });
  readers.emplace_back([&] { expect_cancelled(store_->ReadKnownTables("src", stop.get_token())); });
  readers.emplace_back([&] { expect_cancelled(store_->ReadKnownTables("src", stop.get_token())); });
  std::this_thread::sleep_for(50ms);  // most of the times they wait by then
  const auto stopped = std::chrono::steady_clock::now();
  stop.request_stop();
  readers.clear();
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, 1s);

  blocker_->Rollback();
  EXPECT_TRUE(store_->ReadHistory(checks, kNow, {})) << "others read as before";
}

}  // namespace
}  // namespace amont
