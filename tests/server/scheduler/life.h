// Life: what the simulation expects of one group: which slot must be handled next. A slot is handled when it
// is started, missed or slept through; each exactly once and in order, so that one expected slot says it all.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/scheduler/members.h"
#include "server/scheduler/slot.h"

namespace amont::testing {

struct Life {
  struct Rest {
    int timeouts = 0;
    Timestamp at;  // of the slot that timed out
  };

  Schedule schedule;
  Duration phase{};
  bool wildcard = false;
  bool alive = false;
  std::set<std::string> members;
  std::optional<Timestamp> expected;  // what is handled next; unset: one of `first`
  std::vector<Timestamp> first;
  std::optional<Timestamp> last;  // handled, in this turn
  int turn = 0;
  std::optional<DueSlot> running;
  std::map<std::string, Rest> rests;
  Timestamp stirred;  // on the steady clock: when a slot of it was last handled, or it was declared

  Timestamp After(Timestamp at) const { return schedule.Next(at, phase); }
  Timestamp Coming(Timestamp now) const { return After(now - Duration(1)); }

  // It is declared. `recorded`: the store knew it at a restart, finished or not.
  void Begin(Timestamp now, std::optional<bool> recorded_finished);
  // True where the due times count again.
  bool SetBack(Timestamp before, Timestamp now);
  // What is wrong with handling these slots; empty: nothing.
  std::string Handle(Timestamp slot, int64_t count);
  // Whether everything due before `now` was handled but the one slot that may still wait.
  bool IsCovered(Timestamp now) const;
  // Whether the check takes part in the slot.
  bool IsAwake(const std::string& check, Timestamp slot) const;
};

}  // namespace amont::testing
