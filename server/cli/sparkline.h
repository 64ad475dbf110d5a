// Sparkline: a series of numbers as one line of text, lowest to highest. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace amont {

// At most `width` characters, a point each; of more points, neighbours share one, and the one furthest from
// the median of all is shown: what stands out is never averaged away. A point without a number (NaN and
// infinities too) is a gap. All alike: a line at half height. `unicode`: ▁ to █, otherwise _ to #.
std::string Sparkline(std::span<const std::optional<double>> points, size_t width, bool unicode);

}  // namespace amont
