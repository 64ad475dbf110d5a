// How a learned bound is explained to people. Pure.
#pragma once

#include <string>
#include <string_view>

#include "checks/judge/baseline.h"

namespace amont {

std::string_view Word(BaselineStatus status);  // "learning", "pass", "warn", "fail"

// "expected 10,470 (8,980 to 12,220): level 11,900 × Monday 0.88, noise 4%, 23 Mondays seen"; "" where
// nothing is expected yet.
std::string ExpectationText(const BaselineJudgement& judgement);

// One line that says what became of an observation: "310, −97%; expected 10,470 …", "no rows, as on most
// Sundays", "the third in a row, a new level from here on: …". "" where there is nothing to say: it passed as
// expected. The value is said as `observed`, or as a bare count.
std::string ReasonText(const BaselineJudgement& judgement, std::string_view observed = {});

// A count, rounded as people read it: "10,470", "3.2".
std::string RowsText(double rows);

}  // namespace amont
