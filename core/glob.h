// Glob matching of names: `*` any run of characters, `?` any one; everything else is itself. Pure.
#pragma once

#include <string_view>

namespace amont {

// Whether all of `text` matches. Linear but for the stars, which backtrack only to the last one.
bool GlobMatch(std::string_view pattern, std::string_view text);

}  // namespace amont
