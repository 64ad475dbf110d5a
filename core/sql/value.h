// Value: one cell of a result or one parameter, in the few types that all engines share.
//
// Decimal keeps the engine's exact text. LocalTime is a timestamp without zone, not yet an instant: the
// table's zone makes it one. Values are compared by kind and content; numeric comparison across kinds is
// Compare.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/time.h"
#include "core/zone.h"

namespace amont {

struct Decimal {
  std::string text;  // "-12.50"; as the engine printed it
  bool operator==(const Decimal&) const = default;
};

using Value =
    std::variant<std::monostate, bool, int64_t, double, Decimal, Timestamp, LocalTime, Date, std::string>;

inline bool IsNull(const Value& value) { return std::holds_alternative<std::monostate>(value); }
// Bool as 0 or 1, numbers, decimals; nullopt for the rest and for NaN.
std::optional<double> AsNumber(const Value& value);
std::optional<int64_t> AsInteger(const Value& value);
// As people read it: 1,234,567 · 0.0312 · 2001-06-30 · "text" unquoted · NULL. Doubles are rounded to about
// four figures, but never to a whole number they are not.
std::string HumanText(const Value& value);
// Exact, for storage and JSON: 1234567 · 2001-06-30T23:59:00Z · …; ParseStored(kind, text) reads it back.
std::string StoredText(const Value& value);
// null boolean integer double decimal timestamp local_time date text
std::string_view KindName(const Value& value);
// What cannot be read as its kind stays text.
Value ParseStored(std::string_view kind, std::string_view text);

// Order where both are numbers (exact unless a double meets a decimal; NaN is unordered), or both instants,
// or both civil times or dates (a date is its midnight), or both texts (by bytes); else nullopt.
std::optional<std::partial_ordering> Compare(const Value& left, const Value& right);

}  // namespace amont
