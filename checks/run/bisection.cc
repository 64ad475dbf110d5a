#include "checks/run/bisection.h"

#include "checks/plan/planner.h"

namespace amont {

bool IsBisectable(const Error& error, const Statement& failed) {
  switch (error.code) {
    case ErrorCode::kData: return true;
    case ErrorCode::kInvalid:
    case ErrorCode::kNotFound:
    case ErrorCode::kPermission: return failed.foreign_sql;
    default: return false;
  }
}

int BisectionBound(size_t slots) {
  int levels = 0;
  while ((size_t{1} << levels) < slots) ++levels;
  return 2 * levels + 2;
}

std::vector<Statement> Bisection::Split(size_t root, const Statement& failed, const Dialect& dialect) {
  if (failed.slots.size() < 2) return {};
  int& left = left_.try_emplace(root, BisectionBound(failed.slots.size())).first->second;
  if (left < 2) return {};
  left -= 2;
  return Halves(failed, dialect);
}

}  // namespace amont
