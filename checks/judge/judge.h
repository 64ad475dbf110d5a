// The judge: one verdict for one check, from what was measured and what is remembered. Pure and total.
#pragma once

#include <span>

#include "checks/check.h"
#include "checks/verdict.h"

namespace amont {

// `measurements` are this check's own, every role and group. `now` is the engine's clock, or --as-of. Never
// throws, never fails: what cannot be judged is `error`, `no_data` or `learning`, and says why. The verdict
// is the worst group's, with every group inside.
Verdict Judge(const CheckPtr& check, std::span<const Measurement> measurements, const History& history,
              Timestamp now);

// A check proven by the catalog passes, on an empty table too.
Verdict JudgeProven(const CheckPtr& check, std::string proof, Timestamp now);

}  // namespace amont
