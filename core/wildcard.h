// Wildcards as users write them for names: `*` is any run of characters, `?` any single byte; ASCII letters
// match in either case, since engines disagree on the case of names. The whole text must match. Pure.
#pragma once

#include <string_view>

namespace amont {

bool MatchesWildcard(std::string_view pattern, std::string_view text);

}  // namespace amont
