#include "tests/server/scheduler/life.h"

#include <fmt/format.h>

#include <algorithm>

namespace amont::testing {

void Life::Begin(Timestamp now, std::optional<bool> recorded_finished) {
  alive = true;
  expected.reset();
  first.clear();
  if (last && *last > now) {
    expected = After(*last);
    SetBack(*last, now);
    // An interrupted run ahead of the clock is resumed where its slot still counts.
    if (recorded_finished == false && last) {
      first = {*last, After(*last)};
      expected.reset();
    }
    return;
  }
  if (recorded_finished) {
    expected = *recorded_finished ? After(*last) : *last;
    return;
  }
  first.push_back(std::max(Coming(now), last ? After(*last) : Timestamp::min()));
  const Timestamp current = schedule.Previous(now, phase);
  if (!schedule.is_cron() && (!last || current > *last)) first = {current};
}

bool Life::SetBack(Timestamp before, Timestamp now) {
  const Timestamp coming = Coming(now);
  if (!expected) first.push_back(coming);
  if (!last && expected) expected = coming;  // nothing of this turn was handled yet
  if (!last || *last < coming) return false;
  if ((before - *last) + (After(*last) - now) <= 2 * (After(*last) - *last)) return false;
  ++turn;
  last.reset();
  expected = coming;
  rests.clear();
  return true;
}

std::string Life::Handle(Timestamp slot, int64_t count) {
  std::string wrong;
  if (expected ? slot != *expected : std::ranges::find(first, slot) == first.end()) {
    wrong = fmt::format("handles {}, expected {}", FormatTimestamp(slot),
                        expected ? FormatTimestamp(*expected) : "one of the first");
  }
  if (last && slot < *last) wrong += " (earlier than the one before)";
  last = slot;
  for (int64_t i = 1; i < count; ++i) last = After(*last);
  expected = After(*last);
  return wrong;
}

bool Life::IsCovered(Timestamp now) const {
  if (!expected) return first.empty() || After(first.back()) >= now;
  return After(*expected) >= now;
}

bool Life::IsAwake(const std::string& check, Timestamp slot) const {
  const auto rest = rests.find(check);
  if (rest == rests.end()) return true;
  Timestamp until = After(rest->second.at);
  for (int64_t i = 1; i < int64_t{1} << std::min(rest->second.timeouts, 20); ++i) {
    if (After(until) > rest->second.at + std::chrono::hours(24)) break;
    until = After(until);
  }
  return slot >= until;
}

}  // namespace amont::testing
