#include "server/scheduler/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>

namespace amont {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Timestamp At(const std::string& text) {
  return ParseTimestamp(text.size() > 8 ? text : "2026-06-01T" + text + "Z").value();
}

// A check of its own table; intervals under two minutes and crons have one group a source.
Member Of(const std::string& id, const std::string& schedule, const std::string& source = "w") {
  return {.id = id, .table = {source, "mart", id}, .schedule = Schedule::Parse(schedule, Zone()).value()};
}

std::string Clock(Timestamp at) { return FormatTimestamp(at).substr(11, 8); }

class SchedulerTest : public ::testing::Test {
 protected:
  // What Advance starts, as "GROUP TIME checks"; missed and rested slots stand in `passed`.
  std::vector<std::string> Advance(Timestamp now) {
    std::vector<std::string> started;
    Scheduler::Advanced advanced = scheduler.Advance(now);
    for (const DueSlot& slot : advanced.start) {
      std::string text = slot.id.group.substr(0, slot.id.group.find('|', 2)) + " " + Clock(slot.id.at);
      if (slot.id.turn > 0) text += "#" + std::to_string(slot.id.turn);
      for (const std::string& check : slot.checks) text += " " + check;
      for (const std::string& check : slot.resting) text += " -" + check;
      started.push_back(text);
      running[text.substr(0, text.find(' '))] = slot.id;
    }
    passed.clear();
    for (const Passed& each : advanced.missed) {
      passed.push_back("missed " + std::to_string(each.count) + " since " + Clock(each.first));
    }
    for (const Passed& each : advanced.rested) {
      passed.push_back("rested " + std::to_string(each.count) + " since " + Clock(each.first));
    }
    next_wake = advanced.next_wake;
    return started;
  }
  std::vector<std::string> Advance(const std::string& now) { return Advance(At(now)); }

  void Replace(const std::vector<Member>& members, const std::string& now) {
    scheduler.Replace(members, caps, At(now));
  }
  void Finish(const std::string& group, const SlotOutcome& outcome = {}) {
    scheduler.Finished(running.at(group), outcome);
  }
  std::string NextRun(const Member& member) {
    const auto next = scheduler.NextRun(member);
    return next ? Clock(*next) : "never";
  }

  Scheduler scheduler;
  RunCaps caps;
  std::map<std::string, SlotId> running;  // the slot started last, by group
  std::vector<std::string> passed;
  Timestamp next_wake;
};

TEST_F(SchedulerTest, StartsAnIntervalAtOnceAndACronAtItsTime) {
  Replace({Of("a", "1m"), Of("b", "30 10 * * *")}, "10:00:20");
  EXPECT_THAT(Advance("10:00:20"), ElementsAre("w|1m 10:00:00 a"));
  EXPECT_EQ(next_wake, At("10:01:00"));
  Finish("w|1m");
  EXPECT_THAT(Advance("10:00:59"), IsEmpty());
  EXPECT_THAT(Advance("10:01:00"), ElementsAre("w|1m 10:01:00 a"));
  Finish("w|1m");
  EXPECT_THAT(Advance("10:30:00"), ElementsAre("w|1m 10:30:00 a", "w|30 10 * * * 10:30:00 b"));
}

TEST_F(SchedulerTest, ACronDeclaredAtItsVeryTimeStarts) {
  Replace({Of("b", "30 10 * * *")}, "10:30:00");
  EXPECT_THAT(Advance("10:30:00"), ElementsAre("w|30 10 * * * 10:30:00 b"));
}

TEST_F(SchedulerTest, NothingDeclaredNeverWakes) {
  Replace({}, "10:00:00");
  EXPECT_THAT(Advance("10:00:00"), IsEmpty());
  EXPECT_EQ(next_wake, Timestamp::max());
}

TEST_F(SchedulerTest, MissesWhatWasNotStartedWhenTheNextIsDueAndCountsItOnce) {
  Replace({Of("a", "1m")}, "10:00:00");
  EXPECT_THAT(Advance("10:00:00"), ElementsAre("w|1m 10:00:00 a"));
  EXPECT_THAT(Advance("10:01:00"), IsEmpty());  // it still runs: the next one waits
  EXPECT_THAT(passed, IsEmpty());
  EXPECT_THAT(Advance("10:02:00"), IsEmpty());
  EXPECT_THAT(passed, ElementsAre("missed 1 since 10:01:00"));
  EXPECT_THAT(Advance("10:05:30"), IsEmpty());
  EXPECT_THAT(passed, ElementsAre("missed 3 since 10:02:00"));
  Finish("w|1m");
  EXPECT_THAT(Advance("10:05:31"), ElementsAre("w|1m 10:05:00 a"));
  EXPECT_THAT(passed, IsEmpty());
}

TEST_F(SchedulerTest, HoldsSourcesToTheirCapsInTheOrderOfWaiting) {
  caps = {{"w", 2}};
  const std::vector<Member> members = {Of("a", "50s"), Of("b", "51s"), Of("c", "1d"), Of("d", "52s", "v")};
  scheduler.Completed({PlaceOf(members[2]).group, At("00:00:00") - 3 * 24h, 0});
  Replace(members, "10:00:00");
  EXPECT_EQ(Advance("10:00:00").size(), 3u);
  EXPECT_EQ(scheduler.runs_in_flight(), 3u);
  // a's and b's slots that pass meanwhile do not cost the third its place.
  EXPECT_THAT(Advance("10:05:00"), IsEmpty());
  for (const char* group : {"w|50s", "w|51s", "w|24h"}) {
    if (running.contains(group)) {
      Finish(group);
      break;
    }
  }
  const std::vector<std::string> started = Advance("10:05:01");
  ASSERT_EQ(started.size(), 1u);
  EXPECT_EQ(running.size(), 4u) << "the one that never ran came first: " << started.front();
}

TEST_F(SchedulerTest, ALoweredCapWaitsForRunsInFlight) {
  caps = {{"w", 2}};
  const std::vector<Member> members = {Of("a", "50s"), Of("b", "51s"), Of("c", "52s")};
  Replace(members, "10:00:00");
  EXPECT_EQ(Advance("10:00:00").size(), 2u);
  caps = {{"w", 1}};
  Replace(members, "10:00:01");
  Finish("w|50s");
  EXPECT_THAT(Advance("10:00:02"), IsEmpty());
  Finish("w|51s");
  EXPECT_EQ(Advance("10:00:03").size(), 1u);
}

TEST_F(SchedulerTest, RestsWhatTimedOutForTwiceAsLongEachTimeUntilItIsMeasured) {
  Replace({Of("a", "1m"), Of("b", "1m")}, "10:00:00");
  const std::map<int, std::string> expected = {{0, "a b"},  {1, "a -b"}, {2, "a b"}, {3, "a -b"},
                                               {4, "a -b"}, {5, "a -b"}, {6, "a b"}, {7, "a b"},
                                               {8, "a b"},  {9, "a -b"}};
  for (const auto& [minute, checks] : expected) {
    const Timestamp now = At("10:00:00") + 1min * minute;
    EXPECT_THAT(Advance(now), ElementsAre("w|1m " + Clock(now) + " " + checks));
    // At 6 it fails otherwise, which is neither; at 7 it is measured; at 8 all begins anew.
    SlotOutcome outcome{.timed_out = {"b"}, .failed = {}};
    if (minute == 6) outcome = {.timed_out = {}, .failed = {"b"}};
    if (minute == 7 || checks == "a -b") outcome = {};
    Finish("w|1m", outcome);
  }
}

TEST_F(SchedulerTest, RestsADayAtMost) {
  for (const char* schedule : {"7h", "3d", "0 9-17 * * *", "30 2 * * *", "1s"}) {
    Group group;
    group.schedule = Schedule::Parse(schedule, Zone()).value();
    const std::string id = "a";
    group.members = {&id};
    Timestamp at = group.schedule.Next(At("10:00:00"));
    for (int i = 0; i < 30; ++i) {
      group.due = group.running = Group::Turn{at, 0, at};
      group.due.reset();
      group.next = group.schedule.Next(at);
      group.End(std::vector<std::string>{id}, {});
      const Timestamp next = group.NextFor(id, true);
      EXPECT_GE(next, group.next) << schedule;
      EXPECT_LE(next, std::max(group.next, at + 24h)) << schedule;
      EXPECT_EQ(next, group.schedule.Previous(next)) << schedule;
      at = next;
    }
  }
}

TEST_F(SchedulerTest, SleepsThroughASlotOfWhichAllRests) {
  Replace({Of("a", "1m")}, "10:00:00");
  Advance("10:00:00");
  Finish("w|1m", {.timed_out = {"a"}, .failed = {}});
  EXPECT_EQ(NextRun(Of("a", "1m")), "10:02:00");
  EXPECT_THAT(Advance("10:01:00"), IsEmpty());
  EXPECT_THAT(passed, ElementsAre("rested 1 since 10:01:00"));
  EXPECT_THAT(Advance("10:02:00"), ElementsAre("w|1m 10:02:00 a"));
}

TEST_F(SchedulerTest, WhatWildcardsFindRestsToo) {
  Replace({WildcardMember("w", Of("", "1m").schedule)}, "10:00:00");
  EXPECT_THAT(Advance("10:00:00"), ElementsAre("w|1m 10:00:00"));
  Finish("w|1m", {.timed_out = {"w/raw.x:c"}, .failed = {}});
  Member found = Of("w/raw.x:c", "1m");
  EXPECT_EQ(NextRun(found), "10:02:00");
  EXPECT_EQ(NextRun(Of("w/raw.y:c", "1m")), "10:01:00");
  EXPECT_EQ(NextRun(Of("w/raw.y:c", "2m")), "never");
  EXPECT_THAT(Advance("10:01:00"), ElementsAre("w|1m 10:01:00 -w/raw.x:c"));
}

TEST_F(SchedulerTest, NextRunIsTheOldestSlotNotCompleted) {
  const Member a = Of("a", "1m");
  EXPECT_EQ(NextRun(a), "never");
  Replace({a}, "10:00:30");
  EXPECT_EQ(NextRun(a), "10:00:30");  // since then it could have run
  Advance("10:00:30");
  EXPECT_EQ(NextRun(a), "10:00:30");
  Finish("w|1m");
  EXPECT_EQ(NextRun(a), "10:01:00");
  Advance("10:01:00");
  Advance("10:02:30");
  EXPECT_EQ(NextRun(a), "10:01:00");  // still runs
  const Member b = Of("b", "1m");
  Replace({a, b}, "10:02:31");
  EXPECT_EQ(NextRun(b), "10:02:00");  // is not in that one, but in the one that waits
  Finish("w|1m");
  EXPECT_EQ(NextRun(a), "10:02:00");
}

TEST_F(SchedulerTest, AReloadKeepsRunsInFlightAndStartsNothingThatIsGone) {
  caps = {{"w", 1}};
  Replace({Of("a", "50s"), Of("b", "51s")}, "10:00:00");
  EXPECT_THAT(Advance("10:00:00"), ElementsAre("w|50s 10:00:00 a"));
  Replace({Of("c", "52s")}, "10:00:01");
  EXPECT_FALSE(scheduler.Has("a"));
  EXPECT_EQ(NextRun(Of("a", "50s")), "never");
  EXPECT_THAT(Advance("10:00:02"), IsEmpty());  // its run holds the place
  Finish("w|50s");
  EXPECT_THAT(Advance("10:00:03"), ElementsAre("w|52s 09:59:44 c"));
  EXPECT_THAT(Advance("10:02:00"), IsEmpty());
}

TEST_F(SchedulerTest, WhatIsRemovedAndAddedBackDoesNotRunTwice) {
  Replace({Of("a", "1m")}, "10:00:00");
  Advance("10:00:00");
  Replace({}, "10:00:10");  // while it runs
  Replace({Of("a", "1m")}, "10:00:20");
  EXPECT_THAT(Advance("10:00:20"), IsEmpty());
  Finish("w|1m");
  EXPECT_THAT(Advance("10:00:21"), IsEmpty());
  Replace({}, "10:00:30");  // after it ran
  Replace({Of("a", "1m")}, "10:00:40");
  EXPECT_THAT(Advance("10:00:40"), IsEmpty());
  EXPECT_THAT(Advance("10:01:00"), ElementsAre("w|1m 10:01:00 a"));
  Finish("w|1m");
  Replace({}, "10:01:00");  // at its very time
  Replace({Of("a", "1m")}, "10:01:00");
  EXPECT_THAT(Advance("10:01:00"), IsEmpty());
}

TEST_F(SchedulerTest, AFreshCheckDoesNotWaitForAGroupThatRan) {
  const auto fresh = [](const std::string& id, const std::string& schedule) {
    Member member = Of(id, schedule);
    member.fresh = true;
    return member;
  };
  const auto groups_of = [&](const std::string& now) {
    std::vector<std::string> groups;
    for (const DueSlot& slot : scheduler.Advance(At(now)).start) {
      groups.push_back(slot.id.group);
      for (const std::string& check : slot.checks) groups.back() += " " + check;
      scheduler.Finished(slot.id, {});
    }
    return groups;
  };
  Replace({fresh("a", "59s"), fresh("b", "59s")}, "10:00:00");
  EXPECT_THAT(groups_of("10:00:00"), ElementsAre("w|59s||0 a b"));
  const std::vector<Member> more = {Of("a", "59s"), Of("b", "59s"), fresh("c", "59s"),
                                    fresh("d", "30 2 * * *")};
  Replace(more, "10:00:01");
  EXPECT_THAT(groups_of("10:00:01"), ElementsAre("w|59s||0+ c"));
  EXPECT_THAT(groups_of("10:01:01"), ElementsAre("w|59s||0 a b", "w|59s||0+ c"));
  Replace({Of("a", "59s"), Of("b", "59s"), Of("c", "59s")}, "10:01:02");
  EXPECT_THAT(groups_of("10:01:02"), IsEmpty());
  EXPECT_THAT(groups_of("10:02:01"), ElementsAre("w|59s||0 a b c"));

  // After a restart too.
  Scheduler after;
  after.Completed({"w|59s||0", Of("a", "59s").schedule.Previous(At("10:00:00")), 0});
  after.Replace(more, {}, At("10:00:00"));
  const Scheduler::Advanced advanced = after.Advance(At("10:00:00"));
  ASSERT_EQ(advanced.start.size(), 1u);
  EXPECT_THAT(advanced.start[0].checks, ElementsAre("c"));
}

TEST_F(SchedulerTest, ANewScheduleIsANewGroup) {
  Replace({Of("a", "1m")}, "10:00:00");
  Advance("10:00:00");
  Finish("w|1m", {.timed_out = {"a"}, .failed = {}});
  Replace({Of("a", "55s")}, "10:00:30");
  EXPECT_THAT(Advance("10:00:30"), ElementsAre("w|55s 09:59:40 a"));
}

TEST_F(SchedulerTest, OfTwoMembersWithOneIdTheFirstCounts) {
  Replace({Of("a", "1m"), Of("a", "55s")}, "10:00:00");
  EXPECT_THAT(Advance("10:00:00"), ElementsAre("w|1m 10:00:00 a"));
}

TEST_F(SchedulerTest, ForeignAndLateEndsAreIgnored) {
  Replace({Of("a", "1m")}, "10:00:00");
  Advance("10:00:00");
  const SlotId slot = running.at("w|1m");
  scheduler.Finished({"no such group", slot.at, 0}, {});
  scheduler.Finished({slot.group, slot.at + 1min, 0}, {});
  scheduler.Finished({slot.group, slot.at, 1}, {});
  EXPECT_EQ(scheduler.runs_in_flight(), 1u);
  scheduler.Finished(slot, {});
  scheduler.Finished(slot, {});
  EXPECT_EQ(scheduler.runs_in_flight(), 0u);
}

// ---- Restarts

struct Restart {
  const char* name;
  const char* schedule;
  const char* last;  // recorded
  bool finished;
  std::vector<std::string> started;
  std::vector<std::string> passed;
};

TEST(SchedulerRestart, GoesOnWhereItWas) {
  const std::vector<Restart> cases = {
      {"completed and current", "1m", "10:05:00", true, {}, {}},
      {"interrupted and current", "1m", "10:05:00", false, {"10:05:00"}, {}},
      {"completed just before", "1m", "10:04:00", true, {"10:05:00"}, {}},
      {"interrupted before", "1m", "10:04:00", false, {"10:05:00"}, {"1 since 10:04:00"}},
      {"completed long before", "1m", "09:05:00", true, {"10:05:00"}, {"59 since 09:06:00"}},
      {"a cron that was due meanwhile", "30 9 * * *", "2026-05-31T09:30:00Z", true, {"09:30:00"}, {}},
      {"a cron that ran", "30 9 * * *", "09:30:00", true, {}, {}},
      {"a cron that was interrupted", "30 9 * * *", "09:30:00", false, {"09:30:00"}, {}},
      {"a cron, two days away",
       "30 9 * * *",
       "2026-05-29T09:30:00Z",
       true,
       {"09:30:00"},
       {"2 since 09:30:00"}},
      {"a cron that never ran", "30 9 * * *", "", true, {}, {}},
  };
  for (const Restart& each : cases) {
    SCOPED_TRACE(each.name);
    Scheduler scheduler;
    const Member member = Of("a", each.schedule);
    if (*each.last != 0) {
      const SlotId slot{PlaceOf(member).group, At(each.last), 0};
      each.finished ? scheduler.Completed(slot) : scheduler.Interrupted(slot);
    }
    const Timestamp now = At("10:05:20");
    scheduler.Replace(std::vector{member}, {}, now);
    const Scheduler::Advanced advanced = scheduler.Advance(now);
    std::vector<std::string> started;
    for (const DueSlot& slot : advanced.start) {
      started.push_back(Clock(slot.id.at));
      EXPECT_EQ(slot.ready, now);  // nobody was there to be late
    }
    std::vector<std::string> passed;
    for (const Passed& slots : advanced.missed) {
      passed.push_back(std::to_string(slots.count) + " since " + Clock(slots.first));
    }
    EXPECT_EQ(started, each.started);
    EXPECT_EQ(passed, each.passed);
    EXPECT_GT(advanced.next_wake, now);
  }
}

// ---- Clocks that step

TEST_F(SchedulerTest, AClockSetForwardStartsOneSlotAGroup) {
  Replace({Of("a", "1m")}, "10:00:00");
  Advance("10:00:00");
  Finish("w|1m");
  EXPECT_THAT(Advance("11:00:30"), ElementsAre("w|1m 11:00:00 a"));
  EXPECT_THAT(passed, ElementsAre("missed 59 since 10:01:00"));
  EXPECT_EQ(next_wake, At("11:01:00"));
}

TEST_F(SchedulerTest, AClockSetBackByAnHourIsFollowedAtOnce) {
  Replace({Of("a", "1m"), Of("b", "1d")}, "10:00:00");
  Advance("10:00:00");
  Finish("w|1m");
  Finish("w|24h");
  const Timestamp daily = scheduler.NextRun(Of("b", "1d")).value();
  EXPECT_THAT(Advance("09:00:30"), IsEmpty());
  EXPECT_EQ(next_wake, At("09:01:00"));
  EXPECT_THAT(Advance("09:01:00"), ElementsAre("w|1m 09:01:00#1 a"));
  Finish("w|1m");
  EXPECT_THAT(Advance("10:00:00"), ElementsAre("w|1m 10:00:00#1 a"));
  EXPECT_EQ(scheduler.NextRun(Of("b", "1d")), daily);  // an hour does not silence it
}

TEST_F(SchedulerTest, AClockSetBackBySecondsStartsNothingAgain) {
  Replace({Of("a", "1m")}, "10:00:00");
  Advance("10:00:00");
  Finish("w|1m");
  EXPECT_THAT(Advance("09:59:50"), IsEmpty());
  EXPECT_THAT(Advance("10:00:00"), IsEmpty());
  EXPECT_THAT(Advance("10:01:00"), ElementsAre("w|1m 10:01:00 a"));
}

TEST_F(SchedulerTest, AClockFromTheFutureSilencesNobody) {
  Replace({Of("a", "1m")}, "2031-01-01T00:00:00Z");
  Advance("2031-01-01T00:00:00Z");
  EXPECT_THAT(Advance("10:00:30"), IsEmpty());  // it runs
  Finish("w|1m", {.timed_out = {"a"}, .failed = {}});
  EXPECT_LT(next_wake, At("10:01:01"));
  // Also where it was recorded, and the clock set right between two processes.
  Scheduler after;
  after.Completed(running.at("w|1m"));
  after.Replace(std::vector{Of("a", "1m")}, {}, At("10:00:30"));
  const Scheduler::Advanced advanced = after.Advance(At("10:01:00"));
  ASSERT_EQ(advanced.start.size(), 1u);
  EXPECT_EQ(advanced.start[0].id.turn, 1);
}

}  // namespace
}  // namespace amont
