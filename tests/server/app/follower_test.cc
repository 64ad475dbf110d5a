// What a replica takes from the others, and when it ends their runs: over a real store, with a clock that the
// tests move.
#include "server/app/follower.h"

#include <gtest/gtest.h>

#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTerm = 8s;

std::unique_ptr<Store> StoreIn(const testing::TempDir& dir) {
  auto store = OpenStore("sqlite:" + dir.Path("amont.db"), StoreMode::kWrite);
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : NoStore();
}

class FollowerTest : public ::testing::Test {
 protected:
  FollowerTest() {
    dir_.Write("amont.toml", "[source.shop]\nurl = \"sqlite:shop.db\"\n");
    dir_.Write("checks/a.toml",
               "[[table]]\nname = \"main.orders\"\nsource = \"shop\"\nvolume = { min = 1 }\n"
               "[[table]]\nname = \"main.c_*\"\nsource = \"shop\"\nvolume = { min = 1 }\n");
    EXPECT_TRUE(configuration_.Load(*store_));
    states_.Replace(configuration_.Get()->config.declarations.checks, {});
  }

  // Another replica's.
  ClaimedRun Claim(const std::string& key) {
    const auto run = store_->ClaimRun({"request", key, Timestamp(1h), 0, "other:1"});
    EXPECT_TRUE(run) << run.error().message;
    return run.value_or(ClaimedRun());
  }
  void Record(const ClaimedRun& run, const std::string& table, bool matched = false) {
    auto named = std::make_shared<Table>();
    named->name = {"shop", "main", table};
    auto check = std::make_shared<Check>();
    check->id = "shop/main." + table + ":volume";
    check->table = named;
    Verdict verdict;
    verdict.check = check;
    verdict.status = Status::kFail;
    verdict.at = Timestamp(1h);
    Conclusion conclusion;
    conclusion.table = named;
    conclusion.matched = matched;
    conclusion.verdicts = {verdict};
    const auto recorded = store_->RecordTables(run, std::vector{conclusion});
    EXPECT_TRUE(recorded) << recorded.error().message;
  }
  bool Ended(const std::string& key) const {
    const auto run = store_->ReadRun("request", key);
    return run && !run->has_value();  // its key is free
  }
  std::string StatusOf(const std::string& check) const {
    const KnownCheckPtr known = states_.Find(check);
    return known == nullptr ? "unknown" : known->now() ? std::string(ToString(*known->now())) : "none";
  }
  // Time passes, and both look.
  void Step(Duration later = 0s) {
    now_ += later;
    if (leads_) {
      ASSERT_TRUE(leadership_.Step());
    }
    const auto stepped = follower_.Step();
    ASSERT_TRUE(stepped) << stepped.error().message;
  }

  testing::TempDir dir_;
  Canceller canceller_;
  std::unique_ptr<Store> store_ = StoreIn(dir_);
  Configuration configuration_{dir_.Path("amont.toml"), [](const std::string&) { return std::nullopt; },
                               canceller_};
  StateMap states_;
  bool leads_ = true;
  Leadership::Clock::time_point now_{1h};
  Leadership leadership_{*store_, "me", kTerm, true, [this] { return now_; }};
  Follower follower_{*store_, leadership_, configuration_, states_, kTerm, [this] { return now_; }};
};

TEST_F(FollowerTest, ALeaderTakesWhatOthersRecordWithItsNextLook) {
  Step();
  const ClaimedRun run = Claim("1");
  Record(run, "orders");
  EXPECT_EQ(StatusOf("shop/main.orders:volume"), "none");
  Step(follower_.pause());
  EXPECT_EQ(StatusOf("shop/main.orders:volume"), "fail");
}

TEST_F(FollowerTest, ALeaderThatBeginsTakesWhatWasRecordedBefore) {
  const ClaimedRun run = Claim("1");
  Record(run, "orders");
  ASSERT_TRUE(store_->FinishRun(run, Timestamp(2h)));
  Step();
  EXPECT_EQ(StatusOf("shop/main.orders:volume"), "fail");
}

TEST_F(FollowerTest, ASilentRunIsEndedAfterATermAndOneThatBeatsIsNot) {
  Step();
  const ClaimedRun living = Claim("living");
  Claim("dead");
  Step(1s);
  for (Duration past(0); past < kTerm - 1s; past += 1s) {
    ASSERT_TRUE(store_->BeatRuns(std::vector{living.id}));
    Step(1s);
    EXPECT_FALSE(Ended("dead")) << past.count();
  }
  ASSERT_TRUE(store_->BeatRuns(std::vector{living.id}));
  Step(1s);
  EXPECT_TRUE(Ended("dead"));
  EXPECT_FALSE(Ended("living"));
}

TEST_F(FollowerTest, ALeaderThatSleptHasNotSeenTheOthersSilent) {
  Step();
  Claim("1");
  Step(1s);
  Step(10 * kTerm);
  EXPECT_FALSE(Ended("1"));
  for (Duration past(0); past < kTerm; past += 1s) Step(1s);
  EXPECT_TRUE(Ended("1"));
}

TEST_F(FollowerTest, ItsOwnRunsBeatWhileTheyGoOn) {
  Step();
  const ClaimedRun run = Claim("1");
  {
    const auto beating = follower_.Begin(run.id);
    for (Duration past(0); past < 2 * kTerm; past += 1s) Step(1s);
    EXPECT_FALSE(Ended("1"));
    const AskedRuns asked = store_->ReadAskedRuns(0).value_or(AskedRuns());
    ASSERT_EQ(asked.runs.size(), 1u);
    EXPECT_GT(asked.runs[0].beat, 10);
  }
  for (Duration past(0); past < 2 * kTerm; past += 1s) Step(1s);
  EXPECT_TRUE(Ended("1")) << "as if its process had died";
}

TEST_F(FollowerTest, WhoDoesNotLeadKnowsWildcardsTablesAndHowEverythingStands) {
  leads_ = false;
  const ClaimedRun run = Claim("1");
  Record(run, "orders");
  Record(run, "c_a", true);
  Step();
  EXPECT_EQ(StatusOf("shop/main.orders:volume"), "fail");
  EXPECT_EQ(StatusOf("shop/main.c_a:volume"), "fail");
  EXPECT_EQ(StatusOf("shop/main.c_a:exists"), "none");
  EXPECT_TRUE(states_.loaded());
  EXPECT_EQ(StatusOf("shop/main.c_*:matched"), "unknown");
  Record(run, "c_b", true);
  Step(5s);
  EXPECT_EQ(StatusOf("shop/main.c_b:volume"), "fail");
  EXPECT_FALSE(Ended("1")) << "only the leader ends runs";
}

}  // namespace
}  // namespace amont
