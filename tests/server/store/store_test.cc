// Verdicts, runs, tables and names as a store keeps them, and what it never holds.
#include "server/store/store.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/server/store/store_fixture.h"
#include "tests/testing/paths.h"

namespace amont {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::At;
using testing::AtLeast;
using testing::CheckOn;
using testing::ConclusionOf;
using testing::FallOf30Percent;
using testing::TableNamed;
using testing::ValueOf;
using testing::ValuesOf;

const Timestamp kNow = At("2026-11-24T06:00:00Z");

using StoreMemory = testing::EachStore;
INSTANTIATE_TEST_SUITE_P(Engines, StoreMemory, testing::kStoreEngines, testing::StoreEngineName);

// ---------- Verdicts

TEST_P(StoreMemory, ASentenceIsKeptOnlyWhereTheStatusChanged) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "volume", RowCount{}, AtLeast(10));
  for (const int64_t rows : {12, 13, 3, 2, 20}) Count(check, rows, kNow + std::chrono::minutes(rows));
  EXPECT_EQ(Query("SELECT status, sentence FROM verdict ORDER BY run"),
            (std::vector<std::string>{"pass|12 rows", "pass|", "fail|3 rows; at least 10 expected", "fail|",
                                      "pass|20 rows"}));
}

TEST_P(StoreMemory, TheLastVerdictHasTheSentenceOfItsStatus) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "volume", RowCount{}, AtLeast(10));
  auto none = store_->ReadLastVerdict(check->id);
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->has_value());
  Count(check, 12, kNow);
  Count(check, 3, kNow + hours(1));
  Count(check, 2, kNow + hours(2));
  const auto last = store_->ReadLastVerdict(check->id);
  ASSERT_TRUE(last.has_value() && last->has_value());
  EXPECT_EQ((*last)->status, Status::kFail);
  EXPECT_EQ((*last)->at, kNow + hours(2));
  EXPECT_EQ((*last)->sentence, "3 rows; at least 10 expected");
}

TEST_P(StoreMemory, AVerdictIsRecordedOnceARun) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "volume", RowCount{}, AtLeast(10));
  Verdict verdict;
  verdict.check = check;
  verdict.status = Status::kPass;
  verdict.at = kNow;
  const auto run = store_->ClaimRun({"slot", "a", kNow});
  ASSERT_TRUE(run.has_value());
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(store_->RecordTables(*run, std::vector{ConclusionOf({verdict})}).has_value());
  }
  EXPECT_EQ(Query("SELECT count(*) FROM verdict"), std::vector<std::string>{"1"});
}

TEST_P(StoreMemory, ARunIsClaimedOnceByTriggerAndKey) {
  const auto first = store_->ClaimRun({"slot", "a", kNow});
  const auto second = store_->ClaimRun({"slot", "a", kNow});
  const auto other = store_->ClaimRun({"request", "a", kNow});
  ASSERT_TRUE(first.has_value() && other.has_value());
  EXPECT_NE(*first, *other);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EXPECT_TRUE(store_->FinishRun(*first, kNow + hours(1)).has_value());
  EXPECT_EQ(Query("SELECT trigger_kind, CASE WHEN finished IS NULL THEN 1 ELSE 0 END FROM run ORDER BY id"),
            (std::vector<std::string>{"slot|0", "request|1"}));
}

// ---------- Tables of wildcards, checks apart

TEST_P(StoreMemory, TablesThatWildcardsMatchedAreKnownUntilLetGo) {
  const auto seen = [&](const std::string& name, Status exists, bool matched) {
    Verdict verdict;
    verdict.check = CheckOn(TableNamed(name), "exists", Columns{}, Exists{});
    verdict.status = exists;
    verdict.at = kNow;
    Conclusion conclusion = ConclusionOf({verdict});
    conclusion.matched = matched;
    Record(conclusion, kNow);
  };
  seen("b.orders", Status::kPass, true);
  seen("a.orders", Status::kPass, true);
  seen("a.orders", Status::kPass, true);
  seen("c.declared", Status::kPass, false);
  seen("d.gone", Status::kFail, true);
  const auto known = store_->ReadKnownTables("src", {});
  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(*known, (std::vector<TableName>{{"src", "a", "orders"}, {"src", "b", "orders"}}));
  EXPECT_TRUE(store_->ReadKnownTables("other", {}).value_or(std::vector<TableName>(1)).empty());

  ASSERT_TRUE(store_->AcceptGone({"src/a.orders:exists", "left", kNow}, {"src", "a", "orders"}).has_value());
  seen("a.orders", Status::kFail, true);  // a run that began before
  EXPECT_EQ(store_->ReadKnownTables("src", {}).value_or(std::vector<TableName>()),
            (std::vector<TableName>{{"src", "b", "orders"}}));
  const auto again = store_->AcceptGone({"src/a.orders:exists", "left", kNow}, {"src", "a", "orders"});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::kNotFound);
}

TEST_P(StoreMemory, AGuiltyCheckIsPlannedApartUntilItsDeclarationChanges) {
  const auto declared = [](const std::string& where) {
    auto check = CheckOn(TableNamed("orders"), "null_count(a)", NullCount{"a"}, Between{});
    check->measure.where = where;
    return check;
  };
  const CheckPtr guilty = declared("1 / b > 0");
  const CheckPtr other = CheckOn(TableNamed("orders"), "volume", RowCount{}, AtLeast(10));
  Verdict verdict;
  verdict.check = guilty;
  verdict.at = kNow;
  Conclusion conclusion = ConclusionOf({verdict});
  conclusion.apart = {guilty->id};
  Record(conclusion, kNow);
  const auto apart = [&](const CheckPtr& check) {
    return store_->ReadApart(std::vector{check, other}, {}).value_or(std::set<std::string>{"?"});
  };
  EXPECT_EQ(apart(guilty), std::set<std::string>{guilty->id});
  EXPECT_TRUE(apart(declared("b > 0")).empty());

  verdict.check = declared("2 / b > 0");
  conclusion = ConclusionOf({verdict});
  conclusion.apart = {guilty->id};
  Record(conclusion, kNow);
  EXPECT_TRUE(apart(guilty).empty());
  EXPECT_EQ(apart(declared("2 / b > 0")), std::set<std::string>{guilty->id});
}

// ---------- Renames

TEST_P(StoreMemory, ARenamedCheckCarriesItsPast) {
  const CheckPtr before = CheckOn(TableNamed("orders"), "emptied@old", RowCount{}, NotEmptied{});
  for (int day = 5; day > 2; --day) Count(before, 10 + day, kNow - days(day));
  auto after = CheckOn(TableNamed("orders"), "emptied@new", RowCount{}, NotEmptied{});
  after->was = {before->id};
  EXPECT_EQ(ValuesOf(HistoryOf(after, kNow)), (std::vector<int64_t>{15, 14, 13}))
      << "read before it was ever recorded";
  EXPECT_EQ(Count(after, 0, kNow).status, Status::kFail);
  EXPECT_EQ(Query("SELECT DISTINCT check_id FROM verdict"), std::vector<std::string>{after->id});
  EXPECT_EQ(Query("SELECT DISTINCT check_id FROM series"), std::vector<std::string>{after->id});
  EXPECT_EQ(ValuesOf(HistoryOf(after, kNow)), (std::vector<int64_t>{14, 13, 0}));
  EXPECT_TRUE(HistoryOf(before, kNow).points.empty());
}

TEST_P(StoreMemory, ARenamedTableCarriesThePastOfItsChecks) {
  const CheckPtr count = CheckOn(TableNamed("old.orders"), "emptied", RowCount{}, NotEmptied{});
  const CheckPtr drift = CheckOn(TableNamed("old.orders"), "drift", Columns{}, NoDrift{});
  Count(count, 10, kNow - days(1));
  CatalogTable facts;
  facts.columns.resize(1);
  facts.columns[0].name = "a";
  See(drift, facts, kNow - days(1));

  auto table = TableNamed("new.orders");
  table->was = {"old.orders"};
  EXPECT_EQ(Count(CheckOn(table, "emptied", RowCount{}, NotEmptied{}), 0, kNow).status, Status::kFail);
  EXPECT_EQ(See(CheckOn(table, "drift", Columns{}, NoDrift{}), facts, kNow).status, Status::kPass);
}

TEST_P(StoreMemory, ARenameNeverMixesTwoPasts) {
  const CheckPtr before = CheckOn(TableNamed("orders"), "emptied@old", RowCount{}, NotEmptied{});
  Count(before, 10, kNow - days(5));
  const auto after = CheckOn(TableNamed("orders"), "emptied@new", RowCount{}, NotEmptied{});
  Count(after, 20, kNow - days(1));
  after->was = {before->id};
  Count(after, 21, kNow);
  EXPECT_EQ(ValuesOf(HistoryOf(after, kNow)), (std::vector<int64_t>{20, 21}));
  EXPECT_EQ(ValuesOf(HistoryOf(before, kNow)), std::vector<int64_t>{10});
}

// ---------- Personal data

TEST_P(StoreMemory, ValuesOfPiiColumnsAreNotKept) {
  const std::string marker = "jane.marker@example.com";
  auto table = TableNamed("people");
  table->pii = {{"*email*"}};
  Between below;
  below.fail.max = std::string("a");
  Run(CheckOn(table, "max(email)", Aggregate{Aggregate::Function::kMax, "email"}, below),
      {ValueOf(marker, kNow)}, kNow);
  Run(CheckOn(table, "min(email)", Aggregate{Aggregate::Function::kMin, "email"}, Between{}),
      {ValueOf(marker, kNow)}, kNow);
  Run(CheckOn(table, "sql@x", CustomValue{"SELECT max(email)"}, AtLeast(1)), {ValueOf(marker, kNow)}, kNow);
  MaxAge age;
  age.fail = hours(1);
  Run(CheckOn(table, "freshness@x", CustomValue{"SELECT max(email)"}, age), {ValueOf(marker, kNow)}, kNow);
  Run(CheckOn(table, "freshness@y", NewestTimestamp{{"email"}, TimeFormat::kIso}, age),
      {ValueOf(marker, kNow)}, kNow);
  Run(CheckOn(table, "sql_change@x", CustomValue{"SELECT max(email)"}, FallOf30Percent(days(1))),
      {ValueOf(marker, kNow)}, kNow);
  auto grouped = CheckOn(table, "volume", RowCount{}, AtLeast(1));
  grouped->measure.group_by = "email";
  Run(grouped, {ValueOf(int64_t{0}, kNow, marker)}, kNow);
  EXPECT_EQ(Query("SELECT count(*) FROM verdict WHERE status = 'error'"), std::vector<std::string>{"7"});
  for (const char* rows :
       {"SELECT CAST(t AS TEXT) FROM (SELECT sentence AS t FROM verdict UNION ALL SELECT value FROM "
        "point UNION ALL SELECT group_name FROM series UNION ALL SELECT sentence || error FROM "
        "check_state) AS texts"}) {
    for (const std::string& text : Query(rows))
      EXPECT_EQ(text.find("jane.marker"), std::string::npos) << text;
  }
  store_.reset();  // everything into the one file
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
    EXPECT_EQ(testing::ReadFile(entry.path()).find("jane.marker"), std::string::npos) << entry.path();
  }
}

}  // namespace
}  // namespace amont
