// The history a store gives back, judged with it: several runs of one check each.
#include <gtest/gtest.h>

#include <algorithm>

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
using testing::FallOf30Percent;
using testing::TableNamed;
using testing::ValueOf;

const Timestamp kNow = At("2026-11-24T06:00:00Z");

using StoreHistory = testing::EachStore;
INSTANTIATE_TEST_SUITE_P(Engines, StoreHistory, testing::kStoreEngines, testing::StoreEngineName);

// ---------- Points

TEST_P(StoreHistory, ACheckThatLooksAtNoPastReadsNone) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "volume", RowCount{}, AtLeast(10));
  Count(check, 12, kNow - days(1));
  EXPECT_TRUE(HistoryOf(check, kNow).points.empty());
  EXPECT_EQ(Query("SELECT value, kind, status FROM point"), std::vector<std::string>{"12|integer|pass"});
}

TEST_P(StoreHistory, AChangeIsMeasuredAgainstTheValueOfAWeekBefore) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "volume_change", RowCount{}, FallOf30Percent(days(7)));
  EXPECT_EQ(Count(check, 100, kNow - days(7)).status, Status::kLearning);
  for (int day = 6; day > 0; --day) Count(check, 100 - day, kNow - days(day));
  const Verdict verdict = Count(check, 50, kNow);
  EXPECT_EQ(verdict.sentence, "50 rows, −50% against 100 on 2026-11-17 06:00; a fall of at most 30% allowed");
}

TEST_P(StoreHistory, AMonthOfHoursCostsAChangeAFewPoints) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "volume_change", RowCount{}, FallOf30Percent(days(7)));
  Verdict verdict;
  verdict.check = check;
  verdict.status = Status::kPass;
  for (int64_t i = 30 * 24; i > 0; --i) {
    verdict.at = kNow - hours(i);
    verdict.observed = i;
    Record(ConclusionOf({verdict}), verdict.at);
  }
  const History history = HistoryOf(check, kNow);
  EXPECT_LT(history.points.size(), 20u);
  const auto week_ago = [](const PastPoint& point) { return point.at == kNow - days(7); };
  EXPECT_TRUE(std::any_of(history.points.begin(), history.points.end(), week_ago));
  EXPECT_TRUE(
      std::is_sorted(history.points.begin(), history.points.end(),
                     [](const PastPoint& left, const PastPoint& right) { return left.at < right.at; }));
}

TEST_P(StoreHistory, TheNearestValueWithinHalfOfVersusIsFoundOnEitherSide) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "volume_change", RowCount{}, FallOf30Percent(days(7)));
  Count(check, 90, kNow - days(10));
  Count(check, 100, kNow - days(6));
  Count(check, 500, kNow - days(4));
  EXPECT_EQ(Count(check, 100, kNow).sentence, "100 rows, as on 2026-11-18 06:00");
}

TEST_P(StoreHistory, WithoutANearValueTheLastPassingOneIsFound) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "volume_change", RowCount{}, FallOf30Percent(days(1)));
  Count(check, 100, kNow - days(40));
  Count(check, 100, kNow - days(39));  // passes
  for (int day = 12; day > 8; --day) Count(check, 10, kNow - days(day));
  EXPECT_EQ(Count(check, 95, kNow).sentence, "95 rows, −5% against 100 on 2026-10-16 06:00");
}

TEST_P(StoreHistory, AnAcceptedValueIsWhereChangesStartFrom) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "volume_change", RowCount{}, FallOf30Percent(days(7)));
  Count(check, 100, kNow - days(7));
  EXPECT_EQ(Count(check, 10, kNow - days(2)).status, Status::kFail);
  ASSERT_TRUE(store_->AcceptValue({check->id, "two shops closed", kNow - days(2)}).has_value());
  EXPECT_EQ(Count(check, 10, kNow - days(1)).status, Status::kPass);
  EXPECT_EQ(Count(check, 10, kNow).sentence, "10 rows, as on 2026-11-22 06:00");
  EXPECT_EQ(Query("SELECT check_id, note FROM acceptance"),
            std::vector<std::string>{check->id + "|two shops closed"});
}

TEST_P(StoreHistory, NothingMeasuredIsNothingToAccept) {
  const auto accepted = store_->AcceptValue({"src/orders:volume_change", "", kNow});
  ASSERT_FALSE(accepted.has_value());
  EXPECT_EQ(accepted.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(Query("SELECT * FROM acceptance").empty());
}

TEST_P(StoreHistory, AnErrorIsRecordedButIsNoPoint) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "emptied", RowCount{}, NotEmptied{});
  Measurement failed = ValueOf({}, kNow);
  failed.error = MakeError(ErrorCode::kTimeout, "timed out");
  Run(check, {failed}, kNow);
  EXPECT_TRUE(HistoryOf(check, kNow).points.empty());
  EXPECT_EQ(Query("SELECT status, sentence FROM verdict"), std::vector<std::string>{"error|timed out"});
}

TEST_P(StoreHistory, PointsAreForgottenAfterFourHundredDays) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "emptied", RowCount{}, NotEmptied{});
  Count(check, 12, kNow - days(401));
  EXPECT_TRUE(HistoryOf(check, kNow).points.empty());
  EXPECT_EQ(HistoryOf(check, kNow - days(1)).points.size(), 1u);
}

TEST_P(StoreHistory, ValuesComeBackAsTheyWere) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "mean", Aggregate{}, FallOf30Percent(days(1)));
  const std::vector<Value> values = {Value(int64_t{INT64_MIN}), Value(0.1), Value(Decimal{"12.500"}),
                                     Value(true)};
  Timestamp at = kNow - hours(20);
  for (const Value& value : values) Run(check, {ValueOf(value, at)}, at += hours(1));
  History history = HistoryOf(check, at + days(1));
  ASSERT_GE(history.points.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(history.points[history.points.size() - 1 - i].value, values[values.size() - 1 - i]);
  }
}

// ---------- Emptied

TEST_P(StoreHistory, AnEmptiedTableFailsUntilRowsReturnHoweverLongItTakes) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "emptied", RowCount{}, NotEmptied{});
  EXPECT_EQ(Count(check, 0, kNow - days(40)).status, Status::kNoData) << "it never had rows";
  Count(check, 1234, kNow - days(30));
  for (int day = 29; day > 0; --day)
    EXPECT_EQ(Count(check, 0, kNow - days(day)).status, Status::kFail) << day;
  EXPECT_EQ(Count(check, 0, kNow).sentence, "had 1,234 rows on 2026-10-25 06:00, has none now");
  EXPECT_EQ(Count(check, 5, kNow + days(1)).status, Status::kPass);
}

TEST_P(StoreHistory, OrUntilSomebodyAcceptsIt) {
  const CheckPtr check = CheckOn(TableNamed("orders"), "emptied", RowCount{}, NotEmptied{});
  Count(check, 1234, kNow - days(30));
  EXPECT_EQ(Count(check, 0, kNow - days(29)).status, Status::kFail);
  ASSERT_TRUE(store_->AcceptValue({check->id, "archived", kNow - days(29)}).has_value());
  for (int day = 28; day > 0; --day)
    EXPECT_EQ(Count(check, 0, kNow - days(day)).status, Status::kNoData) << day;
  Count(check, 7, kNow);
  EXPECT_EQ(Count(check, 0, kNow + days(1)).status, Status::kFail) << "emptied anew";
}

// ---------- Windows

TEST_P(StoreHistory, AClosedWindowIsOnePointCountedAgainOnce) {
  auto check = CheckOn(TableNamed("orders"), "volume", RowCount{}, AtLeast(10));
  check->measure.window = Window{"placed_at", days(1), hours(6)};
  const auto measure = [&](int64_t rows, Timestamp now) {
    Measurement measurement = ValueOf(rows, now);
    measurement.window_to = At("2026-11-24T00:00:00Z");
    return Run(check, {measurement}, now);
  };
  measure(100, kNow);
  History history = HistoryOf(check, kNow);
  ASSERT_EQ(history.points.size(), 1u);
  EXPECT_EQ(history.points[0].window_to, At("2026-11-24T00:00:00Z"));
  EXPECT_EQ(history.points[0].measured, 1);
  EXPECT_EQ(history.points[0].first_measured, kNow);

  measure(103, kNow + hours(6));
  history = HistoryOf(check, kNow + hours(6));
  ASSERT_EQ(history.points.size(), 1u);
  EXPECT_EQ(history.points[0].value, Value(int64_t{103}));
  EXPECT_EQ(history.points[0].measured, 2);
  EXPECT_EQ(history.points[0].first_measured, kNow);
}

TEST_P(StoreHistory, AReusedWindowIsNoNewPoint) {
  auto check = CheckOn(TableNamed("orders"), "volume", RowCount{}, AtLeast(10));
  check->measure.window = Window{"placed_at", days(1), hours(6)};
  Verdict verdict;
  verdict.check = check;
  verdict.status = Status::kPass;
  verdict.observed = int64_t{100};
  verdict.at = kNow;
  verdict.window_to = At("2026-11-24T00:00:00Z");
  Record(ConclusionOf({verdict}), kNow);
  verdict.reused = true;
  verdict.at = kNow + hours(1);
  Record(ConclusionOf({verdict}), kNow + hours(1));
  const History history = HistoryOf(check, kNow + hours(1));
  ASSERT_EQ(history.points.size(), 1u);
  EXPECT_EQ(history.points[0].measured, 1);
  EXPECT_EQ(Query("SELECT count(*) FROM verdict"), std::vector<std::string>{"2"});
}

TEST_P(StoreHistory, ARecountOfAWindowStillFindsTheWindowOfADayBefore) {
  auto check = CheckOn(TableNamed("orders"), "volume_change", RowCount{}, FallOf30Percent(days(30)));
  check->measure.window = Window{"placed_at", days(1), hours(6)};
  const auto measure = [&](int64_t rows, const char* to, Timestamp now) {
    Measurement measurement = ValueOf(rows, now);
    measurement.window_to = At(to);
    return Run(check, {measurement}, now);
  };
  Count(check, 77'777, kNow - days(31));  // measured before there was a window: another thing
  measure(100, "2026-11-22T00:00:00Z", kNow - days(2));
  measure(100, "2026-11-23T00:00:00Z", kNow - days(1));
  EXPECT_EQ(measure(100, "2026-11-24T00:00:00Z", kNow).status, Status::kLearning);
}

TEST_P(StoreHistory, ALearnedBoundSeesEveryWindow) {
  auto check = CheckOn(TableNamed("orders"), "volume_baseline", RowCount{}, NearBaseline{});
  check->measure.window = Window{"placed_at", days(1), {}};
  const Timestamp last = At("2026-11-24T00:00:00Z");
  const auto measure = [&](int64_t rows, Timestamp to) {
    Measurement measurement = ValueOf(rows, to + hours(6));
    measurement.window_to = to;
    return Run(check, {measurement}, to + hours(6));
  };
  for (int day = 60; day > 0; --day) measure(1000 + day % 3, last - days(day));
  EXPECT_EQ(HistoryOf(check, kNow).points.size(), 60u);
  const Verdict verdict = measure(300, last);
  EXPECT_EQ(verdict.status, Status::kFail);
  EXPECT_NE(verdict.sentence.find("300 rows on 2026-11-23, −70%; expected 1,00"), std::string::npos)
      << verdict.sentence;
  // What somebody accepts is the new level.
  ASSERT_TRUE(store_->AcceptValue({check->id, "fewer shops", kNow}).has_value());
  EXPECT_EQ(measure(302, last + days(1)).status, Status::kPass);
}

TEST_P(StoreHistory, ALearnedBoundSeesTheLastSampleOfEachDay) {
  const auto check = CheckOn(TableNamed("orders"), "volume_baseline", RowCount{}, NearBaseline{});
  Verdict verdict;
  verdict.check = check;
  verdict.status = Status::kPass;
  for (int64_t hour = 20 * 24; hour > 0; --hour) {
    verdict.at = kNow - hours(hour);
    verdict.observed = 1000 + hour % 24;
    Record(ConclusionOf({verdict}), verdict.at);
  }
  EXPECT_LT(HistoryOf(check, kNow).points.size(), 30u);
  EXPECT_EQ(Count(check, 100, kNow).status, Status::kFail);
  EXPECT_EQ(Count(check, 1005, kNow + hours(1)).status, Status::kPass);
}

// ---------- Groups

TEST_P(StoreHistory, EveryGroupHasItsOwnPast) {
  auto check = CheckOn(TableNamed("orders"), "volume_change", RowCount{}, FallOf30Percent(days(1)));
  check->measure.group_by = "country";
  const Timestamp before = kNow - days(1);
  Run(check, {ValueOf(int64_t{100}, before, "DE"), ValueOf(int64_t{10}, before, "FR")}, before);
  const Verdict verdict =
      Run(check, {ValueOf(int64_t{90}, kNow, "DE"), ValueOf(int64_t{9}, kNow, "FR")}, kNow);
  EXPECT_EQ(verdict.status, Status::kPass) << verdict.sentence;
}

TEST_P(StoreHistory, AGroupThatWentMissingStaysMissedForFourWeeks) {
  auto check = CheckOn(TableNamed("orders"), "volume", RowCount{}, AtLeast(5));
  check->measure.group_by = "country";
  const Timestamp first = kNow - days(40);
  Run(check, {ValueOf(int64_t{100}, first, "DE"), ValueOf(int64_t{10}, first, "FR")}, first);
  for (int day = 1; day <= 28; ++day) {
    const Timestamp now = first + days(day);
    const Verdict verdict = Run(check, {ValueOf(int64_t{100}, now, "DE")}, now);
    EXPECT_EQ(verdict.sentence, "country = FR: no rows; at least 5 expected") << day;
  }
  const Timestamp later = first + days(29);
  EXPECT_EQ(Run(check, {ValueOf(int64_t{100}, later, "DE")}, later).status, Status::kPass);
}

// ---------- Observed changes

TEST_P(StoreHistory, ChangeMarksAreRememberedFromRunToRun) {
  MaxAge age;
  age.fail = hours(3);
  const CheckPtr check = CheckOn(TableNamed("orders"), "freshness", ChangeMark{}, age);
  CatalogTable facts;
  facts.change_mark = "16384.16384/10";
  EXPECT_EQ(See(check, facts, kNow).status, Status::kLearning);
  EXPECT_EQ(See(check, facts, kNow + hours(3)).status, Status::kPass);
  EXPECT_EQ(See(check, facts, kNow + hours(4)).sentence, "no change seen for 4 h; allowed 3 h");
  facts.change_mark = "16384.16384/11";
  EXPECT_EQ(See(check, facts, kNow + hours(5)).sentence, "changed since the last look");
  facts.change_mark = "16384.16384/2";  // counters reset
  EXPECT_EQ(See(check, facts, kNow + hours(6)).sentence, "no change seen for 1 h");
  facts.change_mark = "16384.16384/3";
  EXPECT_EQ(See(check, facts, kNow + hours(7)).sentence, "changed since the last look");
}

// ---------- Schemas

class StoreSchema : public StoreHistory {
 protected:
  static CatalogTable Facts(const std::vector<std::string>& columns) {
    CatalogTable facts;
    for (const std::string& name : columns) {
      CatalogColumn column;
      column.name = name;
      column.type = ParseColumnType("numeric(12,2)");
      facts.columns.push_back(column);
    }
    return facts;
  }
  static CheckPtr Drift(std::optional<Duration> drift_for = {}) {
    return CheckOn(TableNamed("orders"), "drift", Columns{}, NoDrift{false, drift_for});
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, StoreSchema, testing::kStoreEngines, testing::StoreEngineName);

TEST_P(StoreSchema, FirstSightIsAcceptedAndDriftStaysUntilReverted) {
  const CheckPtr check = Drift();
  EXPECT_EQ(See(check, Facts({"a"}), kNow - days(9)).status, Status::kLearning);
  EXPECT_EQ(See(check, Facts({"a"}), kNow - days(8)).status, Status::kPass);
  for (int day = 7; day > 0; --day)
    EXPECT_EQ(See(check, Facts({"a", "b"}), kNow - days(day)).status, Status::kWarn);
  const History history = HistoryOf(check, kNow);
  ASSERT_TRUE(history.accepted && history.pending);
  EXPECT_EQ(history.accepted->columns.size(), 1u);
  EXPECT_EQ(history.pending->columns.size(), 2u);
  EXPECT_EQ(history.pending->columns[1].type.precision, 12);
  EXPECT_EQ(history.pending->first_seen, kNow - days(7));
  EXPECT_EQ(See(check, Facts({"a"}), kNow).status, Status::kPass);
  EXPECT_FALSE(HistoryOf(check, kNow).pending);
}

TEST_P(StoreSchema, AcceptingMakesThePendingSchemaTheAcceptedOne) {
  const CheckPtr check = Drift();
  See(check, Facts({"a"}), kNow - days(9));
  See(check, Facts({"a", "b"}), kNow - days(8));
  ASSERT_TRUE(store_->AcceptSchema({check->id, "on purpose", kNow}).has_value());
  const History history = HistoryOf(check, kNow);
  ASSERT_TRUE(history.accepted);
  EXPECT_EQ(history.accepted->columns.size(), 2u);
  EXPECT_EQ(history.accepted->accepted_at, kNow);
  EXPECT_FALSE(history.pending);
  EXPECT_EQ(See(check, Facts({"a", "b"}), kNow + hours(1)).status, Status::kPass);

  const auto again = store_->AcceptSchema({check->id, "", kNow});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Query("SELECT note FROM acceptance"), std::vector<std::string>{"on purpose"});
}

TEST_P(StoreSchema, DriftIsAcceptedByItselfOnceTheSameForLongEnough) {
  const CheckPtr check = Drift(days(7));
  See(check, Facts({"a"}), kNow);
  EXPECT_EQ(See(check, Facts({"a", "b"}), kNow + days(1)).status, Status::kWarn);
  EXPECT_EQ(See(check, Facts({"a", "c"}), kNow + days(7)).status, Status::kWarn)
      << "another change starts anew";
  EXPECT_EQ(See(check, Facts({"a", "c"}), kNow + days(13)).status, Status::kWarn);
  EXPECT_EQ(See(check, Facts({"a", "c"}), kNow + days(14)).status, Status::kPass);
  EXPECT_EQ(See(check, Facts({"a", "c"}), kNow + days(15)).sentence, "2 columns as accepted on 2026-12-08");
}

TEST_P(StoreSchema, ATableThatIsAwayForAWhileKeepsItsAcceptedSchema) {
  const CheckPtr check = Drift();
  See(check, Facts({"a"}), kNow);
  Run(check, {ValueOf({}, kNow + days(1))}, kNow + days(1));  // no such table: error
  EXPECT_EQ(See(check, Facts({"a"}), kNow + days(2)).status, Status::kPass);
}

}  // namespace
}  // namespace amont
