// Windows: which stretch of time a declared window means at an instant. Pure.
//
// A window is the last complete stretch of `last` that has been closed for `delay`. Whole days lie between
// local midnights of the zone; with a calendar they are its last complete working days. Shorter stretches are
// multiples of `last` from local midnight, so an hour that DST repeats lasts two and one that it skips is
// stepped over.
#pragma once

#include "checks/metric.h"
#include "core/calendar.h"
#include "core/time.h"
#include "core/zone.h"

namespace amont {

struct WindowSpan {  // [from, to)
  Timestamp from;
  Timestamp to;
  LocalTime local_from;  // the same in the zone's civil time: what naive columns and dates are compared with
  LocalTime local_to;

  bool operator==(const WindowSpan&) const = default;
};

// `calendar` may be null.
WindowSpan ResolveWindow(const Window& window, const Zone& zone, const Calendar* calendar, Timestamp now);

// The same stretch `versus` earlier: by civil days where `versus` is whole days (with a calendar as
// Calendar::DaysEarlier counts them), so that a day stays a day over a change of DST.
WindowSpan PastWindow(const WindowSpan& span, Duration versus, const Zone& zone, const Calendar* calendar);

}  // namespace amont
