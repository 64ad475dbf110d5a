// Calendar: which civil days are working days, and the arithmetic that steps over the others. Pure,
// immutable, shared by every table that takes it.
#pragma once

#include <bitset>
#include <set>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "core/zone.h"

namespace amont {

struct Calendar {
  std::string name;
  Zone zone;
  std::bitset<7> weekdays = std::bitset<7>(0x7f);  // 0 = Sunday; working weekdays
  std::set<Date> holidays;

  bool IsWorking(Date day) const;
  // The last working day strictly before `day`; at most kCalendarReachDays back, then `day` - 1.
  Date WorkingDayBefore(Date day) const;
  // The working day `count` working days before `day`.
  Date StepBack(Date day, int count) const;
  // The day that "`count` days earlier" means where days off do not count: whole weeks stay weeks, so that a
  // Monday meets a Monday; the days beyond them step over days off; and a day off gives way to the working
  // day before it.
  Date DaysEarlier(Date day, int count) const;
  // The part of [from, to] that lies on working days of the calendar's zone, within the years 1 to 9999. Zero
  // where to <= from. A day lasts from its StartOf to the next one's: 23 or 25 hours where DST changes.
  Duration WorkingTime(Timestamp from, Timestamp to) const;
  // The instant at which WorkingTime(from, that instant) first reaches `span`; the end of the year 9999 where
  // it never does.
  Timestamp AddWorkingTime(Timestamp from, Duration span) const;

  bool operator==(const Calendar&) const = default;
};

// "mon-fri", "sun-thu", "mon,wed,fri": names of three letters, ranges may wrap around the week.
Result<std::bitset<7>> ParseWeekdays(std::string_view text);

}  // namespace amont
