// Bisection: how far one failed statement may be split to find the slot that fails. Pure bookkeeping.
//
// A merged statement that fails on data says nothing of its other slots, so it runs again as two halves, each
// of which may fail and split in turn, within 2⌈log2 n⌉ + 2 extra statements for n slots: enough for one
// guilty slot, and a bound where there are many.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "checks/plan/dialect.h"
#include "checks/plan/statement.h"
#include "core/result.h"

namespace amont {

// Only these say that an expression or the data is at fault, so that a smaller statement may succeed:
// evaluation that failed, and where a user wrote part of the statement also SQL that makes no sense or names
// what is not there.
bool IsBisectable(const Error& error, const Statement& failed);

// How many extra statements a statement of `slots` slots may cost.
int BisectionBound(size_t slots);

// The statements of one root run in rounds: what failed is held until all that is out came back, and is then
// split in the order of its slots. So the answer is the same in whatever order they came back.
class Bisection {
 public:
  struct Failure {
    Statement statement;
    Error error;
    std::vector<Statement> halves;  // to run instead; none for one slot, or where the bound is used up
  };

  // A statement of `root` (the number of the statement the planner made) is out.
  void Begin(size_t root);
  // One came back, whatever it said.
  void End(size_t root);
  // It failed so that a smaller one may succeed; called before its End.
  void Hold(size_t root, Statement failed, Error error);
  // What the round of `root` came to, with what is to run next; empty while some are out.
  std::vector<Failure> CloseRound(size_t root, const Dialect& dialect);
  // Everything held, unsplit: nothing more will run.
  std::vector<Failure> TakeHeld();

 private:
  struct Round {
    std::optional<int> left;  // extra statements still allowed
    size_t out = 0;
    std::vector<Failure> held;
  };
  std::map<size_t, Round> rounds_;  // by root
};

}  // namespace amont
