#include "checks/judge/replay.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace amont {
namespace {

using std::chrono::days;
using std::chrono::hours;

const Timestamp kMonday = Timestamp(days(19723));  // 2024-01-01

std::vector<SeriesPoint> Every(Duration step, size_t count, double value) {
  std::vector<SeriesPoint> points;
  for (size_t i = 0; i < count; ++i)
    points.push_back({kMonday + static_cast<int64_t>(i) * step, value, false});
  return points;
}

TEST(ReplayTest, TheSeasonIsFoundFromTheTimes) {
  EXPECT_EQ(SeasonOf(Every(days(1), 30, 5)), BaselineSeason::kDay);
  EXPECT_EQ(SeasonOf(Every(hours(1), 30, 5)), BaselineSeason::kHour);
  EXPECT_EQ(SeasonOf(Every(std::chrono::minutes(7), 30, 5)), BaselineSeason::kNone);
  EXPECT_EQ(SeasonOf(Every(days(7), 30, 5)), BaselineSeason::kNone);
  EXPECT_EQ(SeasonOf({}), BaselineSeason::kDay);
  EXPECT_EQ(SeasonOf(Every(days(1), 1, 5)), BaselineSeason::kDay);
}

TEST(ReplayTest, WhatIsNoCountIsLeftOutAndSaid) {
  std::vector<SeriesPoint> points = Every(days(1), 6, 100);
  points[1].value = -1;
  points[2].value = std::numeric_limits<double>::quiet_NaN();
  points[3].value = std::numeric_limits<double>::infinity();
  points[4].at = points[0].at;
  points[5].at = points[0].at - days(1);
  const auto replayed = Replay(points, {}, Zone());
  ASSERT_EQ(replayed.size(), 6U);
  EXPECT_EQ(replayed[0].problem, "");
  EXPECT_EQ(replayed[1].problem, "a count is never negative");
  EXPECT_EQ(replayed[2].problem, "there is no number");
  EXPECT_EQ(replayed[3].problem, "it is not finite");
  EXPECT_EQ(replayed[4].problem, "there was a value for this time already");
  EXPECT_EQ(replayed[5].problem, "it is earlier than the value before it");
  EXPECT_EQ(Summarise(points, replayed).left_out, 5U);
}

TEST(ReplayTest, TheDaysBesideAHolidayAreKnown) {
  std::vector<SeriesPoint> points = Every(days(1), 40, 1000);
  points[20].holiday = true;
  const auto replayed = Replay(points, {}, Zone());
  const auto names = [&](size_t at) {
    std::string text;
    for (size_t i = 0; i < replayed[at].judgement.factor_count; ++i) {
      const auto of = replayed[at].judgement.factors[i].of;
      if (of == BaselineFactor::Of::kHoliday) text += "holiday";
      if (of == BaselineFactor::Of::kBesideHoliday) text += "beside";
    }
    return text;
  };
  EXPECT_EQ(names(18), "");
  EXPECT_EQ(names(19), "beside");
  EXPECT_EQ(names(20), "holiday");
  EXPECT_EQ(names(21), "beside");
}

TEST(ReplayTest, AlertsInARowAreOneIncident) {
  std::vector<SeriesPoint> points = Every(days(1), 60, 1000);
  points[40].value = points[41].value = 0;
  points[50].value = 0;
  const auto replayed = Replay(points, {}, Zone());
  const ReplaySummary summary = Summarise(points, replayed);
  EXPECT_EQ(summary.points, 60U);
  EXPECT_EQ(summary.learning, 7U);
  EXPECT_EQ(summary.alerts, 3U);
  EXPECT_EQ(summary.incidents, 2U);
  EXPECT_NEAR(summary.IncidentsAYear(), 2 * 365 / 52.0, 0.01);
}

TEST(ReplayTest, HoursFollowTheLocalClockOverBothChanges) {
  const auto berlin = Zone::Load("Europe/Berlin");
  ASSERT_TRUE(berlin);
  std::vector<SeriesPoint> points;
  for (int hour = 0; hour < 24 * 365; ++hour) {
    const Timestamp at = kMonday + hours(hour);
    const auto local = berlin->ToLocal(at);
    const auto of_day = std::chrono::floor<hours>(local - std::chrono::floor<days>(local)).count();
    points.push_back({at, of_day >= 8 && of_day < 18 ? 5000.0 : 400.0, false});
  }
  BaselineOptions options;
  options.season = BaselineSeason::kHour;
  EXPECT_EQ(Summarise(points, Replay(points, options, *berlin)).alerts, 0U);
}

}  // namespace
}  // namespace amont
