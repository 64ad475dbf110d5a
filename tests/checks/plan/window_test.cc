#include "checks/plan/window.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

using namespace std::chrono_literals;

Zone Load(const std::string& name) {
  const auto zone = Zone::Load(name);
  EXPECT_TRUE(zone) << name;
  return zone ? *zone : Zone();
}

Timestamp At(const std::string& text) {
  const auto at = ParseTimestamp(text);
  EXPECT_TRUE(at) << text;
  return at ? *at : Timestamp();
}

std::string Text(const WindowSpan& span) {
  return FormatTimestamp(span.from) + " .. " + FormatTimestamp(span.to);
}

std::string Resolve(Duration last, Duration delay, const std::string& now, const Zone& zone = {},
                    const Calendar* calendar = nullptr) {
  return Text(ResolveWindow({"c", last, delay}, zone, calendar, At(now)));
}

Calendar Business(const Zone& zone = {}) {
  Calendar calendar;
  calendar.zone = zone;
  calendar.weekdays = std::bitset<7>(0b0111110);
  calendar.holidays = {std::chrono::sys_days(2026y / 11 / 11)};
  return calendar;
}

TEST(Window, ADayEndsAtTheLastLocalMidnight) {
  EXPECT_EQ(Resolve(24h, 0s, "2026-11-24T05:31:00Z"), "2026-11-23T00:00:00Z .. 2026-11-24T00:00:00Z");
  EXPECT_EQ(Resolve(24h, 0s, "2026-11-24T05:31:00Z", Load("Europe/Paris")),
            "2026-11-22T23:00:00Z .. 2026-11-23T23:00:00Z");
  EXPECT_EQ(Resolve(7 * 24h, 0s, "2026-11-24T05:31:00Z"), "2026-11-17T00:00:00Z .. 2026-11-24T00:00:00Z");
}

TEST(Window, IsJudgedOnceClosedForItsDelay) {
  EXPECT_EQ(Resolve(24h, 6h, "2026-11-24T05:59:59Z"), "2026-11-22T00:00:00Z .. 2026-11-23T00:00:00Z");
  EXPECT_EQ(Resolve(24h, 6h, "2026-11-24T06:00:00Z"), "2026-11-23T00:00:00Z .. 2026-11-24T00:00:00Z");
  EXPECT_EQ(Resolve(1h, 10min, "2026-11-24T06:09:59Z"), "2026-11-24T04:00:00Z .. 2026-11-24T05:00:00Z");
  EXPECT_EQ(Resolve(1h, 10min, "2026-11-24T06:10:00Z"), "2026-11-24T05:00:00Z .. 2026-11-24T06:00:00Z");
}

TEST(Window, ADayOfDstIsShorterOrLonger) {
  const Zone paris = Load("Europe/Paris");
  EXPECT_EQ(Resolve(24h, 0s, "2026-03-30T10:00:00Z", paris), "2026-03-28T23:00:00Z .. 2026-03-29T22:00:00Z");
  EXPECT_EQ(Resolve(24h, 0s, "2026-10-26T10:00:00Z", paris), "2026-10-24T22:00:00Z .. 2026-10-25T23:00:00Z");
}

TEST(Window, AnHourThatIsSkippedIsSteppedOver) {
  const Zone paris = Load("Europe/Paris");  // 2026-03-29 02:00 becomes 03:00 at 01:00Z
  EXPECT_EQ(Resolve(1h, 0s, "2026-03-29T01:10:00Z", paris), "2026-03-29T00:00:00Z .. 2026-03-29T01:00:00Z");
  EXPECT_EQ(Resolve(1h, 0s, "2026-03-29T02:10:00Z", paris), "2026-03-29T01:00:00Z .. 2026-03-29T02:00:00Z");
}

TEST(Window, AnHourThatIsRepeatedLastsTwo) {
  const Zone paris = Load("Europe/Paris");  // 2026-10-25 03:00 becomes 02:00 at 01:00Z
  EXPECT_EQ(Resolve(1h, 0s, "2026-10-25T01:30:00Z", paris), "2026-10-24T23:00:00Z .. 2026-10-25T00:00:00Z");
  const WindowSpan span = ResolveWindow({"c", 1h, 0s}, paris, nullptr, At("2026-10-25T02:05:00Z"));
  EXPECT_EQ(Text(span), "2026-10-25T00:00:00Z .. 2026-10-25T02:00:00Z");
  EXPECT_EQ(span.local_to - span.local_from, 1h)
      << "naive columns hold both passes under the same local times";
}

TEST(Window, ShortWindowsAreMultiplesFromMidnight) {
  EXPECT_EQ(Resolve(6h, 0s, "2026-11-24T13:00:00Z"), "2026-11-24T06:00:00Z .. 2026-11-24T12:00:00Z");
  EXPECT_EQ(Resolve(6h, 0s, "2026-11-24T05:00:00Z"), "2026-11-23T18:00:00Z .. 2026-11-24T00:00:00Z");
  EXPECT_EQ(Resolve(5h, 0s, "2026-11-24T03:00:00Z"), "2026-11-23T15:00:00Z .. 2026-11-23T20:00:00Z")
      << "the rest of a day is no window";
  EXPECT_EQ(Resolve(15min, 0s, "2026-11-24T05:31:00Z"), "2026-11-24T05:15:00Z .. 2026-11-24T05:30:00Z");
}

TEST(Window, WithACalendarItIsTheLastWorkingDay) {
  const Calendar business = Business();
  EXPECT_EQ(Resolve(24h, 0s, "2026-11-24T05:00:00Z", {}, &business),
            "2026-11-23T00:00:00Z .. 2026-11-24T00:00:00Z");
  EXPECT_EQ(Resolve(24h, 0s, "2026-11-23T05:00:00Z", {}, &business),
            "2026-11-20T00:00:00Z .. 2026-11-21T00:00:00Z")
      << "on a Monday, Friday";
  EXPECT_EQ(Resolve(24h, 0s, "2026-11-12T05:00:00Z", {}, &business),
            "2026-11-10T00:00:00Z .. 2026-11-11T00:00:00Z")
      << "a holiday lies between";
  EXPECT_EQ(Resolve(3 * 24h, 0s, "2026-11-24T05:00:00Z", {}, &business),
            "2026-11-19T00:00:00Z .. 2026-11-24T00:00:00Z");
}

TEST(Window, EveryWindowIsClosedNotEmptyAndMovesForward) {
  for (const char* name :
       {"UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Apia"}) {
    const Zone zone = Load(name);
    for (const Duration last :
         {Duration(15min), Duration(1h), Duration(5h), Duration(24h), Duration(7 * 24h), Duration(36h)}) {
      Timestamp before;
      for (Timestamp now = At("2026-01-01T00:07:00Z"); now < At("2027-01-02T00:00:00Z"); now += 97min) {
        const WindowSpan span = ResolveWindow({"c", last, 30min}, zone, nullptr, now);
        ASSERT_LT(span.from, span.to) << name << " " << FormatTimestamp(now);
        ASSERT_LE(span.to + 30min, now) << name << " " << FormatTimestamp(now);
        ASSERT_GT(span.to + 2 * last + 26h, now) << name << " " << FormatTimestamp(now);
        ASSERT_LE(before, span.to) << name << " " << FormatTimestamp(now);
        before = span.to;
      }
    }
  }
}

TEST(PastWindow, ADayStaysADayOverDst) {
  const Zone paris = Load("Europe/Paris");
  const WindowSpan span = ResolveWindow({"c", 24h, 0s}, paris, nullptr, At("2026-03-31T10:00:00Z"));
  EXPECT_EQ(Text(PastWindow(span, 24h, paris, nullptr)), "2026-03-28T23:00:00Z .. 2026-03-29T22:00:00Z");
  EXPECT_EQ(Text(PastWindow(span, 7 * 24h, paris, nullptr)), "2026-03-22T23:00:00Z .. 2026-03-23T23:00:00Z");
}

TEST(PastWindow, ShorterSpansAreSubtracted) {
  const WindowSpan span = ResolveWindow({"c", 1h, 0s}, {}, nullptr, At("2026-11-24T05:31:00Z"));
  EXPECT_EQ(Text(PastWindow(span, 2h, {}, nullptr)), "2026-11-24T02:00:00Z .. 2026-11-24T03:00:00Z");
}

TEST(PastWindow, StepsOverDaysOff) {
  const Calendar business = Business();
  const WindowSpan monday = ResolveWindow({"c", 24h, 0s}, {}, &business, At("2026-11-24T05:00:00Z"));
  EXPECT_EQ(Text(PastWindow(monday, 24h, {}, &business)), "2026-11-20T00:00:00Z .. 2026-11-21T00:00:00Z");
}

}  // namespace
}  // namespace amont
