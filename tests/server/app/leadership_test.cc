// Who leads: over a real store, with a clock that the tests move.
#include "server/app/leadership.h"

#include <gtest/gtest.h>

#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using namespace std::chrono_literals;

class LeadershipTest : public ::testing::Test {
 protected:
  static constexpr Duration kTerm = 9s;

  LeadershipTest() {
    auto opened = OpenStore("sqlite:" + dir_.Path("amont.db"), StoreMode::kWrite);
    if (opened) store_ = std::move(*opened);
  }

  Leadership Candidate(const std::string& name, bool alone = false) {
    return {*store_, name, kTerm, alone, [this] { return now_; }};
  }

  testing::TempDir dir_;
  std::unique_ptr<Store> store_;
  Leadership::Clock::time_point now_{};
};

TEST_F(LeadershipTest, TheFirstLeadsAtOnceAndTheSecondDoesNot) {
  Leadership a = Candidate("a");
  Leadership b = Candidate("b");
  ASSERT_TRUE(a.Step());
  ASSERT_TRUE(b.Step());
  EXPECT_EQ(a.epoch(), 1);
  EXPECT_EQ(b.epoch(), std::nullopt);
  EXPECT_EQ(b.holder(), "a");
}

TEST_F(LeadershipTest, WhoBeatsKeepsLeading) {
  Leadership a = Candidate("a");
  Leadership b = Candidate("b");
  ASSERT_TRUE(a.Step());
  for (int i = 0; i < 20; ++i) {
    now_ += a.pause();
    ASSERT_TRUE(b.Step());
    ASSERT_TRUE(a.Step());
    EXPECT_EQ(a.epoch(), 1);
    EXPECT_EQ(b.epoch(), std::nullopt);
  }
}

TEST_F(LeadershipTest, ASilentLeaderIsReplacedAfterATermAndNeverOverlaps) {
  Leadership a = Candidate("a");
  Leadership b = Candidate("b");
  ASSERT_TRUE(a.Step());
  ASSERT_TRUE(b.Step());
  for (Duration past(0); past < kTerm; past += 500ms) {
    EXPECT_TRUE(a.epoch().has_value()) << past.count();
    EXPECT_FALSE(b.epoch().has_value());
    now_ += 500ms;
    if (past + 500ms < kTerm) {
      ASSERT_TRUE(b.Step());
    }
  }
  EXPECT_FALSE(a.epoch().has_value()) << "its term is over before another may begin";
  EXPECT_FALSE(a.Lost(1)) << "nobody took it yet";
  ASSERT_TRUE(b.Step());
  EXPECT_EQ(b.epoch(), 2);
  // The first one wakes up again.
  ASSERT_TRUE(a.Step());
  EXPECT_TRUE(a.Lost(1));
  EXPECT_EQ(a.epoch(), std::nullopt);
  EXPECT_EQ(a.holder(), "b");
}

TEST_F(LeadershipTest, ALeaderThatWasAwayGoesOnWhereNobodyTookItsPlace) {
  Leadership a = Candidate("a");
  ASSERT_TRUE(a.Step());
  now_ += kTerm * 10;
  EXPECT_EQ(a.epoch(), std::nullopt);
  ASSERT_TRUE(a.Step());
  EXPECT_EQ(a.epoch(), 1);
}

TEST_F(LeadershipTest, OfTwoCandidatesOneTakesAFreeLease) {
  Leadership a = Candidate("a");
  ASSERT_TRUE(a.Step());
  Leadership b = Candidate("b");
  Leadership c = Candidate("c");
  ASSERT_TRUE(b.Step());
  ASSERT_TRUE(c.Step());
  now_ += kTerm;
  ASSERT_TRUE(b.Step());
  ASSERT_TRUE(c.Step());
  EXPECT_EQ(b.epoch(), 2);
  EXPECT_EQ(c.epoch(), std::nullopt);
}

TEST_F(LeadershipTest, AProcessAloneWithItsStoreWaitsForNobody) {
  Leadership dead = Candidate("dead");
  ASSERT_TRUE(dead.Step());
  Leadership a = Candidate("a", true);
  ASSERT_TRUE(a.Step());
  EXPECT_EQ(a.epoch(), 2);
}

TEST_F(LeadershipTest, WhatALeaderWritesAfterItWasReplacedIsRefused) {
  Leadership a = Candidate("a");
  ASSERT_TRUE(a.Step());
  const Timestamp at(std::chrono::hours(1));
  const auto run = store_->ClaimRun({"slot", "g@1", at, *a.epoch()});
  ASSERT_TRUE(run);
  Leadership b = Candidate("b", true);
  ASSERT_TRUE(b.Step());
  const auto late = store_->FinishRun(*run, at);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kFenced);
  EXPECT_EQ(store_->ClaimRun({"slot", "g@2", at, 1}).error().code, ErrorCode::kFenced);
  const auto resumed = store_->ClaimRun({"slot", "g@1", at, *b.epoch()});
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->id, run->id);
}

}  // namespace
}  // namespace amont
