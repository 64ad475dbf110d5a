#include "server/scheduler/group.h"

#include <algorithm>
#include <utility>

namespace amont {
namespace {

constexpr Duration kInstant{1};
constexpr Duration kRestMax = std::chrono::hours(24);
constexpr int kDoublingsMax = 17;       // 2^17 s are more than a day
constexpr int64_t kCountMax = 100'000;  // a cron's slots are counted one by one

}  // namespace

// The slots within [first, end).
int64_t Group::Count(Timestamp first, Timestamp end) const {
  if (first >= end) return 0;
  if (const auto* interval = std::get_if<Interval>(&schedule.when())) {
    return (end - first + interval->every - kInstant) / interval->every;
  }
  int64_t count = 0;
  for (Timestamp at = first; at < end && count < kCountMax; at = After(at)) ++count;
  return count;
}

bool Group::IsResting(const std::string& check, Timestamp at) const {
  const auto rest = rests.find(check);
  return rest != rests.end() && rest->second.until > at;
}

bool Group::IsAnyoneAwake(Timestamp at) const {
  if (wildcard || rests.size() < members.size()) return true;
  return std::ranges::any_of(members, [&](const std::string* member) { return !IsResting(*member, at); });
}

void Group::MakeDue(Timestamp at, Timestamp ready) {
  if (!due) waiting_since = ready;
  due = Turn{at, turn, ready};
}

std::optional<Passed> Group::Begin(const std::optional<Past>& past, Timestamp now) {
  next = After(now - kInstant);
  const Timestamp current = schedule.Previous(now, phase);
  const bool has_current = current != Timestamp::min();
  if (past) {
    last = past->last.at;
    turn = past->last.turn;
    next = std::max(next, After(*last));
    if (*last > now) {
      SetBack(*last, now);
      if (past->how == Past::How::kInterrupted && turn == past->last.turn) MakeDue(*last, now);
      return std::nullopt;
    }
  }
  const bool here = past && past->how != Past::How::kRemoved;
  if (!here) {
    if (has_current && !schedule.is_cron() && (!last || *last < current)) {
      MakeDue(current, now);
      next = After(now);
    }
    return std::nullopt;
  }
  const bool interrupted = past->how == Past::How::kInterrupted;
  if (has_current && (*last < current || interrupted)) {
    MakeDue(current, now);
    next = After(now);
  }
  const Timestamp first = interrupted ? *last : After(*last);
  const int64_t missed = Count(first, current);
  if (missed == 0) return std::nullopt;
  last = schedule.Previous(current - kInstant, phase);
  return Passed{source, id, first, missed};
}

Group::Passing Group::Pass(Timestamp now) {
  Passing passing;
  Timestamp current = next;
  Timestamp after = After(next);
  if (after <= now) {
    current = std::max(next, schedule.Previous(now, phase));
    after = After(current);
  }
  const int64_t jumped = Count(next, current);
  if (due || jumped > 0) {
    passing.missed = Passed{source, id, due ? due->at : next, jumped + (due ? 1 : 0)};
    last = jumped > 0 ? schedule.Previous(current - kInstant, phase) : due->at;
  }
  next = after;
  if (IsAnyoneAwake(current)) {
    MakeDue(current, jumped > 0 ? now : current);
  } else {
    due.reset();
    last = current;
    passing.rested = Passed{source, id, current, 1};
  }
  return passing;
}

DueSlot Group::Start() {
  DueSlot slot{.id = {id, due->at, due->turn},
               .ready = due->ready,
               .source = source,
               .schedule = schedule,
               .wildcard = wildcard,
               .checks = {},
               .resting = {}};
  if (!wildcard) {
    slot.checks.reserve(members.size());
    for (const std::string* member : members) {
      if (rests.empty() || !IsResting(*member, due->at)) slot.checks.push_back(*member);
    }
  }
  for (const auto& [check, rest] : rests) {
    if (rest.until > due->at) slot.resting.push_back(check);
  }
  std::ranges::sort(slot.resting);
  last = due->at;
  if (wildcard || !slot.checks.empty()) running = due;
  due.reset();
  return slot;
}

// Interval slots lie evenly; a cron's are stepped through: doubling its step would turn two in an office day
// into none until the evening.
Timestamp Group::RestsUntil(Timestamp at, int timeouts) const {
  const int64_t slots = int64_t{1} << std::min(timeouts, kDoublingsMax);
  if (const auto* interval = std::get_if<Interval>(&schedule.when())) {
    return at + interval->every * std::max<int64_t>(1, std::min(slots, kRestMax / interval->every));
  }
  Timestamp until = After(at);
  for (int64_t i = 1; i < slots; ++i) {
    const Timestamp further = After(until);
    if (further > at + kRestMax) break;
    until = further;
  }
  return until;
}

void Group::End(std::span<const std::string> timed_out, std::span<const std::string> failed) {
  if (!running) return;
  const auto [at, of_turn, ready] = *std::exchange(running, std::nullopt);
  if (of_turn != turn) return;  // the clock was set back meanwhile: its time says nothing now
  std::unordered_map<std::string, Rest> kept;
  for (const std::string& check : timed_out) {
    const auto before = rests.find(check);
    const int timeouts = (before == rests.end() ? 0 : before->second.timeouts) + 1;
    kept[check] = {timeouts, RestsUntil(at, timeouts)};
  }
  for (auto& [check, rest] : rests) {
    if (rest.until > at || std::ranges::find(failed, check) != failed.end()) kept.emplace(check, rest);
  }
  rests = std::move(kept);
}

void Group::SetBack(Timestamp before, Timestamp now) {
  if (due && due->at > now) due.reset();  // it will be due again
  if (due) due->ready = std::min(due->ready, now);
  waiting_since = std::min(waiting_since, now);
  if (next <= now) return;
  const Timestamp coming = After(std::max(now - kInstant, due ? due->at : Timestamp::min()));
  if (!last || *last < coming) {
    next = coming;
    return;
  }
  const Timestamp after = After(*last);
  const Duration silence = (before - *last) + (after - now);
  if (after == Timestamp::max() || silence <= 2 * (after - *last)) {
    next = after;
    return;
  }
  ++turn;
  last.reset();
  next = coming;
  rests.clear();
}

Timestamp Group::NextFor(const std::string& check, bool in_flight) const {
  const auto rest = rests.find(check);
  const Timestamp until = rest == rests.end() ? Timestamp::min() : rest->second.until;
  if (running && in_flight && running->at >= until) return std::max(running->at, running->ready);
  if (due && due->at >= until) return std::max(due->at, due->ready);
  return std::max(next, until);
}

}  // namespace amont
