// Any lines as schedules: parsed, then walked in both directions from a few instants; the slots must be in
// order and Next and Previous inverses of each other.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/schedule.h"

namespace amont {
namespace {

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

constexpr Timestamp kFirst = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
constexpr Timestamp kEnd = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1);

void WalkFrom(const Schedule& schedule, Timestamp at, Duration phase) {
  for (int i = 0; i < 4 && at < kEnd; ++i) {
    Timestamp next = schedule.Next(at, phase);
    Require(next > at);
    if (next < kEnd) {
      Require(schedule.Previous(next, phase) == next);
      Require(schedule.Previous(next - Duration(1), phase) <= std::max(at, kFirst));
      Require(schedule.Next(next - Duration(1), phase) == next);
    }
    at = next;
  }
}

void WalkBackFrom(const Schedule& schedule, Timestamp at, Duration phase) {
  for (int i = 0; i < 4 && at >= kFirst; ++i) {
    Timestamp previous = schedule.Previous(at, phase);
    Require(previous <= at);
    if (previous >= kFirst && previous < kEnd) {
      Require(schedule.Next(previous, phase) > std::min(at, kEnd - Duration(1)));
      Require(schedule.Previous(previous, phase) == previous);
    }
    at = previous == Timestamp::min() ? previous : previous - Duration(1);
  }
}

// An instant between 1900 and 2100 that depends on the text.
Timestamp InstantFor(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  constexpr Timestamp kFrom = std::chrono::sys_days(std::chrono::year(1900) / 1 / 1);
  constexpr Timestamp kTo = std::chrono::sys_days(std::chrono::year(2100) / 1 / 1);
  return kFrom + Duration(hash % static_cast<uint64_t>((kTo - kFrom).count()));
}

void Try(std::string_view text) {
  auto schedule = Schedule::Parse(text, Zone());
  if (!schedule) {
    Require(!schedule.error().message.empty() && schedule.error().message.find('\n') == std::string::npos);
    return;
  }
  Duration phase(0);
  if (const auto* interval = std::get_if<Interval>(&schedule->when())) phase = interval->every / 3;
  for (Timestamp at : {InstantFor(text), Timestamp::min(), kEnd - Duration(1), Timestamp::max()}) {
    WalkFrom(*schedule, at, phase);
    WalkBackFrom(*schedule, at, phase);
  }
}

}  // namespace
}  // namespace amont

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (true) {
    size_t end = text.find('\n');
    amont::Try(text.substr(0, end));
    if (end == std::string_view::npos) return 0;
    text.remove_prefix(end + 1);
  }
}
