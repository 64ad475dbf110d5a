// The store's reads search by its keys, whatever a store holds.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "server/store/lineage_reader.h"
#include "server/store/listing.h"
#include "server/store/past_points.h"
#include "tests/server/store/store_fixture.h"
#include "tests/testing/postgres.h"

namespace amont {
namespace {

using std::chrono::days;
using testing::At;
using testing::CheckOn;
using testing::ConclusionOf;
using testing::TableNamed;

const Timestamp kNow = At("2026-11-24T06:00:00Z");

class StoreQueries : public testing::EachStore {
 protected:
  // The steps of a plan. PostgreSQL, whose tables are empty here, is told to scan and to sort only where
  // there is no other way.
  std::vector<std::string> PlanOf(std::string sql) {
    if (engine() == Engine::kSqlite) {
      for (const char* number : {"$1", "$2", "$3", "$4", "$5", "$6"}) {
        for (size_t at = sql.find(number); at != std::string::npos; at = sql.find(number))
          sql.replace(at, 2, "1");
      }
      return Query("EXPLAIN QUERY PLAN " + sql);
    }
    std::string nulls;
    for (int i = 1; sql.find("$" + std::to_string(i)) != std::string::npos; ++i)
      nulls += i > 1 ? ", NULL" : "NULL";
    std::vector<std::string> steps;
    std::istringstream lines(testing::ExecuteSql(
        Url(),
        "SET search_path = amont; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; "
        "SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan; "
        "PREPARE asked AS " +
            sql + "; " +
            "CREATE FUNCTION pg_temp.plan() RETURNS text LANGUAGE plpgsql AS $$ DECLARE line text; whole text := ''; "
            "BEGIN FOR line IN EXECUTE 'EXPLAIN EXECUTE asked(" +
            nulls +
            ")' LOOP whole := whole || line || E'\\n'; "
            "END LOOP; RETURN whole; END $$; SELECT pg_temp.plan()"));
    for (std::string line; std::getline(lines, line);) steps.push_back(line);
    return steps;
  }

  // Whether the step reads rows that no key led to, or orders what came in another order.
  static bool ScansOrSorts(const std::string& step) {
    for (const char* sign : {"SCAN", "TEMP B-TREE", "Seq Scan", "Sort"}) {
      if (step.find(sign) != std::string::npos && step.find("Sort Key") == std::string::npos) return true;
    }
    return false;
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, StoreQueries, testing::kStoreEngines, testing::StoreEngineName);

TEST_P(StoreQueries, AScanAndASortAreSeen) {
  for (const char* query :
       {"SELECT at FROM point WHERE value = $1", "SELECT at FROM point WHERE series = $1 ORDER BY value"}) {
    int seen = 0;
    for (const std::string& step : PlanOf(query)) seen += ScansOrSorts(step) ? 1 : 0;
    EXPECT_GT(seen, 0) << query;
  }
}

TEST_P(StoreQueries, PointsAreFoundByTheirKeyAndComeInItsOrder) {
  for (const std::string& query : PointQueries(engine())) {
    for (const std::string& step : PlanOf(query)) EXPECT_FALSE(ScansOrSorts(step)) << query << "\n" << step;
  }
}

TEST_P(StoreQueries, ListingsAreFoundByAKeyAndComeInItsOrder) {
  for (const std::string& query : ListingQueries()) {
    for (const std::string& step : PlanOf(query)) EXPECT_FALSE(ScansOrSorts(step)) << query << "\n" << step;
  }
}

TEST_P(StoreQueries, LineageIsReadByItsKeys) {
  for (const std::string& query : LineageQueries()) {
    for (const std::string& step : PlanOf(query)) EXPECT_FALSE(ScansOrSorts(step)) << query << "\n" << step;
  }
}

TEST_P(StoreQueries, TheAcceptedPointIsFoundAmongAcceptedOnes) {
  int found = 0;
  for (const std::string& query : PointQueries(engine())) {
    bool among = false;
    for (const std::string& step : PlanOf(query)) among |= step.find("point_accepted") != std::string::npos;
    found += among ? 1 : 0;
  }
  EXPECT_EQ(found, engine() == Engine::kSqlite ? 1 : 2);
}

TEST_P(StoreQueries, ManyChecksAreReadAndWritten) {
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
  const auto histories = store_->ReadHistory(checks, kNow, {});
  ASSERT_TRUE(histories.has_value());
  ASSERT_EQ(histories->size(), checks.size());
  for (size_t i = 0; i < checks.size(); ++i) {
    const bool looks_back = i % 5 < 2;
    ASSERT_EQ(histories->at(i).points.size(), looks_back ? 1u : 0u) << checks[i]->id;
    if (!looks_back) continue;
    EXPECT_EQ(histories->at(i).points[0].value, Value(static_cast<int64_t>(i / 5 + 1)));
  }
}

class StoreFile : public testing::StoreFixture {};

TEST_F(StoreFile, MonthsOfQuarterHoursAreSmallOnDisk) {
  store_.reset();
  const size_t empty = std::filesystem::file_size(Path());
  Reopen();
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
  EXPECT_LT(std::filesystem::file_size(Path()) - empty, kGroups * kTimes * 61u);
}

}  // namespace
}  // namespace amont
