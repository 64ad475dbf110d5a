// Bounds as users write them: min and max, fail and warn, numbers, percentages and dates. A bound states what
// is good; one that could never fail, or that nothing could pass, is a mistake and reported at its place.
// Pure.
#pragma once

#include <optional>
#include <string_view>

#include "checks/check.h"
#include "checks/kinds/kind.h"
#include "core/toml_reader.h"

namespace amont {

// What the values of a measure can be: decides how their bounds are written and which cannot fail.
enum class Domain {
  kCount,        // whole, never negative
  kRatio,        // 0 to 1; written as such or "1%"
  kNonNegative,  // a number, never negative
  kNumber,
  kOrdered,  // numbers, dates or timestamps
};

// "-30%" is -0.3; nullopt: not a percentage.
std::optional<double> ParsePercent(std::string_view text);

// One bound. nullopt after a diagnostic at `node`.
std::optional<Value> ReadBound(const TomlNode& node, Domain domain, Diagnostics& diagnostics);

// Whether the bounds can fail, and can be passed; a diagnostic at `place` where not.
void RequireSound(const Bounds& bounds, Domain domain, const Span& place, Diagnostics& diagnostics);

// Whether `warn` can ever say more than `fail`, and can be passed; a diagnostic at `place` where not.
void RequireTighter(const Bounds& warn, const Between& between, const Span& place, Diagnostics& diagnostics);

// `min` and `max` (short for fail), `fail`, `warn`, and `groups`, whose names are added to the check's
// expected groups. nullopt: none of them is there. What is wrong is reported, and then the result is not to
// be used.
std::optional<Between> ReadBetween(TomlReader& block, Domain domain, Check& check);

// The entry `groups` alone: bounds of single groups.
void ReadGroups(TomlReader& block, Domain domain, Between& between, Check& check);

// The keys of a { min, max } table, by the shape of its values; and the others that ReadBetween() reads.
template <KeyShape kShape>
inline constexpr Key kBoundsOf[] = {
    {.name = "min", .shape = kShape, .summary = "the least that is good: fails below"},
    {.name = "max", .shape = kShape, .summary = "the most that is good: fails above"},
};
template <KeyShape kShape>
inline constexpr Key kFailOf{.name = "fail",
                             .shape = KeyShape::kTable,
                             .summary = "min and max, written out",
                             .keys = kBoundsOf<kShape>};
template <KeyShape kShape>
inline constexpr Key kWarnOf{.name = "warn",
                             .shape = KeyShape::kTable,
                             .summary = "tighter bounds, which only warn",
                             .keys = kBoundsOf<kShape>};

}  // namespace amont
