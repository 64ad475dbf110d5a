// The store's reads search by its keys, whatever a store holds.
#include <gtest/gtest.h>

#include <filesystem>

#include "server/store/listing.h"
#include "server/store/reading.h"
#include "tests/server/store/store_fixture.h"

namespace amont {
namespace {

using std::chrono::days;
using testing::At;
using testing::CheckOn;
using testing::ConclusionOf;
using testing::TableNamed;

const Timestamp kNow = At("2026-11-24T06:00:00Z");

class StoreQueries : public testing::StoreFixture {
 protected:
  std::vector<std::string> PlanOf(std::string sql) {
    for (const char* number : {"$1", "$2", "$3", "$4", "$5", "$6"}) {
      for (size_t at = sql.find(number); at != std::string::npos; at = sql.find(number))
        sql.replace(at, 2, "1");
    }
    return Query("EXPLAIN QUERY PLAN " + sql);
  }
};

TEST_F(StoreQueries, PointsAreFoundByTheirKeyAndComeInItsOrder) {
  for (const std::string& query : PointQueries()) {
    for (const std::string& step : PlanOf(query)) {
      const bool by_key =
          step.find("USING PRIMARY KEY (series=?") != std::string::npos ||
          step.find("USING COVERING INDEX point_accepted (accepted=? AND series=?") != std::string::npos ||
          step.find("SCALAR SUBQUERY") != std::string::npos;
      EXPECT_TRUE(by_key) << query << "\n" << step;  // no scan, no sorting
    }
  }
}

TEST_F(StoreQueries, ListingsAreFoundByAKeyAndComeInItsOrder) {
  for (const std::string& query : ListingQueries()) {
    for (const std::string& step : PlanOf(query)) {
      EXPECT_EQ(step.find("SCAN"), std::string::npos) << query << "\n" << step;
      EXPECT_EQ(step.find("TEMP B-TREE"), std::string::npos) << query << "\n" << step;
    }
  }
}

TEST_F(StoreQueries, TheAcceptedPointIsFoundAmongAcceptedOnes) {
  int found = 0;
  for (const std::string& query : PointQueries()) {
    for (const std::string& step : PlanOf(query))
      found += step.find("point_accepted") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(found, 1);
}

TEST_F(StoreQueries, ManyChecksAreReadAndWritten) {
  constexpr int kTables = 2000;
  std::vector<CheckPtr> checks;
  std::vector<Conclusion> tables;
  ChangeWithin change;
  change.versus = days(7);
  change.fail.min = -0.3;
  Between between;
  between.fail.min = int64_t{1};
  for (int i = 0; i < kTables; ++i) {
    const auto table = TableNamed("mart.t" + std::to_string(i));
    std::vector<Verdict> verdicts;
    const auto add = [&](const std::string& measure, Expectation expectation) {
      Verdict verdict;
      verdict.check = CheckOn(table, measure, RowCount{}, std::move(expectation));
      verdict.status = Status::kPass;
      verdict.observed = int64_t{i + 1};
      verdict.sentence = "rows";
      verdict.at = kNow - days(7);
      checks.push_back(verdict.check);
      verdicts.push_back(std::move(verdict));
    };
    add("emptied", NotEmptied{});
    add("volume_change", change);
    for (const char* name : {"volume@a", "volume@b", "volume@c"}) add(name, between);
    tables.push_back(ConclusionOf(std::move(verdicts)));
  }
  const auto run = store_->ClaimRun({"slot", "a", kNow});
  ASSERT_TRUE(run.has_value());
  ASSERT_TRUE(store_->RecordTables(*run, tables).has_value());
  const auto histories = store_->ReadHistory(checks, kNow);
  ASSERT_TRUE(histories.has_value());
  ASSERT_EQ(histories->size(), checks.size());
  for (size_t i = 0; i < checks.size(); ++i) {
    const bool looks_back = i % 5 < 2;
    ASSERT_EQ(histories->at(i).points.size(), looks_back ? 1u : 0u) << checks[i]->id;
    if (!looks_back) continue;
    EXPECT_EQ(histories->at(i).points[0].value, Value(static_cast<int64_t>(i / 5 + 1)));
  }
}

TEST_F(StoreQueries, MonthsOfQuarterHoursAreSmallOnDisk) {
  Verdict verdict;
  verdict.check = CheckOn(TableNamed("orders"), "emptied", RowCount{}, NotEmptied{});
  constexpr int kGroups = 100;
  constexpr int kTimes = 200;
  for (int i = 0; i < kGroups; ++i) {
    verdict.groups.push_back({"group " + std::to_string(i), Status::kPass, int64_t{123'456}, ""});
  }
  for (int i = 0; i < kTimes; ++i) {
    verdict.status = Status::kPass;
    verdict.at = kNow + std::chrono::minutes(15) * i;
    Record(ConclusionOf({verdict}), verdict.at);
  }
  store_.reset();
  EXPECT_LT(std::filesystem::file_size(Path()), kGroups * kTimes * 65u);
}

}  // namespace
}  // namespace amont
