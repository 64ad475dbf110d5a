#include "checks/judge/reference.h"

#include <cmath>

#include "checks/judge/evidence.h"

namespace amont {

namespace {

using std::chrono::days;

constexpr std::chrono::hours kRunTime(
    1);                             // statements may be answered so long after the run looked at the clock
constexpr days kDaysOffInARow(30);  // a calendar's longest holidays

}  // namespace

Timestamp VersusBefore(Timestamp at, Duration versus, const Check& check) {
  const auto count = std::chrono::floor<days>(versus);
  if (count != versus || count.count() == 0) return Sane(at) - versus;
  const Calendar* calendar = check.CalendarOf();
  const Zone& zone = check.ZoneOf();
  // A window of the last day ends with it, at the midnight that is the next day's.
  const Duration inside(check.measure.window ? 1 : 0);
  const LocalTime local = zone.ToLocal(Sane(at) - inside);
  const auto midnight = std::chrono::floor<days>(local);
  const Date day(midnight.time_since_epoch());
  const Date back =
      calendar == nullptr ? day - count : calendar->DaysEarlier(day, static_cast<int>(count.count()));
  return zone.ToInstant(LocalTime(Duration(back.time_since_epoch())) + (local - midnight) + inside);
}

bool IsComparable(const PastPoint& point) {
  const auto number = AsNumber(point.value);
  const bool failed = point.status == Status::kFail || point.status == Status::kError;
  return number && std::isfinite(*number) && (point.accepted || !failed);
}

ReferenceTimes ReferenceTimesAt(const ChangeWithin& rule, const Check& check, Timestamp now) {
  Duration back{0};
  if (const auto& window = check.measure.window) {
    back = window->delay + window->last * 2;
    if (check.CalendarOf() != nullptr) back += kDaysOffInARow;
  }
  return {VersusBefore(Sane(now) - back, rule.versus, check) - kRunTime,
          VersusBefore(Sane(now), rule.versus, check) + kRunTime};
}

}  // namespace amont
