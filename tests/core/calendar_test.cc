#include "core/calendar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace amont {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

Timestamp At(std::string_view text) {
  auto parsed = ParseTimestamp(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Timestamp{};
}

Date Day(std::string_view text) {
  auto parsed = ParseDate(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Date{};
}

Calendar Business(std::string_view zone, std::string_view weekdays = "mon-fri",
                  const std::vector<std::string>& holidays = {}) {
  Calendar calendar;
  calendar.name = "business";
  auto loaded = Zone::Load(zone);
  EXPECT_TRUE(loaded) << zone;
  if (loaded) calendar.zone = *loaded;
  auto parsed = ParseWeekdays(weekdays);
  EXPECT_TRUE(parsed) << weekdays;
  if (parsed) calendar.weekdays = *parsed;
  for (const auto& holiday : holidays) calendar.holidays.insert(Day(holiday));
  return calendar;
}

std::string ErrorOf(std::string_view weekdays) {
  auto parsed = ParseWeekdays(weekdays);
  return parsed ? "no error" : parsed.error().message;
}

TEST(ParseWeekdays, TakesNamesAndRanges) {
  EXPECT_EQ(ParseWeekdays("mon-fri")->to_string(), "0111110");
  EXPECT_EQ(ParseWeekdays("sun-thu")->to_string(), "0011111");
  EXPECT_EQ(ParseWeekdays("sat-wed")->to_string(), "1001111");
  EXPECT_EQ(ParseWeekdays("mon,wed,fri")->to_string(), "0101010");
  EXPECT_EQ(ParseWeekdays("mon-tue, Sat")->to_string(), "1000110");
  EXPECT_EQ(ParseWeekdays("sun")->to_string(), "0000001");
  EXPECT_EQ(ParseWeekdays("mon-sun")->to_string(), "1111111");
  EXPECT_EQ(ParseWeekdays("tue-tue")->to_string(), "0000100");
}

TEST(ParseWeekdays, SaysWhatIsWrong) {
  EXPECT_EQ(ErrorOf("monday"), "`monday` is not a weekday; write mon-fri or mon,wed,fri");
  EXPECT_EQ(ErrorOf(""), "`` is not a weekday; write mon-fri or mon,wed,fri");
  EXPECT_EQ(ErrorOf("mon,"), "`` is not a weekday; write mon-fri or mon,wed,fri");
  EXPECT_EQ(ErrorOf("mon-"), "`` is not a weekday; write mon-fri or mon,wed,fri");
  EXPECT_EQ(ErrorOf("mon-wed-fri"), "`wed-fri` is not a weekday; write mon-fri or mon,wed,fri");
  EXPECT_EQ(ErrorOf("1-5"), "`1` is not a weekday; write mon-fri or mon,wed,fri");
}

TEST(Calendar, WorksEveryDayByDefault) {
  Calendar calendar;
  EXPECT_TRUE(calendar.IsWorking(Day("2025-01-04")));
  EXPECT_EQ(calendar.WorkingDayBefore(Day("2025-01-06")), Day("2025-01-05"));
  EXPECT_EQ(calendar.WorkingTime(At("2025-01-01"), At("2025-01-11")), days(10));
  EXPECT_EQ(calendar.AddWorkingTime(At("2025-01-01"), days(10)), At("2025-01-11"));
}

TEST(Calendar, RestsOnWeekendsAndHolidays) {
  Calendar calendar = Business("Europe/Paris", "mon-fri", {"2025-05-01", "2025-05-08"});
  EXPECT_TRUE(calendar.IsWorking(Day("2025-05-02")));
  EXPECT_FALSE(calendar.IsWorking(Day("2025-05-03")));
  EXPECT_FALSE(calendar.IsWorking(Day("2025-05-04")));
  EXPECT_FALSE(calendar.IsWorking(Day("2025-05-01")));
  EXPECT_EQ(calendar.WorkingDayBefore(Day("2025-05-05")), Day("2025-05-02"));
  EXPECT_EQ(calendar.WorkingDayBefore(Day("2025-05-02")), Day("2025-04-30"));
  EXPECT_EQ(calendar.WorkingDayBefore(Day("2025-05-04")), Day("2025-05-02"));
}

TEST(Calendar, StepsBackOverDaysOff) {
  Calendar calendar = Business("Europe/Paris", "mon-fri", {"2025-05-01"});
  EXPECT_EQ(calendar.StepBack(Day("2025-05-05"), 0), Day("2025-05-05"));
  EXPECT_EQ(calendar.StepBack(Day("2025-05-05"), 1), Day("2025-05-02"));
  EXPECT_EQ(calendar.StepBack(Day("2025-05-05"), 2), Day("2025-04-30"));
  EXPECT_EQ(calendar.StepBack(Day("2025-05-05"), 7), Day("2025-04-23"));
  EXPECT_EQ(calendar.StepBack(Day("2025-05-05"), -1), Day("2025-05-05"));
}

TEST(Calendar, DaysEarlierKeepWeeksAndStepOverDaysOff) {
  Calendar calendar = Business("Europe/Paris", "mon-fri", {"2025-05-01"});
  EXPECT_EQ(calendar.DaysEarlier(Day("2025-05-05"), 0), Day("2025-05-05"));
  EXPECT_EQ(calendar.DaysEarlier(Day("2025-05-05"), 1), Day("2025-05-02"));
  EXPECT_EQ(calendar.DaysEarlier(Day("2025-05-05"), 2), Day("2025-04-30"));
  EXPECT_EQ(calendar.DaysEarlier(Day("2025-05-05"), 7), Day("2025-04-28"));
  EXPECT_EQ(calendar.DaysEarlier(Day("2025-05-05"), 8), Day("2025-04-25"));
  EXPECT_EQ(calendar.DaysEarlier(Day("2025-05-08"), 7), Day("2025-04-30"));  // a week earlier is a holiday
  EXPECT_EQ(calendar.DaysEarlier(Day("2025-05-04"), 7), Day("2025-04-25"));  // a Sunday, to a Sunday
}

TEST(Calendar, EndsItsSearchWhereNoDayWorks) {
  Calendar calendar = Business("UTC");
  calendar.weekdays.reset();
  EXPECT_EQ(calendar.WorkingDayBefore(Day("2025-05-05")), Day("2025-05-04"));
  EXPECT_EQ(calendar.WorkingTime(At("2025-01-01"), At("2025-02-01")), Duration(0));
  EXPECT_EQ(FormatTimestamp(calendar.AddWorkingTime(At("2025-01-01"), 1us)), "+10000-01-01T00:00:00Z");
  EXPECT_EQ(calendar.AddWorkingTime(At("2025-01-01"), 0us), At("2025-01-01"));
}

TEST(Calendar, CountsWorkingTimeOnly) {
  Calendar calendar = Business("Europe/Paris", "mon-fri", {"2025-05-01"});
  // Friday noon to Monday noon: half a day each.
  EXPECT_EQ(calendar.WorkingTime(At("2025-05-02T10:00:00Z"), At("2025-05-05T10:00:00Z")), 24h);
  EXPECT_EQ(calendar.WorkingTime(At("2025-05-02T22:00:00Z"), At("2025-05-04T22:00:00Z")),
            0h);  // the weekend itself
  EXPECT_EQ(calendar.WorkingTime(At("2025-04-30T12:00:00Z"), At("2025-05-02T12:00:00Z")), 24h);
  EXPECT_EQ(calendar.WorkingTime(At("2025-05-01T12:00:00Z"), At("2025-05-01T13:00:00Z")), 0h);
  EXPECT_EQ(calendar.WorkingTime(At("2025-05-06T12:00:00Z"), At("2025-05-06T12:00:01Z")), 1s);
  EXPECT_EQ(calendar.WorkingTime(At("2025-05-06T12:00:00Z"), At("2025-05-06T12:00:00Z")), 0s);
  EXPECT_EQ(calendar.WorkingTime(At("2025-05-06T12:00:00Z"), At("2025-05-05T12:00:00Z")), 0s);
}

TEST(Calendar, KnowsDaysOf23And25Hours) {
  Calendar sundays = Business("Europe/Paris", "sun");
  EXPECT_EQ(sundays.WorkingTime(At("2025-03-29T00:00:00Z"), At("2025-03-31T12:00:00Z")), 23h);
  EXPECT_EQ(sundays.WorkingTime(At("2025-10-25T00:00:00Z"), At("2025-10-27T12:00:00Z")), 25h);
  EXPECT_EQ(sundays.WorkingTime(At("2025-06-07T00:00:00Z"), At("2025-06-09T12:00:00Z")), 24h);
  Calendar lord_howe = Business("Australia/Lord_Howe", "sun");
  EXPECT_EQ(lord_howe.WorkingTime(At("2025-10-03T00:00:00Z"), At("2025-10-07T00:00:00Z")), 23h + 30min);
  EXPECT_EQ(lord_howe.WorkingTime(At("2025-04-04T00:00:00Z"), At("2025-04-08T00:00:00Z")), 24h + 30min);
  // At 00:01 on Sunday it was Saturday, 23:01, again: that hour belongs to the Sunday that had begun.
  Calendar st_johns = Business("America/St_Johns", "sun");
  EXPECT_EQ(st_johns.WorkingTime(At("2010-11-07T02:00:00Z"), At("2010-11-09T02:00:00Z")), 25h);
  EXPECT_EQ(st_johns.WorkingTime(At("2010-11-07T02:45:00Z"), At("2010-11-07T02:50:00Z")), 5min);
  // The Friday that Samoa left out.
  EXPECT_EQ(Business("Pacific/Apia", "fri").WorkingTime(At("2011-12-28"), At("2012-01-02")), 0h);
}

TEST(Calendar, AddsWorkingTime) {
  Calendar calendar = Business("Europe/Paris", "mon-fri", {"2025-05-01"});
  EXPECT_EQ(calendar.AddWorkingTime(At("2025-05-02T10:00:00Z"), 24h), At("2025-05-05T10:00:00Z"));
  EXPECT_EQ(calendar.AddWorkingTime(At("2025-05-03T10:00:00Z"), 1h), At("2025-05-04T23:00:00Z"));
  EXPECT_EQ(calendar.AddWorkingTime(At("2025-05-02T10:00:00Z"), 0s), At("2025-05-02T10:00:00Z"));
  // It first reaches 12 h where Friday ends, not where Monday begins.
  EXPECT_EQ(calendar.AddWorkingTime(At("2025-05-02T10:00:00Z"), 12h), At("2025-05-02T22:00:00Z"));
  EXPECT_EQ(calendar.AddWorkingTime(At("2025-05-02T10:00:00Z"), 12h + 1us),
            At("2025-05-04T22:00:00.000001Z"));
  EXPECT_EQ(calendar.AddWorkingTime(At("2025-05-02T10:00:00Z"), -1h), At("2025-05-02T10:00:00Z"));
}

// ---- Properties, over random calendars, instants and zones

const std::vector<std::string> kZones = {"UTC",
                                         "Europe/Paris",
                                         "America/New_York",
                                         "Australia/Lord_Howe",
                                         "Asia/Kathmandu",
                                         "America/Havana",
                                         "America/St_Johns",
                                         "Pacific/Apia"};

Calendar RandomCalendar(std::mt19937_64& random) {
  Calendar calendar = Business(kZones[random() % kZones.size()]);
  calendar.weekdays = std::bitset<7>(random() % 127 + 1);
  for (size_t n = random() % 40; n > 0; --n) {
    calendar.holidays.insert(Day("2010-06-01") + days(random() % 900));
  }
  return calendar;
}

Timestamp RandomInstant(std::mt19937_64& random) {
  auto first = At("2010-06-01");
  return first + Duration(random() % static_cast<uint64_t>(Duration(days(900)).count()));
}

TEST(Calendar, WorkingTimeAddsUp) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 3'000; ++i) {
    Calendar calendar = RandomCalendar(random);
    std::vector<Timestamp> at = {RandomInstant(random), RandomInstant(random), RandomInstant(random)};
    std::ranges::sort(at);
    auto first = calendar.WorkingTime(at[0], at[1]);
    auto second = calendar.WorkingTime(at[1], at[2]);
    ASSERT_EQ(first + second, calendar.WorkingTime(at[0], at[2]));
    ASSERT_LE(first, at[1] - at[0]);
    ASSERT_GE(first, Duration(0));
  }
}

TEST(Calendar, WorkingTimeIsTheSumOfItsWorkingQuarterHours) {
  std::mt19937_64 random(8);
  for (int i = 0; i < 200; ++i) {
    Calendar calendar = RandomCalendar(random);
    if (calendar.zone.name() == "America/St_Johns")
      continue;  // there a minute past midnight was yesterday again
    Timestamp from = std::chrono::floor<std::chrono::days>(RandomInstant(random));
    Timestamp to = from + days(random() % 60) + 12h;
    Duration expected(0);
    for (Timestamp at = from; at < to; at += 15min) {
      if (calendar.IsWorking(calendar.zone.LocalDay(at))) expected += 15min;
    }
    ASSERT_EQ(calendar.WorkingTime(from, to), expected)
        << calendar.zone.name() << ' ' << FormatTimestamp(from);
  }
}

TEST(Calendar, AddWorkingTimeIsTheInverse) {
  std::mt19937_64 random(9);
  for (int i = 0; i < 3'000; ++i) {
    Calendar calendar = RandomCalendar(random);
    Timestamp from = RandomInstant(random);
    Duration span(random() % static_cast<uint64_t>(Duration(days(100)).count()) + 1);
    Timestamp reached = calendar.AddWorkingTime(from, span);
    ASSERT_EQ(calendar.WorkingTime(from, reached), span);
    ASSERT_EQ(calendar.WorkingTime(from, reached - 1us), span - 1us);  // first reached there
    ASSERT_EQ(calendar.AddWorkingTime(from, calendar.WorkingTime(from, reached)), reached);
  }
}

TEST(Calendar, IsTotalAtTheEndsOfTime) {
  Calendar calendar = Business("Europe/Paris", "mon-fri", {"2025-05-01"});
  Duration all = calendar.WorkingTime(Timestamp::min(), Timestamp::max());
  EXPECT_GT(all, days(2'600'000));
  EXPECT_EQ(calendar.WorkingTime(Timestamp::max(), Timestamp::min()), Duration(0));
  EXPECT_EQ(FormatTimestamp(calendar.AddWorkingTime(Timestamp::min(), Duration::max())),
            "+10000-01-01T00:00:00Z");
  EXPECT_EQ(calendar.AddWorkingTime(Timestamp::max(), 1h), Timestamp::max());
  EXPECT_EQ(FormatTimestamp(Calendar().AddWorkingTime(At("2025-01-01"), Duration::max())),
            "+10000-01-01T00:00:00Z");
}

TEST(Calendar, EqualsByValue) {
  EXPECT_EQ(Business("Europe/Paris"), Business("Europe/Paris"));
  EXPECT_FALSE(Business("Europe/Paris") == Business("UTC"));
  EXPECT_FALSE(Business("UTC") == Business("UTC", "mon-fri", {"2025-05-01"}));
}

}  // namespace
}  // namespace amont
