// Our wildcards as SQL's LIKE has them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace amont {

// `*` becomes %, `?` becomes _, and what LIKE would take for itself is escaped with a backslash.
std::string LikePattern(std::string_view wildcard);

}  // namespace amont
