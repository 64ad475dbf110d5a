// Instants, spans and dates, and their texts. Pure: nobody here reads a clock.
//
// Timestamp is an instant, in microseconds since 1970-01-01T00:00:00Z (what PostgreSQL and DuckDB store).
// Duration is a signed span in microseconds. Date is a civil day without a zone.
// Zone arithmetic lives in core/zone.h.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace amont {

using Duration = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<Duration>;
using Date = std::chrono::sys_days;

// "90s" "15m" "26h" "7d" "2w" "1h30m" "250ms": one or more number-unit pairs, larger units first, each unit
// once (w d h m s ms us). Never negative. Errors say what was wrong with the text. At most 10,000 days.
Result<Duration> ParseDuration(std::string_view text);

// The text ParseDuration reads back: "26h", "1h30m", "7d" (days from 2 on when exact), "0s". A negative span,
// which ParseDuration refuses, has a "-" before it.
std::string FormatDuration(Duration span);

// For sentences to people: "45 s", "12 min", "3 h", "31 h", "3.2 days", "5 weeks"; rounded to two figures or
// so.
std::string HumanDuration(Duration span);

// RFC 3339: "2026-11-24T05:31:18Z", fractional seconds only where they are not zero. Years outside 0..9999,
// which ParseTimestamp refuses, are written with a sign ("+10000-01-01T00:00:00Z").
std::string FormatTimestamp(Timestamp at);
// Reads RFC 3339 with "T" or a space, with an offset or "Z"; a plain date is its midnight UTC; without an
// offset it is read as UTC. Years 0001 to 9999; digits finer than a microsecond are dropped; a leap second
// (":60") is refused.
Result<Timestamp> ParseTimestamp(std::string_view text);
// True where ParseTimestamp's text carried "Z" or an offset.
bool HasOffset(std::string_view text);

std::string FormatDate(Date day);  // "2026-11-24"
Result<Date> ParseDate(std::string_view text);

// "mon" is 1, "sun" 0; three letters in any case, nothing else.
std::optional<int> WeekdayNamed(std::string_view name);

inline Date DayOf(Timestamp at) { return std::chrono::floor<std::chrono::days>(at); }

}  // namespace amont
