#include "checks/plan/statement.h"

namespace amont {

std::string_view ToString(StatementClass cls) {
  switch (cls) {
    case StatementClass::kCatalog:
      return "catalog";
    case StatementClass::kProbe:
      return "probe";
    case StatementClass::kScan:
      return "scan";
    case StatementClass::kGroup:
      return "group";
    case StatementClass::kJoin:
      return "join";
    case StatementClass::kCustom:
      return "custom";
    case StatementClass::kSample:
      return "sample";
  }
  return "scan";
}

}  // namespace amont
