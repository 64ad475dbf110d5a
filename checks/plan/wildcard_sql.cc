#include "checks/plan/wildcard_sql.h"

namespace amont {

std::string LikePattern(std::string_view wildcard) {
  std::string pattern;
  for (const char c : wildcard) {
    if (c == '*') {
      pattern += '%';
    } else if (c == '?') {
      pattern += '_';
    } else {
      if (c == '%' || c == '_' || c == '\\') pattern += '\\';
      pattern += c;
    }
  }
  return pattern;
}

}  // namespace amont
