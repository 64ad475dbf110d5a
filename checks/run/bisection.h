// Bisection: how far one failed statement may be split to find the slot that fails. Pure bookkeeping.
//
// A merged statement that fails on data says nothing of its other slots, so it runs again as two halves, each of which may
// fail and split in turn, within 2⌈log2 n⌉ + 2 extra statements for n slots: enough for one guilty slot, and a bound
// where there are many.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "checks/plan/dialect.h"
#include "checks/plan/statement.h"
#include "core/result.h"

namespace amont {

// Only these say that an expression or the data is at fault, so that a smaller statement may succeed: evaluation that
// failed, and where a user wrote part of the statement also SQL that makes no sense or names what is not there.
bool IsBisectable(const Error& error, const Statement& failed);

// How many extra statements a statement of `slots` slots may cost.
int BisectionBound(size_t slots);

class Bisection {
 public:
  // The statements to run instead of `failed`, whose root (the statement the planner made) is `root`; empty where it has
  // one slot or the root's bound is used up.
  std::vector<Statement> Split(size_t root, const Statement& failed, const Dialect& dialect);

 private:
  std::map<size_t, int> left_;  // by root: extra statements still allowed
};

}  // namespace amont
