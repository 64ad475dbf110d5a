// Which earlier value a change is measured against. Pure; the store reads by it what the judge may ask for.
//
// The reference of `versus` earlier is the not-failed value nearest to that time and within half of `versus`
// of it, the later of two as near: with versus = 7d a Monday meets a Monday, not the Thursday that is merely
// the latest within reach. Else the last passing one, else the past window measured in the table. A value
// somebody accepted since replaces it.
#pragma once

#include "checks/check.h"
#include "checks/verdict.h"

namespace amont {

// `versus` before `at`, on the clock of the check's zone where it is whole days; with a calendar days off do
// not count (see Calendar::DaysEarlier). `at` of a windowed value is the end of its window.
Timestamp VersusBefore(Timestamp at, Duration versus, const Check& check);

// Whether a remembered value may be compared with: measured, and not one that failed.
bool IsComparable(const PastPoint& point);

// Every time that the judge may look for when it is asked at about `now`: later by no more than the run's
// statements take.
struct ReferenceTimes {
  Timestamp from;
  Timestamp to;
};
ReferenceTimes ReferenceTimesAt(const ChangeWithin& rule, const Check& check, Timestamp now);

}  // namespace amont
