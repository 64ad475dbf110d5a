#include "checks/group_name.h"

namespace amont {

std::optional<std::string> ValueOfGroup(std::string_view group) {
  if (group == kNullGroup || group == kOtherGroup) return std::nullopt;
  const size_t first = group.find_first_not_of('\'');
  if (first == std::string_view::npos) return std::string(group);
  const std::string_view bare = group.substr(first, group.find_last_not_of('\'') + 1 - first);
  const bool quoted = bare == kNullGroup || bare == kOtherGroup;
  return std::string(quoted ? group.substr(1, group.size() - 2) : group);
}

}  // namespace amont
