#include "checks/plan/window.h"

#include <algorithm>
#include <chrono>

namespace amont {
namespace {

using std::chrono::days;

LocalTime Midnight(Date day) { return LocalTime(day.time_since_epoch()); }
Date DayOf(LocalTime local) { return Date(std::chrono::floor<days>(local).time_since_epoch()); }

WindowSpan Between(LocalTime from, LocalTime to, const Zone& zone) {
  return {zone.ToInstant(from), zone.ToInstant(to), from, to};
}

WindowSpan WholeDays(int count, const Zone& zone, const Calendar* calendar, Timestamp closed) {
  const Date today = zone.LocalDay(closed);  // not complete yet
  if (calendar == nullptr) return Between(Midnight(today - days(count)), Midnight(today), zone);
  const Date last = calendar->WorkingDayBefore(today);
  return Between(Midnight(calendar->StepBack(today, count)), Midnight(last + days(1)), zone);
}

WindowSpan Multiples(Duration last, const Zone& zone, Timestamp closed) {
  const LocalTime local = zone.ToLocal(closed);
  LocalTime origin = last < days(1) ? Midnight(DayOf(local)) : LocalTime(Duration(0));
  LocalTime to = origin + (local - origin) / last * last;
  while (true) {
    if (to == origin && last < days(1)) {  // the last whole multiple of the day before
      origin -= days(1);
      to = origin + Duration(days(1)) / last * last;
    }
    const WindowSpan span = Between(to - last, to, zone);
    if (span.from < span.to) return span;
    to -= last;  // a local hour that DST skips
  }
}

}  // namespace

WindowSpan ResolveWindow(const Window& window, const Zone& zone, const Calendar* calendar, Timestamp now) {
  const Timestamp closed = now - window.delay;
  const auto count = std::chrono::floor<days>(window.last);
  if (count == window.last && count.count() > 0) {
    return WholeDays(static_cast<int>(count.count()), zone, calendar, closed);
  }
  return Multiples(std::max<Duration>(window.last, std::chrono::seconds(1)), zone, closed);
}

WindowSpan PastWindow(const WindowSpan& span, Duration versus, const Zone& zone, const Calendar* calendar) {
  const auto count = std::chrono::floor<days>(versus);
  if (count != versus || count.count() == 0) {
    const Timestamp from = span.from - versus;
    const Timestamp to = span.to - versus;
    return {from, to, zone.ToLocal(from), zone.ToLocal(to)};
  }
  if (calendar == nullptr) return Between(span.local_from - count, span.local_to - count, zone);
  const Date first = DayOf(span.local_from);
  const Date back = calendar->DaysEarlier(first, static_cast<int>(count.count()));
  return Between(span.local_from - (first - back), span.local_to - (first - back), zone);
}

}  // namespace amont
