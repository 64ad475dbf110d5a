#include "core/time.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace amont {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::hours;

std::string ErrorOf(std::string_view duration) {
  auto parsed = ParseDuration(duration);
  return parsed ? "no error" : parsed.error().message;
}

Timestamp At(std::string_view text) {
  auto parsed = ParseTimestamp(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Timestamp{};
}

TEST(ParseDuration, ReadsEachUnit) {
  EXPECT_EQ(ParseDuration("90s"), Duration(90s));
  EXPECT_EQ(ParseDuration("15m"), Duration(15min));
  EXPECT_EQ(ParseDuration("26h"), Duration(26h));
  EXPECT_EQ(ParseDuration("7d"), Duration(days(7)));
  EXPECT_EQ(ParseDuration("2w"), Duration(days(14)));
  EXPECT_EQ(ParseDuration("250ms"), Duration(250ms));
  EXPECT_EQ(ParseDuration("3us"), Duration(3us));
  EXPECT_EQ(ParseDuration("0s"), Duration(0));
  EXPECT_EQ(ParseDuration("007s"), Duration(7s));
}

TEST(ParseDuration, AddsPairsLargerFirst) {
  EXPECT_EQ(ParseDuration("1h30m"), Duration(90min));
  EXPECT_EQ(ParseDuration("1w1d1h1m1s1ms1us"), Duration(days(8) + 1h + 1min + 1s + 1ms + 1us));
  EXPECT_EQ(ParseDuration("1h90m"), Duration(150min));
}

TEST(ParseDuration, SaysWhatIsWrong) {
  EXPECT_EQ(ErrorOf(""), "`` is not a duration: it is empty; write 15m, 26h or 7d");
  EXPECT_EQ(ErrorOf("15"), "`15` is not a duration: `15` has no unit (w d h m s ms us)");
  EXPECT_EQ(ErrorOf("15min"), "`15min` is not a duration: `min` is not a unit (w d h m s ms us)");
  EXPECT_EQ(ErrorOf("15M"), "`15M` is not a duration: `M` is not a unit (w d h m s ms us)");
  EXPECT_EQ(
      ErrorOf("30m1h"),
      "`30m1h` is not a duration: larger units come first and each unit once, so `h` cannot stand here");
  EXPECT_EQ(ErrorOf("1h1h"),
            "`1h1h` is not a duration: larger units come first and each unit once, so `h` cannot stand here");
  for (auto text : {"-1h", "1.5h", "1h ", " 1h", "1h 30m", "h", "1h-5m", "+1h", "1_000s", "1h\n"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

TEST(ParseDuration, EndsAtTenThousandDays) {
  EXPECT_EQ(ParseDuration("10000d"), Duration(days(10'000)));
  EXPECT_EQ(ParseDuration("9999d24h"), Duration(days(10'000)));
  for (auto text : {"10001d", "10000d1us", "1429w", "99999999999999999999999999d", "9223372036854775807us",
                    "18446744073709551617s"}) {
    EXPECT_EQ(ErrorOf(text), std::string("`") + text + "` is not a duration: it is longer than 10000 days");
  }
}

TEST(FormatDuration, WritesWhatPeopleWrite) {
  EXPECT_EQ(FormatDuration(0s), "0s");
  EXPECT_EQ(FormatDuration(26h), "26h");
  EXPECT_EQ(FormatDuration(90min), "1h30m");
  EXPECT_EQ(FormatDuration(24h), "24h");
  EXPECT_EQ(FormatDuration(48h), "2d");
  EXPECT_EQ(FormatDuration(49h), "49h");
  EXPECT_EQ(FormatDuration(days(7)), "7d");
  EXPECT_EQ(FormatDuration(days(14)), "14d");
  EXPECT_EQ(FormatDuration(1'500ms), "1s500ms");
  EXPECT_EQ(FormatDuration(-90min), "-1h30m");
  EXPECT_EQ(FormatDuration(Duration::min()), "-2562047788h54s775ms808us");
}

TEST(FormatDuration, IsReadBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    // Of every magnitude, and often round.
    auto span = Duration(random() % (Duration(days(10'000)).count() + 1) >> (random() % 50));
    if (i % 3 == 0) span = std::chrono::floor<std::chrono::seconds>(span);
    if (i % 7 == 0) span = std::chrono::floor<days>(span);
    auto text = FormatDuration(span);
    EXPECT_EQ(ParseDuration(text), span) << text;
  }
}

TEST(HumanDuration, RoundsToTwoFigures) {
  EXPECT_EQ(HumanDuration(0s), "0 s");
  EXPECT_EQ(HumanDuration(499us), "0 s");
  EXPECT_EQ(HumanDuration(250ms), "250 ms");
  EXPECT_EQ(HumanDuration(1500ms), "1.5 s");
  EXPECT_EQ(HumanDuration(45s), "45 s");
  EXPECT_EQ(HumanDuration(59'700ms), "1 min");
  EXPECT_EQ(HumanDuration(90s), "1.5 min");
  EXPECT_EQ(HumanDuration(12min), "12 min");
  EXPECT_EQ(HumanDuration(1h), "1 h");
  EXPECT_EQ(HumanDuration(3h), "3 h");
  EXPECT_EQ(HumanDuration(31h), "31 h");
  EXPECT_EQ(HumanDuration(48h), "2 days");
  EXPECT_EQ(HumanDuration(77h), "3.2 days");
  EXPECT_EQ(HumanDuration(days(9) + 23h + 50min), "10 days");
  EXPECT_EQ(HumanDuration(days(35)), "5 weeks");
  EXPECT_EQ(HumanDuration(-31h), "-31 h");
  EXPECT_EQ(HumanDuration(Duration::min()), "-15250284 weeks");
}

TEST(ParseTimestamp, ReadsRfc3339) {
  Timestamp expected = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + 5h + 31min + 18s;
  EXPECT_EQ(At("2026-11-24T05:31:18Z"), expected);
  EXPECT_EQ(At("2026-11-24 05:31:18Z"), expected);
  EXPECT_EQ(At("2026-11-24t05:31:18z"), expected);
  EXPECT_EQ(At("2026-11-24T05:31:18"), expected);
  EXPECT_EQ(At("2026-11-24T07:31:18+02:00"), expected);
  EXPECT_EQ(At("2026-11-24 07:31:18+02"), expected);
  EXPECT_EQ(At("2026-11-24T07:31:18+0200"), expected);
  EXPECT_EQ(At("2026-11-24T11:16:18+05:45"), expected);
  EXPECT_EQ(At("2026-11-23T18:01:18-11:30"), expected);
  EXPECT_EQ(At("2026-11-24"), expected - 5h - 31min - 18s);
  EXPECT_EQ(At("2026-11-24T05:31:18.25Z"), expected + 250ms);
  EXPECT_EQ(At("2026-11-24T05:31:18.123456789Z"), expected + 123456us);
}

TEST(ParseTimestamp, RefusesTheRest) {
  for (auto text : {"",
                    "2026",
                    "2026-11-31",
                    "2026-13-01",
                    "2026-00-01",
                    "2026-02-29",
                    "1900-02-29",
                    "0000-01-01",
                    "10000-01-01",
                    "-001-01-01",
                    "2026-1-1",
                    "2026-11-24T",
                    "2026-11-24T05:31",
                    "2026-11-24T5:31:18",
                    "2026-11-24T24:00:00",
                    "2026-11-24T05:60:00",
                    "2016-12-31T23:59:60Z",
                    "2026-11-24T05:31:18.Z",
                    "2026-11-24T05:31:18,5Z",
                    "2026-11-24T05:31:18+",
                    "2026-11-24T05:31:18+2",
                    "2026-11-24T05:31:18+24:00",
                    "2026-11-24T05:31:18+02:60",
                    "2026-11-24T05:31:18+02:",
                    "2026-11-24T05:31:18Z ",
                    " 2026-11-24",
                    "2026-11-24Z",
                    "2026-11-24  05:31:18",
                    "0001-01-01T00:00:00+00:01",
                    "9999-12-31T23:59:59-00:01"}) {
    auto parsed = ParseTimestamp(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalid);
  }
  EXPECT_EQ(ParseTimestamp("noon").error().message,
            "`noon` is not a time: write 2026-11-24T05:31:18Z, with an offset such as +02:00, or a date");
}

TEST(ParseTimestamp, KnowsWhetherAnOffsetStood) {
  EXPECT_TRUE(HasOffset("2026-11-24T05:31:18Z"));
  EXPECT_TRUE(HasOffset("2026-11-24T05:31:18.5-03:00"));
  EXPECT_FALSE(HasOffset("2026-11-24T05:31:18"));
  EXPECT_FALSE(HasOffset("2026-11-24"));
  EXPECT_FALSE(HasOffset("not a time Z"));
}

TEST(FormatTimestamp, IsReadBackInEveryYear) {
  std::mt19937_64 random(2);
  auto first = At("0001-01-01T00:00:00Z");
  auto last = At("9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatTimestamp(first), "0001-01-01T00:00:00Z");
  EXPECT_EQ(FormatTimestamp(last), "9999-12-31T23:59:59.999999Z");
  auto range = static_cast<uint64_t>((last - first).count()) + 1;
  for (int i = 0; i < 20'000; ++i) {
    Timestamp at = first + Duration(random() % range);
    if (i % 2 == 0) at = std::chrono::floor<std::chrono::milliseconds>(at);
    auto text = FormatTimestamp(at);
    EXPECT_EQ(ParseTimestamp(text), at) << text;
    EXPECT_TRUE(HasOffset(text));
    EXPECT_EQ(ParseDate(text.substr(0, 10)), DayOf(at)) << text;
  }
}

TEST(FormatTimestamp, WritesNoMoreFractionThanThereIs) {
  EXPECT_EQ(FormatTimestamp(Timestamp{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTimestamp(Timestamp(-1us)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatTimestamp(Timestamp(120ms)), "1970-01-01T00:00:00.12Z");
  EXPECT_EQ(FormatTimestamp(Timestamp(1us)), "1970-01-01T00:00:00.000001Z");
}

TEST(FormatTimestamp, IsTotal) {
  EXPECT_EQ(FormatTimestamp(Timestamp::max()), "+294247-01-10T04:00:54.775807Z");
  EXPECT_EQ(FormatTimestamp(Timestamp::min()), "-290308-12-21T19:59:05.224192Z");
  FormatDate(Date::max());
  FormatDate(Date::min());
}

TEST(FormatDate, AgreesWithTheStandardCalendar) {
  for (int day = -800'000; day < 3'000'000; day += 97) {
    Date date{days(day)};
    std::chrono::year_month_day civil(date);
    char expected[32];
    std::snprintf(expected, sizeof expected, "%04d-%02u-%02u", static_cast<int>(civil.year()),
                  static_cast<unsigned>(civil.month()), static_cast<unsigned>(civil.day()));
    if (civil.year() >= std::chrono::year(0) && civil.year() <= std::chrono::year(9999)) {
      EXPECT_EQ(FormatDate(date), expected);
    }
  }
}

TEST(ParseDate, TakesDaysOnly) {
  EXPECT_EQ(ParseDate("2024-02-29"), Date(std::chrono::year(2024) / 2 / 29));
  for (auto text :
       {"2023-02-29", "2024-02-29T00:00:00Z", "2024-2-29", "24-02-29", "2024/02/29", "today", ""}) {
    EXPECT_FALSE(ParseDate(text)) << text;
  }
}

TEST(DayOf, RoundsDownBeforeTheEpochToo) {
  EXPECT_EQ(DayOf(Timestamp(-1us)), Date{days(-1)});
  EXPECT_EQ(DayOf(Timestamp(0us)), Date{});
}

TEST(WeekdayNamed, CountsFromSunday) {
  EXPECT_EQ(WeekdayNamed("sun"), 0);
  EXPECT_EQ(WeekdayNamed("Mon"), 1);
  EXPECT_EQ(WeekdayNamed("SAT"), 6);
  EXPECT_EQ(WeekdayNamed("saturday"), std::nullopt);
  EXPECT_EQ(WeekdayNamed(""), std::nullopt);
}

}  // namespace
}  // namespace amont
