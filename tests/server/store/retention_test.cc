#include "server/store/retention.h"

#include <gtest/gtest.h>

#include "tests/server/store/store_fixture.h"

namespace amont {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using testing::At;

class RetentionTest : public testing::EachStore {
 protected:
  const Timestamp now_ = At("2026-11-24T06:00:00Z");
  const CheckPtr check_ = testing::CheckOn(testing::TableNamed("orders"), "volume", RowCount{}, Between{});

  // One point an interval over a stretch that ends `until` before now.
  void CountEvery(Duration interval, int times, Duration until) {
    for (int i = times; i > 0; --i) Count(check_, 100 + i, now_ - until - interval * i);
  }
  // As the first run of a day does.
  void Trim(const Retention& keep = {}) {
    const auto run = store_->ClaimRun({"local", "trim", now_});
    ASSERT_TRUE(run.has_value());
    ASSERT_TRUE(store_->Trim(*run, keep, now_).has_value());
  }
  std::string Points(const std::string& where = "1 = 1") {
    return Query("SELECT count(*) FROM point WHERE " + where).at(0);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, RetentionTest, testing::kStoreEngines, testing::StoreEngineName);

TEST_P(RetentionTest, TheLastThirtyDaysKeepEveryPoint) {
  CountEvery(minutes(15), 40, days(1));
  Trim();
  EXPECT_EQ(Points(), "40");
}

TEST_P(RetentionTest, ThenOneAnHourThenOneADay) {
  CountEvery(minutes(15), 16,
             days(40));  // four hours, and a bit of a fifth where the stretch is not on the hour
  CountEvery(hours(6), 16, days(100));  // four days
  Trim();
  EXPECT_EQ(Query("SELECT count(*) FROM point WHERE at > " +
                  std::to_string((now_ - days(90)).time_since_epoch().count())),
            std::vector<std::string>{"4"});
  EXPECT_LE(std::stoi(Points()), 4 + 5);
  EXPECT_GE(std::stoi(Points()), 4 + 4);
}

TEST_P(RetentionTest, TrimmingTwiceChangesNothingMore) {
  CountEvery(minutes(15), 16, days(40));
  Trim();
  const std::string once = Points();
  const auto run = store_->ClaimRun({"local", "again", now_ + days(1)});
  ASSERT_TRUE(run.has_value());
  ASSERT_TRUE(store_->Trim(*run, {}, now_ + days(1)).has_value());
  EXPECT_EQ(Points(), once);
}

TEST_P(RetentionTest, WhatIsOlderThanKeptGoesButNotWhatWasAccepted) {
  CountEvery(days(1), 3, days(401));
  Count(check_, 7, now_ - days(400) - hours(1));
  ASSERT_TRUE(store_->AcceptValue({check_->id, "that was right", now_}).has_value());
  Count(check_, 8, now_ - days(1));
  Trim();
  EXPECT_EQ(Points("accepted = 1"), "1");
  EXPECT_EQ(Points(), "2");
}

TEST_P(RetentionTest, OldVerdictsGoButTheLastSentenceStays) {
  CountEvery(days(1), 5, days(100));
  Count(check_, 5, now_ - days(1));
  const auto before = store_->ReadLastVerdict(check_->id);
  Trim();
  const auto after = store_->ReadLastVerdict(check_->id);
  ASSERT_TRUE(before.has_value() && before->has_value() && after.has_value() && after->has_value());
  EXPECT_FALSE((*after)->sentence.empty());
  EXPECT_EQ((*after)->sentence, (*before)->sentence);
  EXPECT_EQ(Query("SELECT count(*) FROM verdict"), std::vector<std::string>{"2"});
}

TEST_P(RetentionTest, VerdictsOfARunGoAFewThousandAtATime) {
  Conclusion conclusion;
  conclusion.table = check_->table;
  for (int i = 0; i < 4'500; ++i) {
    Verdict verdict;
    verdict.check = testing::CheckOn(check_->table, "volume@" + std::to_string(i), RowCount{}, Between{});
    verdict.status = Status::kPass;
    verdict.at = now_ - days(101);
    conclusion.verdicts.push_back(std::move(verdict));
  }
  Record(conclusion, now_ - days(101));
  for (Verdict& verdict : conclusion.verdicts) verdict.at = now_ - days(100);
  Record(conclusion, now_ - days(100));
  Trim();
  EXPECT_EQ(Query("SELECT count(*), count(sentence) FROM verdict"), std::vector<std::string>{"4500|4500"});
  EXPECT_EQ(Query("SELECT count(*) FROM run"), std::vector<std::string>{"3"});
  const auto run = store_->ClaimRun({"local", "again", now_ + days(1)});
  ASSERT_TRUE(run.has_value());
  ASSERT_TRUE(store_->Trim(*run, {}, now_ + days(1)).has_value());
  EXPECT_EQ(Query("SELECT count(*) FROM run WHERE trigger_kind = 'test'"), std::vector<std::string>{"1"})
      << "the next trim removes what this one emptied; the other run tells";
}

TEST_P(RetentionTest, OnlyTheFirstRunOfADayTrims) {
  CountEvery(days(1), 3, days(401));
  const auto earlier = store_->ClaimRun({"local", "earlier", now_ - hours(1)});
  const auto run = store_->ClaimRun({"local", "later", now_});
  ASSERT_TRUE(earlier.has_value() && run.has_value());
  ASSERT_TRUE(store_->Trim(*run, {}, now_).has_value());
  EXPECT_EQ(Points(), "3");
  ASSERT_TRUE(store_->Trim(*earlier, {}, now_).has_value());
  EXPECT_EQ(Points(), "3") << "the later run is of the same day too";
}

}  // namespace
}  // namespace amont
