#include <unordered_map>

#include "checks/plan/passes.h"

namespace amont {

std::vector<Wanted> Dedupe(std::vector<Wanted> wanted) {
  std::vector<Wanted> once;
  std::unordered_map<std::string, size_t> index;
  for (Wanted& next : wanted) {
    const auto [found, inserted] = index.try_emplace(next.Key(), once.size());
    if (inserted) {
      once.push_back(std::move(next));
    } else {
      std::vector<Use>& uses = once[found->second].uses;
      uses.insert(uses.end(), next.uses.begin(), next.uses.end());
    }
  }
  return once;
}

}  // namespace amont
