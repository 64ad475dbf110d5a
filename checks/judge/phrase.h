// Phrases: what was observed, in words an on-call person reads. Pure.
//
// Numbers are rounded as people read them, but an observed value never to the text of the bound that it
// breaks.
#pragma once

#include <optional>
#include <string>

#include "checks/check.h"
#include "core/sql/value.h"

namespace amont {

// How the values of a check are shown.
struct Figures {
  bool as_ratio = false;  // they are fractions: as percentages
  Zone zone;              // where instants are shown
};

// A bound, as declared: "1,000", "0.7%", "2026-01-01".
std::string BoundText(const Value& bound, const Figures& figures);
// An observed value; with enough figures to differ from the text of `beside`, where their values differ.
std::string ObservedText(const Value& value, const Figures& figures, const Value& beside = {});
// "412 rows" · "31 NULLs in email" · "3.1% of email is NULL" · "mean of amount is 61.2". `number` is its
// ObservedText.
std::string ObservedPhrase(const Metric& metric, const Value& value, const std::string& number,
                           bool as_ratio);

// "3.1%" of 0.031, with enough figures that a small ratio is not shown as zero.
std::string PercentText(double ratio);

// How a difference is shown: "−97%", "+2 percentage points" (of ratios), "+1,200".
enum class ChangeUnit { kPercent, kPoints, kPlain };
// A declared bound of a change, without its sign where `bare`.
std::string ChangeBoundText(double bound, ChangeUnit unit, bool bare = false);
std::string ChangeText(double change, ChangeUnit unit, std::optional<double> beside);

// "31 h"; exact where rounding would hide that it is beyond `beside`.
std::string AgeText(Duration age, Duration beside);

// The kind of a value with its article: "a text", "an integer".
std::string KindText(const Value& value);

// In `zone`, to the minute; a date where the instant is a local midnight.
std::string WhenText(Timestamp at, const Zone& zone);
// The time of day alone: "07:15".
std::string ClockText(Timestamp at, const Zone& zone);
// Which window a value is of: "on 2026-11-23" · "in the 7 days to 2026-11-23" · "in the 6 h to 2026-11-23
// 12:00".
std::string WindowText(const Window& window, Timestamp to, const Zone& zone);
// A text of the user's on one line and not too long for a sentence.
std::string Shortened(std::string_view text);

}  // namespace amont
