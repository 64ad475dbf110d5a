// A [[table]] as a test writes it: parsed, lowered, and printed as text with its diagnostics.
#pragma once

#include <string>
#include <string_view>

#include "checks/kinds/kind.h"

namespace amont::testing {

// Lowers the only [[table]] of `toml`, called warehouse/mart.orders, with the calendar `business` and the
// source's pii patterns "*email*".
Lowered LowerText(std::string_view toml, Diagnostics& diagnostics);

// One paragraph a check: its id, and what is not as by default; then what is disabled, then the diagnostics.
// What is always on is printed only where asked for.
std::string PrintLowered(const Lowered& lowered, bool always_on, Diagnostics& diagnostics);

}  // namespace amont::testing
