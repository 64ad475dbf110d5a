#include "checks/judge/baseline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "checks/judge/baseline_text.h"
#include "tests/testing/baseline_score.h"

namespace amont {
namespace {

using testing::ScoreDetector;

constexpr Date kMonday = Date(std::chrono::days(19723 + 0));  // 2024-01-01

// Days in a row from a Monday on.
class Table {
 public:
  explicit Table(BaselineOptions options = {}) : baseline_(options) {}

  BaselineJudgement Day(double rows, bool holiday = false) {
    const Date day = kMonday + std::chrono::days(days_++);
    return baseline_.Observe({day, 0, holiday, false}, rows);
  }
  // A few noisy weeks: about 1,000 rows on workdays, 300 on weekends.
  void Weeks(int weeks) {
    for (int day = 0; day < weeks * 7; ++day) Day(Usual());
  }
  double Usual() {
    const bool weekend = days_ % 7 >= 5;
    return std::round((weekend ? 300 : 1000) * std::exp(noise_(random_)));
  }
  std::string Statuses(const std::vector<double>& rows) {
    std::string words;
    for (const double day : rows)
      words += std::string(words.empty() ? "" : " ") + std::string(Word(Day(day).status));
    return words;
  }
  Baseline& baseline() { return baseline_; }

 private:
  Baseline baseline_;
  int days_ = 0;
  std::mt19937 random_{7};
  std::normal_distribution<double> noise_{0, 0.05};
};

TEST(BaselineTest, TheFirstWeekIsOnlyLearned) {
  Table table;
  EXPECT_EQ(table.Statuses({1000, 1010, 0, 990, 50'000, 300, 310}),
            "learning learning learning learning learning learning learning");
}

TEST(BaselineTest, NothingIsExpectedBeforeThereWereRows) {
  Table table;
  for (int day = 0; day < 30; ++day) {
    const BaselineJudgement judgement = table.Day(0);
    EXPECT_EQ(judgement.status, BaselineStatus::kLearning);
    EXPECT_FALSE(judgement.expected);
  }
}

TEST(BaselineTest, ADayWithoutRowsFails) {
  Table table;
  table.Weeks(4);
  const BaselineJudgement judgement = table.Day(0);
  EXPECT_EQ(judgement.status, BaselineStatus::kFail);
  EXPECT_GT(judgement.low, 500);
  EXPECT_EQ(ReasonText(judgement).substr(0, 17), "no rows; expected");
}

TEST(BaselineTest, AnotherUsualWeekAfterAFaultPasses) {
  Table table;
  table.Weeks(4);
  EXPECT_TRUE(table.Day(100).Alerts());
  for (int day = 0; day < 21; ++day) EXPECT_FALSE(table.Day(table.Usual()).Alerts()) << day;
}

TEST(BaselineTest, TwoEmptySaturdaysAlertAndTheThirdDoesNot) {
  Table table;
  table.Weeks(8);
  std::string saturdays;
  for (int day = 0; day < 28; ++day) {
    const bool saturday = day % 7 == 5;
    const BaselineJudgement judgement = table.Day(saturday ? 0 : table.Usual());
    if (saturday) saturdays += judgement.Alerts() ? '!' : '.';
  }
  EXPECT_EQ(saturdays, "!!..");
}

TEST(BaselineTest, AWeekendThatIsAlwaysEmptyIsQuiet) {
  Table table;
  for (int day = 0; day < 84; ++day) {
    const bool weekend = day % 7 >= 5;
    const BaselineJudgement judgement = table.Day(weekend ? 0 : 5'000);
    EXPECT_FALSE(judgement.Alerts()) << day;
    if (day > 20 && weekend) {
      EXPECT_EQ(judgement.event, BaselineEvent::kQuiet);
      EXPECT_EQ(ReasonText(judgement),
                day % 7 == 5 ? "no rows, as on most Saturdays" : "no rows, as on most Sundays");
    }
  }
  EXPECT_TRUE(table.Day(0).Alerts());  // but not on a Monday
}

TEST(BaselineTest, AShiftIsOneIncidentOfAtMostThreeAlerts) {
  for (const double factor : {0.4, 2.5, 10.0}) {
    Table table;
    table.Weeks(8);
    int alerts = 0;
    bool ended = false;
    for (int day = 0; day < 42; ++day) {
      const bool alert = table.Day(std::round(table.Usual() * factor)).Alerts();
      alerts += alert ? 1 : 0;
      EXPECT_FALSE(alert && ended) << "a second incident on day " << day << " of ×" << factor;
      ended = ended || !alert;
    }
    EXPECT_GE(alerts, 1) << factor;
    EXPECT_LE(alerts, 3) << factor;
  }
}

TEST(BaselineTest, ALevelThatTurnedOutToBeAFaultIsGivenBack) {
  Table table;
  table.Weeks(8);
  for (int day = 0; day < 3; ++day) EXPECT_TRUE(table.Day(std::round(table.Usual() * 0.3)).Alerts());
  const BaselineJudgement back = table.Day(table.Usual());
  EXPECT_EQ(back.status, BaselineStatus::kPass);
  EXPECT_EQ(back.event, BaselineEvent::kRecovered);
  for (int day = 0; day < 14; ++day) EXPECT_FALSE(table.Day(table.Usual()).Alerts()) << day;
}

TEST(BaselineTest, ADeadTableStaysBadForEver) {
  Table table;
  table.Weeks(8);
  for (int day = 0; day < 100; ++day) {
    EXPECT_EQ(table.Day(0).status, BaselineStatus::kFail) << day;
  }
}

TEST(BaselineTest, AConstantSeriesIsNotUpsetByOneRow) {
  for (const double rows : {1.0, 2.0, 10.0, 1e6, 9.2e18}) {
    Table table;
    for (int day = 0; day < 60; ++day) table.Day(rows);
    EXPECT_FALSE(table.Day(rows + 1).Alerts()) << rows;
    EXPECT_FALSE(table.Day(rows - 1).Alerts() && rows > 1) << rows;
  }
}

TEST(BaselineTest, AFewRowsADayVaryWithoutAlerts) {
  Table table;
  std::mt19937 random(3);
  std::poisson_distribution<int> rows(4);
  int alerts = 0;
  for (int day = 0; day < 365; ++day) alerts += table.Day(rows(random)).Alerts() ? 1 : 0;
  EXPECT_LE(alerts, 2);
}

TEST(BaselineTest, OnlyTheWantedDirectionAlerts) {
  for (const auto& [direction, drop, rise] :
       {std::tuple{BaselineDirection::kBoth, true, true}, std::tuple{BaselineDirection::kDrop, true, false},
        std::tuple{BaselineDirection::kRise, false, true}}) {
    Table table({.season = BaselineSeason::kDay,
                 .direction = direction,
                 .sensitivity = BaselineSensitivity::kNormal});
    table.Weeks(8);
    EXPECT_EQ(table.Day(100).Alerts(), drop);
    table.Day(1000);
    EXPECT_EQ(table.Day(20'000).Alerts(), rise);
  }
}

TEST(BaselineTest, SensitivityMovesTheBand) {
  double widths[3] = {};
  int i = 0;
  for (const auto sensitivity :
       {BaselineSensitivity::kHigh, BaselineSensitivity::kNormal, BaselineSensitivity::kLow}) {
    Table table(
        {.season = BaselineSeason::kDay, .direction = BaselineDirection::kBoth, .sensitivity = sensitivity});
    table.Weeks(8);
    const BaselineJudgement judgement = table.Day(1000);
    widths[i++] = judgement.high - judgement.low;
  }
  EXPECT_LT(widths[0], widths[1]);
  EXPECT_LT(widths[1], widths[2]);
}

TEST(BaselineTest, AHolidayTeachesItsOwnEffect) {
  Table table;
  table.Weeks(6);
  for (int year = 0; year < 3; ++year) {
    table.Day(200, true);
    for (int day = 1; day < 28; ++day) table.Day(table.Usual());
  }
  const BaselineJudgement holiday = table.Day(200, true);
  EXPECT_FALSE(holiday.Alerts());
  ASSERT_TRUE(holiday.expected);
  EXPECT_LT(*holiday.expected, 500);
}

TEST(BaselineTest, WhatPeopleSayIsLearned) {
  Table level;
  level.Weeks(8);
  EXPECT_TRUE(level.Day(400).Alerts());
  level.baseline().AcceptAsLevel();
  EXPECT_FALSE(level.Day(400).Alerts());

  Table pattern;
  pattern.Weeks(8);
  EXPECT_TRUE(pattern.Day(400).Alerts());
  pattern.baseline().AcceptAsPattern();
  for (int day = 1; day < 7; ++day) EXPECT_FALSE(pattern.Day(pattern.Usual()).Alerts()) << day;
  EXPECT_FALSE(pattern.Day(400).Alerts());

  Table once;
  once.Weeks(8);
  const double before = once.Day(100).high;
  once.baseline().AcceptOnce();
  for (int day = 1; day < 7; ++day) once.Day(once.Usual());
  EXPECT_GT(once.Day(1000).high, before);
}

TEST(BaselineTest, AnExplanationNamesEveryTerm) {
  Table table;
  table.Weeks(8);
  const std::string text = ExpectationText(table.Day(1000));
  EXPECT_NE(text.find("level "), std::string::npos) << text;
  EXPECT_NE(text.find("× Monday"), std::string::npos) << text;
  EXPECT_NE(text.find("8 Mondays seen"), std::string::npos) << text;
}

TEST(BaselineTest, HoursOfTheWeekAreLearned) {
  Baseline baseline({.season = BaselineSeason::kHour});
  std::mt19937 random(5);
  std::normal_distribution<double> noise(0, 0.05);
  const auto usual = [&](int hour) {
    const bool busy = hour % 24 >= 8 && hour % 24 < 18;
    return std::round((busy ? 2'000 : 100) * std::exp(noise(random)));
  };
  int alerts = 0;
  int hour = 0;
  for (; hour < 24 * 7 * 6; ++hour) {
    const BaselineMoment moment{kMonday + std::chrono::days(hour / 24), hour % 24, false, false};
    alerts += baseline.Observe(moment, usual(hour)).Alerts() ? 1 : 0;
  }
  EXPECT_LE(alerts, 2);
  const BaselineMoment night{kMonday + std::chrono::days(hour / 24), 3, false, false};
  EXPECT_TRUE(baseline.Observe(night, 2'000).Alerts());
}

TEST(BaselineTest, TheStateOfADailySeriesIsSmall) {
  // The object, and what its vectors hold: 13 effects, 7 slots and 11 kinds.
  EXPECT_LE(sizeof(Baseline) + 13 * 16 + 7 * 8 + 7 * 4 + 11 * 4, 1024U);
}

TEST(BaselineTest, TheSameInputGivesTheSameAnswers) {
  Table one;
  Table two;
  for (int day = 0; day < 400; ++day) {
    const BaselineJudgement a = one.Day(one.Usual());
    const BaselineJudgement b = two.Day(two.Usual());
    ASSERT_EQ(a.status, b.status);
    ASSERT_EQ(ReasonText(a), ReasonText(b));
  }
}

TEST(BaselineTest, FindsTheLabelledFaultsOfSimulatedTables) {
  const auto all = testing::ReadScoredSeries();
  if (!all) GTEST_SKIP() << "the simulated tables are not here";
  const std::vector<std::pair<size_t, double>> least = {{14, .66}, {30, .74}, {90, .78}, {365, .82}};
  for (const auto& [history, f1] : least) {
    const auto score = ScoreDetector(*all, testing::LearnedBounds, history);
    EXPECT_GE(score.F1(), f1) << history;
    EXPECT_LE(score.FalseAYear(), 0.5) << history;
    EXPECT_GE(score.empty_found, 0.99 * score.empty) << history;
    const auto plain = ScoreDetector(*all, testing::ZScoreOf14Days, history);
    EXPECT_GE(score.F1(), plain.F1() + 0.2) << history;
  }
}

}  // namespace
}  // namespace amont
