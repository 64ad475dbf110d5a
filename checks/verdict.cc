#include "checks/verdict.h"

namespace amont {

std::string_view ToString(Role role) {
  switch (role) {
    case Role::kValue:
      return "value";
    case Role::kPer:
      return "per";
    case Role::kRows:
      return "rows";
    case Role::kFuture:
      return "future";
    case Role::kReference:
      return "reference";
  }
  return "value";
}

}  // namespace amont
