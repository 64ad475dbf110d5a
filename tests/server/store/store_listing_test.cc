// Listings of verdicts and measurements, a page at a time, on every engine.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "server/store/store.h"
#include "tests/server/store/store_fixture.h"

namespace amont {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::At;
using testing::AtLeast;
using testing::CheckOn;
using testing::ConclusionOf;
using testing::TableNamed;

const Timestamp kNow = At("2026-11-24T06:00:00Z");
constexpr int kRuns = 12;

// Two tables, two checks each, twelve runs an hour apart; orders:b fails in every fourth.
class StoreListing : public testing::EachStore {
 protected:
  void SetUp() override {
    EachStore::SetUp();
    if (IsSkipped()) return;
    for (int i = 0; i < kRuns; ++i) {
      std::vector<Conclusion> tables;
      for (const char* table : {"orders", "orders2"}) {
        std::vector<Verdict> verdicts;
        for (const char* name : {"a", "b"}) verdicts.push_back(VerdictOf(table, name, i));
        tables.push_back(ConclusionOf(verdicts));
      }
      const auto run = store_->ClaimRun({"slot", std::to_string(i), kNow + hours(i)});
      ASSERT_TRUE(run.has_value());
      ASSERT_TRUE(store_->RecordTables(*run, tables).has_value());
      ids_.push_back(run->id);
    }
  }

  static Verdict VerdictOf(const std::string& table, const std::string& name, int i) {
    Verdict verdict;
    verdict.check = CheckOn(TableNamed(table), name, RowCount{}, AtLeast(10));
    verdict.at = kNow + hours(i);
    verdict.observed = int64_t{i};
    const bool fails = table == "orders" && name == "b" && i % 4 == 3;
    verdict.status = fails ? Status::kFail : Status::kPass;
    verdict.sentence = fmt::format("{} rows", i);
    return verdict;
  }

  // All pages, and what each row is: "check@HOUR status sentence".
  std::vector<std::string> List(VerdictQuery query, size_t limit = 1000) {
    std::vector<std::string> rows;
    query.page.limit = limit;
    do {
      const auto page = store_->ListVerdicts(query);
      if (!page || page->rows.size() > limit) {
        ADD_FAILURE() << (page ? "too long a page" : page.error().message);
        return rows;
      }
      for (const VerdictRow& row : page->rows) {
        rows.push_back(fmt::format("{}@{} {} {}", row.check.substr(4),
                                   std::chrono::duration_cast<hours>(row.at - kNow).count(),
                                   ToString(row.status), row.sentence));
      }
      query.page.after = page->next;
    } while (!query.page.after.empty());
    return rows;
  }

  std::vector<RunId> ids_;
};
INSTANTIATE_TEST_SUITE_P(Engines, StoreListing, testing::kStoreEngines, testing::StoreEngineName);

TEST_P(StoreListing, AChecksVerdictsComeNewestFirstWithTheSentenceOfTheirStatus) {
  VerdictQuery query;
  query.check = "src/orders:b";
  const auto rows = List(query);
  ASSERT_EQ(rows.size(), size_t{kRuns});
  EXPECT_EQ(rows[0], "orders:b@11 fail 11 rows");
  EXPECT_EQ(rows[1], "orders:b@10 pass 8 rows") << "said when the status changed";
  EXPECT_EQ(rows[11], "orders:b@0 pass 0 rows");
}

TEST_P(StoreListing, PagesOfAnyLengthGiveTheSame) {
  std::vector<VerdictQuery> queries(5);
  queries[1].table = "src/orders";
  queries[2].run = ids_[5];
  queries[3].statuses = {Status::kFail};
  queries[4].statuses = {Status::kFail, Status::kPass};
  const std::vector<size_t> sizes = {48, 24, 4, 3, 48};
  for (size_t i = 0; i < queries.size(); ++i) {
    const auto whole = List(queries[i]);
    EXPECT_EQ(whole.size(), sizes[i]) << i;
    for (const size_t limit : {1u, 3u, 5u, 24u})
      EXPECT_EQ(List(queries[i], limit), whole) << i << " " << limit;
  }
}

TEST_P(StoreListing, OnlyVerdictsOfTheAskedTimesAndStatusesAreListed) {
  VerdictQuery query;
  query.table = "src/orders";
  query.since = kNow + hours(3);
  query.until = kNow + hours(8);
  query.statuses = {Status::kFail, Status::kError};
  EXPECT_EQ(List(query), (std::vector<std::string>{"orders:b@7 fail 7 rows", "orders:b@3 fail 3 rows"}));
  query.until = kNow - days(30);
  EXPECT_TRUE(List(query).empty());
  query = {};
  query.since = kNow + days(30);
  EXPECT_TRUE(List(query).empty());
}

TEST_P(StoreListing, APageTokenThatNobodyGaveIsRefused) {
  for (const char* token : {"x", "12", ":", "1a:src/orders:a", "99999999999999999999:"}) {
    VerdictQuery verdicts;
    verdicts.page.after = token;
    const auto page = store_->ListVerdicts(verdicts);
    ASSERT_FALSE(page.has_value()) << token;
    EXPECT_EQ(page.error().code, ErrorCode::kInvalid);
    MeasurementQuery measurements;
    measurements.page.after = token;
    EXPECT_FALSE(store_->ListMeasurements(measurements).has_value()) << token;
  }
  VerdictQuery least;
  least.page.after = "-9223372036854775808:";
  EXPECT_TRUE(List(least).empty());
}

TEST_P(StoreListing, MeasurementsComeNewestFirstGroupByGroup) {
  Verdict verdict = VerdictOf("people", "c", 0);
  for (int i = 0; i < 4; ++i) {
    verdict.at = kNow + hours(i);
    verdict.groups = {{"x", Status::kPass, int64_t{i}, ""}, {"y", Status::kFail, 0.5 * i, ""}};
    Record(ConclusionOf({verdict}), verdict.at);
  }
  const auto list = [&](MeasurementQuery query, size_t limit) {
    std::vector<std::string> rows;
    query.page.limit = limit;
    do {
      const auto page = store_->ListMeasurements(query);
      if (!page) {
        ADD_FAILURE() << page.error().message;
        break;
      }
      for (const MeasurementRow& row : page->rows) {
        rows.push_back(fmt::format("{}@{} {} {}", row.group,
                                   std::chrono::duration_cast<hours>(row.at - kNow).count(),
                                   StoredText(row.value), ToString(row.status)));
      }
      query.page.after = page->next;
    } while (!query.page.after.empty());
    return rows;
  };
  MeasurementQuery query;
  query.check = "src/people:c";
  const std::vector<std::string> all = {"y@3 1.5 fail", "x@3 3 pass", "y@2 1 fail", "x@2 2 pass",
                                        "y@1 0.5 fail", "x@1 1 pass", "y@0 0 fail", "x@0 0 pass"};
  for (const size_t limit : {1u, 2u, 3u, 100u}) EXPECT_EQ(list(query, limit), all) << limit;
  query.group = "x";
  query.since = kNow + hours(1);
  query.until = kNow + hours(3);
  EXPECT_EQ(list(query, 1), (std::vector<std::string>{"x@2 2 pass", "x@1 1 pass"}));
}

TEST_P(StoreListing, VerdictsOfATimeAreFoundWhateverOrderTheirRunsHave) {
  // Runs are numbered as they start; this one waited ten hours before it measured.
  const auto slow = store_->ClaimRun({"slot", "slow", kNow + hours(20)});
  const auto fast = store_->ClaimRun({"slot", "fast", kNow + hours(21)});
  ASSERT_TRUE(slow.has_value() && fast.has_value());
  const auto record = [&](const ClaimedRun& run, const std::string& table, int hour) {
    const std::vector<Conclusion> tables = {ConclusionOf({VerdictOf(table, "a", hour)})};
    ASSERT_TRUE(store_->RecordTables(run, tables).has_value());
  };
  record(*fast, "fast", 21);
  record(*slow, "slow", 30);
  record(*slow, "slower", 31);
  const auto between = [&](int since, int until) {
    VerdictQuery query;
    query.since = kNow + hours(since);
    query.until = kNow + hours(until);
    return List(query);
  };
  EXPECT_EQ(between(21, 22), std::vector<std::string>{"fast:a@21 pass 21 rows"});
  EXPECT_EQ(between(22, 31), std::vector<std::string>{"slow:a@30 pass 30 rows"});
  EXPECT_EQ(between(31, 40), std::vector<std::string>{"slower:a@31 pass 31 rows"});
  EXPECT_EQ(between(20, 40).size(), 3u);
  EXPECT_TRUE(between(40, 50).empty());
  EXPECT_TRUE(between(-50, -40).empty());
  EXPECT_TRUE(between(12, 21).empty());
  EXPECT_EQ(between(11, 12).size(), 4u);
}

}  // namespace
}  // namespace amont
