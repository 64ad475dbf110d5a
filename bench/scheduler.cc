// The scheduler alone, 100,000 checks: CPU of a reload, and of a day of slots, by check due.

#include <ctime>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <queue>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "server/scheduler/scheduler.h"

namespace amont::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kChecks = 100'000;
constexpr int kChecksPerTable = 7;
constexpr Duration kRun = 20s;

double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Load {
  const char* name;
  int sources;
  std::vector<const char*> schedules;
};

void Measure(const Load& load) {
  std::vector<Member> members;
  RunCaps caps;
  for (int i = 0; i < kChecks; ++i) {
    const int table = i / kChecksPerTable;
    const std::string source = fmt::format("source{}", table % load.sources);
    const std::string name = fmt::format("a_table_with_a_usual_name_{}", table);
    const char* schedule = load.schedules[static_cast<size_t>(table) % load.schedules.size()];
    members.push_back(
        {.id = fmt::format("{}/mart.{}:null_ratio(column_{})", source, name, i % kChecksPerTable),
         .table = {source, "mart", name},
         .schedule = Schedule::Parse(schedule, Zone()).value()});
    caps[source] = 4;
  }
  Timestamp now = ParseTimestamp("2026-03-28T12:00:00Z").value();
  const Timestamp end = now + 24h;
  Scheduler scheduler;
  double start = CpuSeconds();
  scheduler.Replace(members, caps, now);
  const double first = CpuSeconds() - start;
  start = CpuSeconds();
  scheduler.Replace(members, caps, now);
  const double again = CpuSeconds() - start;

  // Every run takes as long as the others, so they end in the order in which they began.
  std::queue<std::pair<Timestamp, SlotId>> running;
  int64_t checks = 0;
  int64_t slots = 0;
  int64_t missed = 0;
  start = CpuSeconds();
  while (now < end) {
    Scheduler::Advanced advanced = scheduler.Advance(now);
    for (const DueSlot& slot : advanced.start) {
      checks += static_cast<int64_t>(slot.checks.size());
      ++slots;
      running.emplace(now + kRun, slot.id);
    }
    for (const Passed& passed : advanced.missed) missed += passed.count;
    now = running.empty() ? advanced.next_wake : std::min(advanced.next_wake, running.front().first);
    while (!running.empty() && running.front().first <= now) {
      scheduler.Finished(running.front().second, {});
      running.pop();
    }
  }
  const double day = CpuSeconds() - start;
  std::printf("  %-34s %5.2f µs a check due (at most 50)   %lld checks in %lld slots, %lld missed\n",
              load.name, day * 1e6 / static_cast<double>(std::max<int64_t>(1, checks)),
              static_cast<long long>(checks), static_cast<long long>(slots), static_cast<long long>(missed));
  std::printf("  %-34s %5.2f s first, %.2f s again        (at most 1)\n", "  its reload", first, again);
}

}  // namespace
}  // namespace amont::testing

int main() {
  std::printf("Scheduler, 100,000 checks for a day\n");
  amont::testing::Measure({"one source, every 15 minutes", 1, {"15m"}});
  amont::testing::Measure(
      {"twenty sources, many schedules", 20, {"5m", "15m", "1h", "1d", "0 6 * * * Europe/Paris"}});
  // The worst: hardly any check shares a slot.
  amont::testing::Measure(
      {"2,000 sources, many schedules", 2'000, {"15m", "1h", "1d", "*/30 2-4 * * * Europe/Paris"}});
  return 0;
}
