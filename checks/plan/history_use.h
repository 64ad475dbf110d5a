// What the planner takes from a check's history: closed windows that need no measuring again, and whether
// `change` has something to compare with. Pure.
#pragma once

#include <optional>
#include <vector>

#include "checks/check.h"
#include "checks/plan/planner.h"
#include "checks/plan/window.h"
#include "checks/verdict.h"

namespace amont {

// The remembered measurements of the window, one a group; empty where it must be measured: never before, or
// only once and long enough ago (the window's delay, an hour at least) that late rows may have come.
std::vector<Measurement> RememberedWindow(const Check& check, const WindowSpan& span, const History& history,
                                          Timestamp now);

// Whether history holds a value that the one of window `span` may be compared with: a not-failed one within
// half of `versus` of the end of window `past`, or any passing or accepted one.
bool HasReference(const ChangeWithin& rule, const History& history, const WindowSpan& span,
                  const WindowSpan& past);

}  // namespace amont
