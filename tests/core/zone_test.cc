#include "core/zone.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace amont {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using Kind = LocalInstants::Kind;

Zone Load(std::string_view name) {
  auto zone = Zone::Load(name);
  EXPECT_TRUE(zone) << name;
  return zone ? *zone : Zone();
}

Timestamp At(std::string_view text) {
  auto parsed = ParseTimestamp(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Timestamp{};
}

// "2025-03-30 02:30:00" as a local time.
LocalTime Local(std::string_view text) { return LocalTime(At(text).time_since_epoch()); }

Date Day(std::string_view text) {
  auto parsed = ParseDate(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Date{};
}

TEST(Zone, IsUtcByDefault) {
  Zone zone;
  EXPECT_EQ(zone.name(), "UTC");
  EXPECT_EQ(zone, Load("UTC"));
  EXPECT_EQ(zone.ToLocal(At("2025-07-01T12:00:00Z")), Local("2025-07-01 12:00:00"));
  EXPECT_EQ(zone.ToInstant(Local("2025-07-01 12:00:00")), At("2025-07-01T12:00:00Z"));
}

TEST(Zone, LoadsIanaNamesOnly) {
  for (auto name :
       {"Europe/Paris", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+5", "EST5EDT"}) {
    EXPECT_EQ(Load(name).name(), name);
  }
  for (auto name : {"",
                    "Europe/Pari",
                    "europe/paris",
                    "Europe",
                    "Europe/",
                    "CEST",
                    "+02:00",
                    "Fixed/UTC+02:00:00",
                    "/usr/share/zoneinfo/Europe/Paris",
                    "../zoneinfo/Europe/Paris",
                    "./UTC",
                    "file:/etc/passwd",
                    "libc:localtime",
                    "localtime",
                    "right/Europe/Paris",
                    "posix/UTC",
                    "Factory",
                    "zone.tab",
                    "tzdata.zi",
                    "leapseconds",
                    "Europe/Paris\n",
                    " UTC"}) {
    auto zone = Zone::Load(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error().code, ErrorCode::kInvalid);
  }
  EXPECT_FALSE(Zone::Load(std::string_view("UTC\0", 4)));
  EXPECT_FALSE(Zone::Load(std::string(100'000, 'A')));
  EXPECT_EQ(Zone::Load("Mars/Olympus").error().message,
            "`Mars/Olympus` is not a time zone; write UTC or a name such as Europe/Paris");
}

TEST(Zone, KeepsFractionsOfASecond) {
  Zone paris = Load("Europe/Paris");
  EXPECT_EQ(paris.ToLocal(At("2025-07-01T12:00:00.000001Z")), Local("2025-07-01 14:00:00.000001"));
  EXPECT_EQ(paris.ToInstant(Local("1925-07-01 14:00:00.999999")), At("1925-07-01T13:00:00.999999Z"));
}

TEST(Zone, ReportsASkippedLocalTime) {
  Zone paris = Load("Europe/Paris");
  auto found = paris.Lookup(Local("2025-03-30 02:30:00.5"));
  EXPECT_EQ(found.kind, Kind::kSkipped);
  EXPECT_EQ(found.earlier, At("2025-03-30T01:30:00.5Z"));
  EXPECT_EQ(found.transition, At("2025-03-30T01:00:00Z"));
  EXPECT_EQ(found.later, At("2025-03-30T00:30:00.5Z"));
  EXPECT_EQ(paris.ToInstant(Local("2025-03-30 02:30:00")), At("2025-03-30T01:00:00Z"));
  EXPECT_EQ(paris.Lookup(Local("2025-03-30 01:59:59.999999")).kind, Kind::kUnique);
  EXPECT_EQ(paris.Lookup(Local("2025-03-30 02:00:00")).kind, Kind::kSkipped);
  EXPECT_EQ(paris.Lookup(Local("2025-03-30 02:59:59.999999")).kind, Kind::kSkipped);
  EXPECT_EQ(paris.Lookup(Local("2025-03-30 03:00:00")).kind, Kind::kUnique);
}

TEST(Zone, ARepeatedHourHasBeenReachedToItsEndOnceItBeginsAgain) {
  const Zone paris = *Zone::Load("Europe/Paris");
  EXPECT_EQ(paris.LocalReached(At("2025-10-26T00:30:00Z")), Local("2025-10-26 02:30:00"));
  EXPECT_EQ(paris.LocalReached(At("2025-10-26T00:59:59.999999Z")), Local("2025-10-26 02:59:59.999999"));
  EXPECT_EQ(paris.LocalReached(At("2025-10-26T01:00:00Z")), Local("2025-10-26 03:00:00"));
  EXPECT_EQ(paris.LocalReached(At("2025-10-26T01:59:59Z")), Local("2025-10-26 03:00:00"));
  EXPECT_EQ(paris.LocalReached(At("2025-10-26T02:00:01Z")), Local("2025-10-26 03:00:01"));
  EXPECT_EQ(paris.LocalReached(At("2025-03-30T01:00:00Z")), Local("2025-03-30 03:00:00"));
}

TEST(Zone, ReportsARepeatedLocalTime) {
  Zone paris = Load("Europe/Paris");
  auto found = paris.Lookup(Local("2025-10-26 02:30:00.5"));
  EXPECT_EQ(found.kind, Kind::kRepeated);
  EXPECT_EQ(found.earlier, At("2025-10-26T00:30:00.5Z"));
  EXPECT_EQ(found.transition, At("2025-10-26T01:00:00Z"));
  EXPECT_EQ(found.later, At("2025-10-26T01:30:00.5Z"));
  EXPECT_EQ(paris.ToInstant(Local("2025-10-26 02:30:00")), At("2025-10-26T00:30:00Z"));
  EXPECT_EQ(paris.Lookup(Local("2025-10-26 01:59:59.999999")).kind, Kind::kUnique);
  EXPECT_EQ(paris.Lookup(Local("2025-10-26 02:59:59.999999")).kind, Kind::kRepeated);
  EXPECT_EQ(paris.Lookup(Local("2025-10-26 03:00:00")).kind, Kind::kUnique);
}

TEST(Zone, GivesOneInstantThreeTimesWhereItIsUnique) {
  auto found = Load("Asia/Kathmandu").Lookup(Local("2025-07-01 05:45:00"));
  EXPECT_EQ(found.kind, Kind::kUnique);
  EXPECT_EQ(found.earlier, At("2025-07-01T00:00:00Z"));
  EXPECT_EQ(found.transition, found.earlier);
  EXPECT_EQ(found.later, found.earlier);
}

TEST(Zone, TakesForDataTheLatestInstantNotAfterNow) {
  Zone paris = Load("Europe/Paris");
  LocalTime repeated = Local("2025-10-26 02:30:00");
  EXPECT_EQ(paris.ToInstantNotAfter(repeated, At("2025-10-26T00:45:00Z")), At("2025-10-26T00:30:00Z"));
  EXPECT_EQ(paris.ToInstantNotAfter(repeated, At("2025-10-26T01:29:59Z")), At("2025-10-26T00:30:00Z"));
  EXPECT_EQ(paris.ToInstantNotAfter(repeated, At("2025-10-26T01:30:00Z")), At("2025-10-26T01:30:00Z"));
  EXPECT_EQ(paris.ToInstantNotAfter(repeated, At("2026-01-01T00:00:00Z")), At("2025-10-26T01:30:00Z"));
  // Both lie ahead: the nearer one.
  EXPECT_EQ(paris.ToInstantNotAfter(repeated, At("2025-01-01T00:00:00Z")), At("2025-10-26T00:30:00Z"));
  EXPECT_EQ(paris.ToInstantNotAfter(Local("2025-03-30 02:30:00"), At("2026-01-01T00:00:00Z")),
            At("2025-03-30T01:00:00Z"));
  EXPECT_EQ(paris.ToInstantNotAfter(Local("2025-07-01 12:00:00"), At("2025-01-01T00:00:00Z")),
            At("2025-07-01T10:00:00Z"));
}

TEST(Zone, ChangesByHalfAnHourOnLordHowe) {
  Zone lord_howe = Load("Australia/Lord_Howe");
  EXPECT_EQ(lord_howe.Lookup(Local("2025-10-05 02:15:00")).kind, Kind::kSkipped);
  EXPECT_EQ(lord_howe.Lookup(Local("2025-10-05 02:30:00")).kind, Kind::kUnique);
  EXPECT_EQ(lord_howe.Lookup(Local("2025-04-06 01:45:00")).kind, Kind::kRepeated);
  EXPECT_EQ(lord_howe.Lookup(Local("2025-04-06 01:15:00")).kind, Kind::kUnique);
}

TEST(Zone, StartsEveryDayOnce) {
  EXPECT_EQ(Load("Europe/Paris").StartOf(Day("2025-03-30")), At("2025-03-29T23:00:00Z"));
  EXPECT_EQ(Load("Europe/Paris").StartOf(Day("2025-03-31")), At("2025-03-30T22:00:00Z"));
  // Midnight skipped, repeated, and a day that never was.
  EXPECT_EQ(Load("America/Sao_Paulo").StartOf(Day("2018-11-04")), At("2018-11-04T03:00:00Z"));
  EXPECT_EQ(Load("America/Havana").StartOf(Day("2024-11-03")), At("2024-11-03T04:00:00Z"));
  EXPECT_EQ(Load("Pacific/Apia").StartOf(Day("2011-12-30")), At("2011-12-30T10:00:00Z"));
  EXPECT_EQ(Load("Pacific/Apia").StartOf(Day("2011-12-31")), At("2011-12-30T10:00:00Z"));
}

TEST(Zone, FindsTheLocalDay) {
  Zone kathmandu = Load("Asia/Kathmandu");
  EXPECT_EQ(kathmandu.LocalDay(At("2025-07-01T18:14:59.999999Z")), Day("2025-07-01"));
  EXPECT_EQ(kathmandu.LocalDay(At("2025-07-01T18:15:00Z")), Day("2025-07-02"));
  EXPECT_EQ(Load("America/New_York").LocalDay(At("1969-12-31T04:59:59Z")), Day("1969-12-30"));
}

TEST(Zone, ComesBackFromLocalTime) {
  std::mt19937_64 random(4);
  auto first = At("1850-01-01");
  auto minutes = static_cast<uint64_t>((At("2150-01-01") - first) / 1min);
  for (auto name :
       {"UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia",
        "America/St_Johns", "America/Havana", "Africa/Casablanca", "Asia/Beirut", "Antarctica/Troll"}) {
    Zone zone = Load(name);
    for (int i = 0; i < 5'000; ++i) {
      Timestamp at = first + random() % minutes * 1min + Duration(random() % 60'000'000);
      auto found = zone.Lookup(zone.ToLocal(at));
      ASSERT_NE(found.kind, Kind::kSkipped) << name << ' ' << FormatTimestamp(at);
      ASSERT_TRUE(found.earlier == at || found.later == at) << name << ' ' << FormatTimestamp(at);
      ASSERT_EQ(found.kind == Kind::kUnique, found.earlier == found.later);
      ASSERT_LE(zone.ToInstant(zone.ToLocal(at)), at);
      ASSERT_EQ(zone.ToInstantNotAfter(zone.ToLocal(at), at), at);
    }
  }
}

TEST(Zone, MapsLocalTimesInOrder) {
  for (auto name :
       {"Europe/Paris", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Antarctica/Troll"}) {
    Zone zone = Load(name);
    Timestamp before = Timestamp::min();
    for (LocalTime local = Local("2009-01-01"); local < Local("2012-06-01"); local += 10min) {
      Timestamp instant = zone.ToInstant(local);
      ASSERT_LE(before, instant) << name;
      before = instant;
    }
  }
}

TEST(Zone, IsTotalAtTheEndsOfTime) {
  for (auto name : {"UTC", "Europe/Paris", "America/New_York", "Etc/GMT+12", "Etc/GMT-14"}) {
    Zone zone = Load(name);
    for (auto at : {Timestamp::min(), Timestamp::max()}) {
      zone.LocalDay(at);
      zone.Lookup(zone.ToLocal(at));
    }
    zone.ToInstant(LocalTime::min());
    zone.ToInstant(LocalTime::max());
    EXPECT_LT(zone.StartOf(Date::min()), zone.StartOf(Date::max()));
  }
}

}  // namespace
}  // namespace amont
