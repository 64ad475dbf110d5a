// The names of groups, as ids, the store, declarations and reports spell them: the group's value as text,
// "(null)" for NULL and "(other)" for the rest. A value that reads so itself is put in quotes: '(null)'.
// Values; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace amont {

inline constexpr std::string_view kNullGroup = "(null)";
inline constexpr std::string_view kOtherGroup = "(other)";

// The value of a group as text; nullopt for NULL and for the rest, which are no values.
std::optional<std::string> ValueOfGroup(std::string_view group);

}  // namespace amont
