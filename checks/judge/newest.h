// Newest: when a table last got something; in a column, by a query, or observed as a change. Inner to the
// judge. Pure.
#pragma once

#include <string>
#include <variant>

#include "checks/judge/evidence.h"

namespace amont {

struct Newest {
  Timestamp at;               // its age counts from here: a day's from its end
  Timestamp reaches;          // rows up to here are there: of a day the last instant
  Timestamp begins;           // of a day its start, else `at`
  Value observed;             // for reports: the instant, or the day
  std::string text;           // for sentences: "2026-11-24 06:12", "2026-11-24"
  std::string mark;           // observed changes: to remember
  bool first_sample = false;  // observed changes: nothing is known yet
};

// Or the grade that says why that cannot be told.
std::variant<Newest, Grade> FindNewest(const Evidence& evidence);

// Rows beyond now + limits::kFuture add a warning, or what the policy says, and never replace the age.
// `newest`, where given, may lie there itself: a query knows no better.
void AddFuture(Grade& grade, const Evidence& evidence, FuturePolicy policy, const Newest* newest);
bool IsFuture(const Newest& newest, const Evidence& evidence);

}  // namespace amont
