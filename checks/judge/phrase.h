// Phrases: what was observed, in words an on-call person reads. Pure.
#pragma once

#include <string>

#include "checks/check.h"
#include "core/sql/value.h"

namespace amont {

// "412 rows" · "31 NULLs in email" · "3.1% NULLs in email" · "mean of amount is 61.2". `as_ratio`: value is a fraction.
std::string ObservedPhrase(const Measure& measure, const Value& value, bool as_ratio);
// "3.1%" of 0.031, with enough figures that a small ratio is not shown as zero.
std::string PercentText(double ratio);
// "+12%", "−97%": signed, for changes.
std::string SignedPercentText(double ratio);
// A date where the instant is a local midnight of `zone`, else date and time to the minute in `zone`.
std::string WhenText(Timestamp at, const Zone& zone);

}  // namespace amont
