// What `amont plan` prints for declarations, on every engine: tests/cases/plan.

#include <gtest/gtest.h>

#include "tests/checks/plan/plan_case.h"
#include "tests/testing/corpus.h"

namespace amont {
namespace {

TEST(PlanCorpus, PlansAreAsWritten) {
  testing::CheckCorpus("plan", [](const testing::CorpusCase& written) {
    testing::PlanCase one = testing::ReadPlanCase(written.input);
    return RenderPlan(one.Make(), one.checks);
  });
}

}  // namespace
}  // namespace amont
