// Lowering: from checks to what must be measured for each, one Wanted a (check, role). Pure.
//
// Roles: the metric itself; what it is divided by; how many rows were examined (column and fail_rows checks:
// zero is never a pass); rows from the future (freshness); and the past window, where `change` has no history
// to compare with.
#pragma once

#include <vector>

#include "checks/plan/wanted.h"

namespace amont {

struct LoweredChecks {
  std::vector<Wanted> wanted;
  std::vector<Refusal> refusals;
  std::vector<Reuse> reuses;
  std::vector<Use> from_catalog;
};

LoweredChecks Lower(const Planning& planning);

}  // namespace amont
