#include "core/schedule.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <set>
#include <vector>

namespace amont {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

const std::vector<std::string> kZones = {"UTC",
                                         "Europe/Paris",
                                         "America/New_York",
                                         "Australia/Lord_Howe",
                                         "Asia/Kathmandu",
                                         "America/Sao_Paulo",
                                         "America/St_Johns",
                                         "America/Havana",
                                         "Asia/Beirut",
                                         "Pacific/Apia",
                                         "Africa/Casablanca",
                                         "Antarctica/Troll"};

const std::vector<std::string> kCrons = {
    "* * * * *",    "*/15 * * * *",     "0 * * * *",    "30 2 * * *",        "0 2,3 * * *",
    "15 0 * * *",   "0 0 * * *",        "59 23 * * *",  "7-53/11 */5 * * *", "0 6 * * 1-5",
    "30 1 * * sun", "45 2 29 2 *",      "0 0 31 * *",   "0 12 1,15 * 3",     "10 2 26-31 mar,oct *",
    "0 0 1 1 *",    "*/7 1-3 * 3-11 *", "5 4 13 * fri", "0 3 30 */2 0,6",    "0,30 0-4 * * *"};

Zone Load(const std::string& name) {
  auto zone = Zone::Load(name);
  EXPECT_TRUE(zone) << name;
  return zone ? *zone : Zone();
}

Schedule Parsed(std::string_view text, const Zone& zone = {}) {
  auto schedule = Schedule::Parse(text, zone);
  EXPECT_TRUE(schedule) << text << ": " << (schedule ? "" : schedule.error().message);
  return schedule ? *schedule : Schedule();
}

std::string ErrorOf(std::string_view text) {
  auto schedule = Schedule::Parse(text, Zone());
  return schedule ? "no error" : schedule.error().message;
}

Timestamp At(std::string_view text) {
  auto parsed = ParseTimestamp(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Timestamp{};
}

std::string NextOf(std::string_view schedule, std::string_view at) {
  return FormatTimestamp(Parsed(schedule).Next(At(at)));
}
std::string PreviousOf(std::string_view schedule, std::string_view at) {
  return FormatTimestamp(Parsed(schedule).Previous(At(at)));
}

// The next `count` slots, with their times of day only.
std::vector<std::string> SlotsAfter(std::string_view schedule, std::string_view at, int count) {
  std::vector<std::string> slots;
  Timestamp slot = At(at);
  for (int i = 0; i < count; ++i) {
    slot = Parsed(schedule).Next(slot);
    slots.push_back(FormatTimestamp(slot).substr(11, 5));
  }
  return slots;
}

// ---- Reading

TEST(ScheduleParse, TakesAnInterval) {
  Schedule schedule = Parsed("1h30m");
  EXPECT_FALSE(schedule.is_cron());
  EXPECT_EQ(std::get<Interval>(schedule.when()).every, 90min);
  EXPECT_EQ(schedule.text(), "1h30m");
  EXPECT_EQ(Parsed(" 15m ").text(), " 15m ");
  EXPECT_EQ(Parsed("15m"), Schedule());
  EXPECT_EQ(Parsed("60m"), Parsed("1h"));
  EXPECT_EQ(Parsed("1s").Next(At("2025-01-01")), At("2025-01-01T00:00:01Z"));
}

TEST(ScheduleParse, TakesACronWithItsZone) {
  Schedule schedule = Parsed("0 6 * * 1-5 Europe/Paris");
  ASSERT_TRUE(schedule.is_cron());
  const Cron& cron = std::get<Cron>(schedule.when());
  EXPECT_EQ(cron.zone.name(), "Europe/Paris");
  EXPECT_EQ(cron.minutes.count(), 1u);
  EXPECT_TRUE(cron.minutes[0]);
  EXPECT_TRUE(cron.hours[6]);
  EXPECT_TRUE(cron.any_day);
  EXPECT_FALSE(cron.any_weekday);
  EXPECT_EQ(cron.weekdays.to_string(), "0111110");
  EXPECT_EQ(cron.months.count(), 12u);
  EXPECT_EQ(schedule, Parsed("0 6 * * 1-5", Load("Europe/Paris")));
  EXPECT_FALSE(schedule == Parsed("0 6 * * 1-5"));
  EXPECT_EQ(std::get<Cron>(Parsed("0 6 * * * UTC", Load("Asia/Kathmandu")).when()).zone.name(), "UTC");
}

TEST(ScheduleParse, TakesListsRangesStepsAndNames) {
  auto weekdays = [](const std::string& field) {
    return std::get<Cron>(Parsed("0 0 * * " + field).when()).weekdays.to_string();
  };
  EXPECT_EQ(weekdays("0"), "0000001");
  EXPECT_EQ(weekdays("7"), "0000001");
  EXPECT_EQ(weekdays("sun"), "0000001");
  EXPECT_EQ(weekdays("5-7"), "1100001");
  EXPECT_EQ(weekdays("FRI-sun"), "1100001");
  EXPECT_EQ(weekdays("mon,Wed,fri"), "0101010");
  EXPECT_EQ(weekdays("*/2"), "1010101");
  EXPECT_EQ(weekdays("0-7"), "1111111");
  EXPECT_EQ(weekdays("1-5/2"), "0101010");
  const Schedule months = Parsed("0 0 1 jan,mar-May,12 *");
  EXPECT_EQ(std::get<Cron>(months.when()).months.to_string(), "1000000111010");
  const Schedule minutes = Parsed("05,10-20/5,*/30 0 * * *");
  std::set<int> due;
  for (size_t i = 0; i < 60; ++i) {
    if (std::get<Cron>(minutes.when()).minutes[i]) due.insert(static_cast<int>(i));
  }
  EXPECT_EQ(due, (std::set<int>{0, 5, 10, 15, 20, 30}));
  EXPECT_EQ(Parsed("0\t6  * * *"), Parsed("0 6 * * *"));
  EXPECT_EQ(Parsed("*/1 6 */1 * */1"), Parsed("* 6 * * *"));
}

TEST(ScheduleParse, SaysWhichFieldIsWrong) {
  EXPECT_EQ(ErrorOf("61 * * * *"), "minute 61 is not within 0-59");
  EXPECT_EQ(ErrorOf("* 24 * * *"), "hour 24 is not within 0-23");
  EXPECT_EQ(ErrorOf("* * 0 * *"), "day of month 0 is not within 1-31");
  EXPECT_EQ(ErrorOf("* * * 13 *"), "month 13 is not within 1-12");
  EXPECT_EQ(ErrorOf("* * * * 8"), "day of week 8 is not within 0-7");
  EXPECT_EQ(ErrorOf("99999999999999999999 * * * *"), "minute 99999999999999999999 is not within 0-59");
  EXPECT_EQ(ErrorOf("x * * * *"), "minute `x` is not a number");
  EXPECT_EQ(ErrorOf("-1 * * * *"), "minute `` is not a number");
  EXPECT_EQ(ErrorOf("* * * foo *"), "month `foo` is neither a number nor a name (jan … dec)");
  EXPECT_EQ(ErrorOf("* * * * monday"), "day of week `monday` is neither a number nor a name (sun … sat)");
  EXPECT_EQ(ErrorOf("0 7 * * Europe/Paris"),
            "day of week `Europe` is neither a number nor a name (sun … sat)");
  EXPECT_EQ(ErrorOf("1,,2 * * * *"), "minute has an empty item");
  EXPECT_EQ(ErrorOf("30-10 * * * *"), "minute `30-10` runs backwards");
  EXPECT_EQ(ErrorOf("5/15 * * * *"), "minute `5/15` has a step but no range; write 5-59/15");
  EXPECT_EQ(ErrorOf("*/0 * * * *"), "minute step 0 is not within 1-60");
  EXPECT_EQ(ErrorOf("*/90 * * * *"), "minute step 90 is not within 1-60");
  EXPECT_EQ(ErrorOf("*/x * * * *"), "minute step `x` is not a number");
  EXPECT_EQ(ErrorOf("0 6 * * * Europe/Pari"),
            "`Europe/Pari` is not a time zone; write UTC or a name such as Europe/Paris");
  for (auto text : {"**", "*-5", "1-2-3", "*/2/3", "?", "L", "1.5", "*/", "1-", "/5", "\xff"}) {
    EXPECT_FALSE(Schedule::Parse(std::string(text) + " * * * *", Zone())) << text;
  }
}

TEST(ScheduleParse, SaysWhatAScheduleIs) {
  EXPECT_EQ(ErrorOf("  "), "a schedule is empty; write an interval (15m) or a cron (0 6 * * 1-5)");
  EXPECT_EQ(ErrorOf("500ms"), "`500ms` is too short: an interval is at least 1s");
  EXPECT_EQ(ErrorOf("0s"), "`0s` is too short: an interval is at least 1s");
  EXPECT_EQ(ErrorOf("15x"),
            "`15x` is not a duration: `x` is not a unit (w d h m s ms us); a cron is written 0 6 * * 1-5");
  EXPECT_EQ(ErrorOf("0 6 * *"),
            "a cron has five fields (minute, hour, day of month, month, day of week) and perhaps a time "
            "zone, not 4 "
            "words; an interval is one word, such as 1h30m");
  EXPECT_NE(ErrorOf("0 6 * * * UTC x").find("not 7 words"), std::string::npos);
}

TEST(ScheduleParse, RefusesWhatIsNeverDue) {
  EXPECT_EQ(ErrorOf("0 0 30 2 *"), "it is never due: no month of it has such a day");
  EXPECT_EQ(ErrorOf("0 0 31 2,4,6,9,11 *"), "it is never due: no month of it has such a day");
  EXPECT_EQ(ErrorOf("0 0 31 2,4,5 *"), "no error");
  EXPECT_EQ(ErrorOf("0 0 29 2 *"), "no error");
  EXPECT_EQ(ErrorOf("0 0 30 2 1"), "no error");  // every Monday in February
}

// ---- Intervals

TEST(IntervalSchedule, HasItsSlotsAtMultiplesSinceTheEpoch) {
  EXPECT_EQ(NextOf("15m", "2025-01-01T10:00:00Z"), "2025-01-01T10:15:00Z");
  EXPECT_EQ(NextOf("15m", "2025-01-01T10:14:59.999999Z"), "2025-01-01T10:15:00Z");
  EXPECT_EQ(PreviousOf("15m", "2025-01-01T10:15:00Z"), "2025-01-01T10:15:00Z");
  EXPECT_EQ(PreviousOf("15m", "2025-01-01T10:14:59.999999Z"), "2025-01-01T10:00:00Z");
  EXPECT_EQ(PreviousOf("7h", "1969-12-31T23:00:00Z"), "1969-12-31T17:00:00Z");
  EXPECT_EQ(NextOf("7h", "1969-12-31T23:00:00Z"), "1970-01-01T00:00:00Z");
}

TEST(IntervalSchedule, IsShiftedByItsPhase) {
  Schedule schedule = Parsed("15m");
  EXPECT_EQ(schedule.Next(At("2025-01-01T10:00:00Z"), 130s), At("2025-01-01T10:02:10Z"));
  EXPECT_EQ(schedule.Previous(At("2025-01-01T10:00:00Z"), 130s), At("2025-01-01T09:47:10Z"));
  EXPECT_EQ(schedule.Previous(At("2025-01-01T10:02:10Z"), 130s), At("2025-01-01T10:02:10Z"));
}

TEST(IntervalSchedule, HasNextAndPreviousAsInverses) {
  std::mt19937_64 random(5);
  auto first = At("0001-01-02");
  auto range = static_cast<uint64_t>((At("9990-01-01") - first).count());
  for (int i = 0; i < 20'000; ++i) {
    Duration every(1'000'000 + random() % (uint64_t{1} << (random() % 30 + 10)));
    Schedule schedule = Parsed(FormatDuration(every));
    Duration phase(random() % static_cast<uint64_t>(every.count()));
    Timestamp at = first + Duration(random() % range);
    Timestamp next = schedule.Next(at, phase);
    Timestamp previous = schedule.Previous(at, phase);
    ASSERT_LE(previous, at);
    ASSERT_LT(at, next);
    ASSERT_EQ(next - previous, every);
    ASSERT_EQ((next.time_since_epoch() - phase) % every, Duration(0));
    ASSERT_EQ(schedule.Previous(next, phase), next);
    ASSERT_EQ(schedule.Previous(next - 1us, phase), previous);
    ASSERT_EQ(schedule.Next(previous, phase), next);
  }
}

// ---- Crons

TEST(CronSchedule, IsDueWhereTheFieldsSay) {
  EXPECT_EQ(NextOf("0 6 * * 1-5 Europe/Paris", "2025-07-04T04:00:00Z"), "2025-07-07T04:00:00Z");
  EXPECT_EQ(NextOf("0 6 * * 1-5 Europe/Paris", "2025-07-04T03:59:59Z"), "2025-07-04T04:00:00Z");
  EXPECT_EQ(PreviousOf("0 6 * * 1-5 Europe/Paris", "2025-07-07T03:59:59Z"), "2025-07-04T04:00:00Z");
  EXPECT_EQ(NextOf("0 0 31 * *", "2025-01-31T00:00:00Z"), "2025-03-31T00:00:00Z");
  EXPECT_EQ(PreviousOf("0 0 31 * *", "2025-03-30T23:59:00Z"), "2025-01-31T00:00:00Z");
  EXPECT_EQ(NextOf("30 23 31 12 *", "2025-12-31T23:30:00Z"), "2026-12-31T23:30:00Z");
  EXPECT_EQ(NextOf("20,40 5-6 * * *", "2025-01-01T05:40:00Z"), "2025-01-01T06:20:00Z");
  EXPECT_EQ(NextOf("20,40 5-6 * * *", "2025-01-01T06:40:00Z"), "2025-01-02T05:20:00Z");
  EXPECT_EQ(PreviousOf("20,40 5-6 * * *", "2025-01-01T05:19:00Z"), "2024-12-31T06:40:00Z");
}

TEST(CronSchedule, OrsTheDayFieldsWhenBothAreRestricted) {
  // The 13th and every Friday.
  EXPECT_EQ(NextOf("0 0 13 * fri", "2025-05-09T00:00:00Z"), "2025-05-13T00:00:00Z");
  EXPECT_EQ(NextOf("0 0 13 * fri", "2025-05-13T00:00:00Z"), "2025-05-16T00:00:00Z");
  EXPECT_EQ(NextOf("0 0 13 * *", "2025-05-13T00:00:00Z"), "2025-06-13T00:00:00Z");
  EXPECT_EQ(NextOf("0 0 * * fri", "2025-05-09T00:00:00Z"), "2025-05-16T00:00:00Z");
}

TEST(CronSchedule, FindsTheRareDays) {
  EXPECT_EQ(NextOf("0 0 29 2 *", "2024-02-29T00:00:00Z"), "2028-02-29T00:00:00Z");
  EXPECT_EQ(NextOf("0 0 29 2 *", "2096-02-29T00:00:00Z"), "2104-02-29T00:00:00Z");
  EXPECT_EQ(PreviousOf("0 0 29 2 *", "2104-02-28T23:59:59Z"), "2096-02-29T00:00:00Z");
}

TEST(CronSchedule, RunsASkippedTimeAtTheTransition) {
  EXPECT_EQ(NextOf("30 2 * * * Europe/Paris", "2025-03-29T12:00:00Z"), "2025-03-30T01:00:00Z");
  EXPECT_EQ(NextOf("30 2 * * * Europe/Paris", "2025-03-30T01:00:00Z"), "2025-03-31T00:30:00Z");
  EXPECT_EQ(PreviousOf("30 2 * * * Europe/Paris", "2025-03-30T01:00:00Z"), "2025-03-30T01:00:00Z");
  EXPECT_EQ(PreviousOf("30 2 * * * Europe/Paris", "2025-03-30T00:59:59Z"), "2025-03-29T01:30:00Z");
  EXPECT_EQ(NextOf("0 0 * * * America/Sao_Paulo", "2018-11-03T12:00:00Z"), "2018-11-04T03:00:00Z");
}

TEST(CronSchedule, MakesOneSlotOfAllSkippedTimes) {
  EXPECT_EQ(SlotsAfter("*/20 * * * * Europe/Paris", "2025-03-30T00:30:00Z", 3),
            (std::vector<std::string>{"00:40", "01:00", "01:20"}));
  EXPECT_EQ(SlotsAfter("0 * * * * Europe/Paris", "2025-03-30T00:00:00Z", 2),
            (std::vector<std::string>{"01:00", "02:00"}));
  EXPECT_EQ(SlotsAfter("10,20 2,3 * * * Australia/Lord_Howe", "2025-10-04T12:00:00Z", 3),
            (std::vector<std::string>{"15:30", "16:10", "16:20"}));
}

TEST(CronSchedule, RunsARepeatedTimeOnce) {
  EXPECT_EQ(NextOf("30 2 * * * Europe/Paris", "2025-10-25T12:00:00Z"), "2025-10-26T00:30:00Z");
  EXPECT_EQ(NextOf("30 2 * * * Europe/Paris", "2025-10-26T00:30:00Z"), "2025-10-27T01:30:00Z");
  EXPECT_EQ(PreviousOf("30 2 * * * Europe/Paris", "2025-10-26T01:10:00Z"), "2025-10-26T00:30:00Z");
  EXPECT_EQ(SlotsAfter("*/30 * * * * Europe/Paris", "2025-10-26T00:00:00Z", 3),
            (std::vector<std::string>{"00:30", "02:00", "02:30"}));
}

TEST(CronSchedule, RunsOnceADayAllYear) {
  Schedule schedule = Parsed("30 2 * * * America/New_York");
  std::set<Date> seen;
  Timestamp slot = At("2025-01-01T00:00:00Z");
  for (int i = 0; i < 365; ++i) {
    slot = schedule.Next(slot);
    seen.insert(Load("America/New_York").LocalDay(slot));
  }
  EXPECT_EQ(seen.size(), 365u);
}

// ---- Crons against an oracle
//
// The oracle knows nothing of how Schedule walks: it asks for every civil minute of a stretch whether the
// fields name it, maps it by the rule, and collects the instants.

std::set<Timestamp> AllSlots(const Cron& cron, Timestamp from, Timestamp to) {
  std::set<Timestamp> slots;
  LocalTime begin = std::chrono::floor<std::chrono::minutes>(cron.zone.ToLocal(from)) - days(2);
  LocalTime end = cron.zone.ToLocal(to) + days(2);
  for (LocalTime local = begin; local < end; local += 1min) {
    auto day = std::chrono::floor<days>(local);
    std::chrono::year_month_day civil(day);
    auto of_day = std::chrono::floor<std::chrono::minutes>(local - day).count();
    if (!cron.minutes[of_day % 60] || !cron.hours[of_day / 60]) continue;
    if (!cron.months[static_cast<unsigned>(civil.month())]) continue;
    bool by_day = cron.days[static_cast<unsigned>(civil.day())];
    bool by_weekday = cron.weekdays[std::chrono::weekday(day).c_encoding()];
    bool either = !cron.any_day && !cron.any_weekday;
    if (!(either ? by_day || by_weekday : by_day && by_weekday)) continue;
    LocalInstants instants = cron.zone.Lookup(local);
    bool skipped = instants.kind == LocalInstants::Kind::kSkipped;
    slots.insert(skipped ? instants.transition : instants.earlier);
  }
  return slots;
}

// Asks around every minute of the stretch, a microsecond before, at and after it in turn.
void ExpectOracle(const Schedule& schedule, Timestamp from, Timestamp to) {
  std::set<Timestamp> slots = AllSlots(std::get<Cron>(schedule.when()), from, to);
  int64_t turn = 0;
  for (Timestamp minute = from; minute < to; minute += 1min) {
    Timestamp at = minute + Duration(turn++ % 3 - 1);
    auto after = slots.upper_bound(at);
    if (after != slots.end()) {
      ASSERT_EQ(schedule.Next(at), *after) << schedule.text() << " after " << FormatTimestamp(at);
    }
    if (after != slots.begin()) {
      ASSERT_EQ(schedule.Previous(at), *std::prev(after)) << schedule.text() << " at " << FormatTimestamp(at);
    }
  }
}

TEST(CronSchedule, AgreesWithEveryMinuteOverBothChanges) {
  for (const auto& zone : kZones) {
    for (const auto& cron : kCrons) {
      Schedule schedule = Parsed(cron, Load(zone));
      // The nights of change: Europe and Lord Howe in 2025, America in 2025.
      for (auto change :
           {"2025-03-30", "2025-10-26", "2025-03-09", "2025-11-02", "2025-04-06", "2025-10-05"}) {
        ExpectOracle(schedule, At(change) - 12h, At(change) + 12h);
      }
    }
  }
}

TEST(CronSchedule, AgreesWithEveryMinuteOverOddChanges) {
  struct Night {
    const char* zone;
    const char* day;
  };
  for (Night night : {Night{"Pacific/Apia", "2011-12-30"}, Night{"America/St_Johns", "2010-11-07"},
                      Night{"America/St_Johns", "2011-03-13"}, Night{"America/Havana", "2024-11-03"},
                      Night{"America/Sao_Paulo", "2018-11-04"}, Night{"America/Sao_Paulo", "2018-02-18"},
                      Night{"Asia/Beirut", "2024-10-27"}, Night{"Antarctica/Troll", "2024-03-31"},
                      Night{"America/Juneau", "1867-10-19"}, Night{"Asia/Manila", "1844-12-31"},
                      Night{"Europe/Paris", "1911-03-11"}, Night{"Asia/Kathmandu", "1985-12-31"}}) {
    for (const auto& cron : kCrons) {
      ExpectOracle(Parsed(cron, Load(night.zone)), At(night.day) - 36h, At(night.day) + 48h);
    }
  }
}

std::string RandomField(std::mt19937_64& random, int min, int max) {
  auto pick = [&] { return min + static_cast<int>(random() % static_cast<uint64_t>(max - min + 1)); };
  int a = pick();
  int b = pick();
  switch (random() % 6) {
    case 0:
    case 1:
      return "*";
    case 2:
      return std::to_string(a);
    case 3:
      return std::to_string(a) + ',' + std::to_string(b);
    case 4:
      return std::to_string(std::min(a, b)) + '-' + std::to_string(std::max(a, b));
    default:
      return "*/" + std::to_string(random() % 12 + 1);
  }
}

TEST(CronSchedule, HasNextAndPreviousAsInverses) {
  std::mt19937_64 random(6);
  auto first = At("1900-01-01");
  auto range = static_cast<uint64_t>((At("2200-01-01") - first).count());
  int tried = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = RandomField(random, 0, 59) + ' ' + RandomField(random, 0, 23) + ' ' +
                       RandomField(random, 1, 31) + ' ' +
                       (random() % 2 == 0 ? "*" : RandomField(random, 1, 12)) + ' ' +
                       RandomField(random, 0, 7) + ' ' + kZones[random() % kZones.size()];
    auto schedule = Schedule::Parse(text, Zone());
    if (!schedule) continue;  // never due
    ++tried;
    Timestamp at = first + Duration(random() % range);
    Timestamp next = schedule->Next(at);
    Timestamp previous = schedule->Previous(at);
    ASSERT_LE(previous, at) << text;
    ASSERT_LT(at, next) << text;
    ASSERT_EQ(schedule->Previous(next), next) << text;
    ASSERT_EQ(schedule->Previous(next - 1us), previous) << text;
    ASSERT_EQ(schedule->Next(previous), next) << text;
    ASSERT_EQ(schedule->Next(next - 1us), next) << text;
  }
  EXPECT_GT(tried, 15'000);
}

TEST(CronSchedule, FindsRareSlotsWithoutWalkingMinutes) {
  // 200,000 answers; minute by minute this would be 4e11 steps.
  Schedule schedule = Parsed("0 0 29 2 * America/New_York");
  Timestamp at = At("2025-01-01");
  for (int i = 0; i < 100'000; ++i) {
    at += 1min;
    ASSERT_GT(schedule.Next(at), at);
    ASSERT_LT(schedule.Previous(at), at);
  }
}

TEST(Schedule, IsTotalAtTheEndsOfTime) {
  for (auto text :
       {"1s", "10000d", "* * * * *", "0 0 29 2 * Pacific/Apia", "59 23 31 12 * America/New_York"}) {
    Schedule schedule = Parsed(text);
    EXPECT_EQ(schedule.Next(Timestamp::max(), 999ms), Timestamp::max()) << text;
    EXPECT_EQ(schedule.Previous(Timestamp::min(), 999ms), Timestamp::min()) << text;
    Timestamp first = schedule.Next(Timestamp::min());
    Timestamp last = schedule.Previous(Timestamp::max());
    EXPECT_LT(first, At("0030-01-01")) << text;
    EXPECT_GT(last, At("9970-01-01")) << text;
    EXPECT_GT(schedule.Next(last), last) << text;
    EXPECT_LT(schedule.Previous(first - 1us), first) << text;
  }
}

}  // namespace
}  // namespace amont
