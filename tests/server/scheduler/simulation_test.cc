// Four hundred days of a scheduler in a world that misbehaves. What must hold, checked at every step
// (simulation.cc, life.cc):
//
//  1. Every slot of every group is started, missed and counted, or slept through because all of it rested:
//     exactly one of these, once, in order; or it is not yet due, or the one that waits. A slot whose run a
//     restart interrupted is started again. What was missed before a restart is counted again after it.
//  2. No group runs twice at once, no source has more runs than it may, also where a reload lowered that.
//  3. A slot has all members of its group, as last declared, but those that rest: what a reload removed never
//     starts. Runs in flight survive reloads.
//  4. A check that times out rests until its 2nd, 4th, 8th … slot, at most a day; it is back after a success.
//     So do checks that wildcards found.
//  5. A cron is due at its local time in summer and winter: once in the night without it, and once in the
//  night
//     that has it twice.
//  6. A restart resumes: completed slots are not started again, interrupted and current ones are.
//  7. The clock may step by minutes, an hour or a day: never more than one slot of a group is started for it,
//     and no group is silent for longer than twice its interval.
//  8. Where the sources keep up, nothing is missed and the lag has a bound.
#include "tests/server/scheduler/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace amont::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

class FourHundredDays : public ::testing::TestWithParam<uint64_t> {};

TEST_P(FourHundredDays, HoldEveryInvariant) {
  const SimulationReport report = Simulate({.seed = GetParam()});
  EXPECT_THAT(report.broken, IsEmpty());
  // The world did misbehave.
  EXPECT_GT(report.started, 100'000);
  EXPECT_GT(report.missed, 100);
  EXPECT_GT(report.rested, 10);
  EXPECT_GT(report.timeouts, 100);
  EXPECT_GT(report.absences, 100);
  EXPECT_GT(report.resumed, 5);
  EXPECT_GT(report.turns, 10);
  EXPECT_GT(report.reloads, 50);
  EXPECT_GT(report.restarts, 10);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FourHundredDays, ::testing::Values(1, 2, 3));

TEST(Simulation, SourcesThatKeepUpMissNothing) {
  const SimulationReport report =
      Simulate({.seed = 7, .slow = false, .timeouts = false, .restarts = false, .clock_steps = false});
  EXPECT_THAT(report.broken, IsEmpty());
  EXPECT_EQ(report.missed, 0);
  EXPECT_EQ(report.rested, 0);
  // Thirty groups of its source before it, one at a time, 40 s each.
  EXPECT_LE(report.lag_max, 30 * 40s);
}

TEST(Simulation, NoGroupIsSilentForLongWhateverTheClockDoes) {
  const SimulationReport report = Simulate({.seed = 5, .slow = false});
  EXPECT_THAT(report.broken, IsEmpty());
  EXPECT_GT(report.turns, 10);
}

TEST(Simulation, DailyCronsRunOnceInEveryNight) {
  const SimulationReport report = Simulate({.seed = 11,
                                            .slow = false,
                                            .timeouts = false,
                                            .reloads = false,
                                            .restarts = false,
                                            .clock_steps = false});
  EXPECT_THAT(report.broken, IsEmpty());
  int crons = 0;
  for (const auto& [group, slots] : report.slots) {
    const bool paris = group.find("|30 2 * * *|Europe/Paris|") != std::string::npos;
    const bool york = group.find("|30 1 * * *|America/New_York|") != std::string::npos;
    if (!paris && !york) continue;
    ++crons;
    const Zone zone = Zone::Load(paris ? "Europe/Paris" : "America/New_York").value();
    ASSERT_GE(slots.size(), 399u) << group;
    Date day = zone.LocalDay(slots.front());
    for (const Timestamp at : slots) {
      EXPECT_EQ(zone.LocalDay(at), day) << group;
      const Duration local = zone.ToLocal(at) - std::chrono::floor<std::chrono::days>(zone.ToLocal(at));
      const bool skipped = paris && FormatDate(day) == "2026-03-29";
      EXPECT_EQ(local, skipped ? Duration(3h)
                       : paris ? Duration(150min)
                               : Duration(90min))
          << FormatTimestamp(at);
      day += std::chrono::days(1);
    }
    // The first half past two (and past one) of the two.
    const char* repeated = paris ? "2026-10-25T00:30:00Z" : "2026-11-01T05:30:00Z";
    EXPECT_EQ(std::ranges::count(slots, ParseTimestamp(repeated).value()), 1) << group;
  }
  EXPECT_GE(crons, 2);
}

}  // namespace
}  // namespace amont::testing
