// Group: the slots of one group of checks, as a small state machine: what is due, what runs, what was missed,
// who rests. Pure values; the scheduler owns groups and holds them to the caps of their sources.
//
//   next ──Pass──▶ due ──Start──▶ running ──End──▶ (over)
//                   └──Pass──▶ missed
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/scheduler/slot.h"

namespace amont {

// Slots of a group that were due and are not started any more.
struct Passed {
  std::string source;
  std::string group;
  Timestamp first;
  int64_t count = 0;
};

// What is known of a group that is not there.
struct Past {
  enum class How { kCompleted, kInterrupted, kRemoved };
  SlotId last;  // the slot recorded last
  How how = How::kCompleted;
  Timestamp until = Timestamp::max();  // when it may be forgotten
};

struct Group {
  struct Turn {  // a slot of the group
    Timestamp at;
    int turn = 0;
    Timestamp ready;
  };
  struct Rest {  // of a check that timed out
    int timeouts = 0;
    Timestamp until = Timestamp::min();
  };
  struct Passing {
    std::optional<Passed> missed;
    std::optional<Passed> rested;
  };

  std::string id;
  std::string source;
  Schedule schedule;
  Duration phase{};
  bool wildcard = false;
  std::vector<const std::string*> members;  // ids, owned by the scheduler; in order of declaration
  uint64_t replaced = 0;                    // by which Replace it was last kept
  bool removed = false;                     // only its run in flight is left

  Timestamp next = Timestamp::max();  // the next slot that is not due yet
  std::optional<Turn> due;            // due and not started
  Timestamp waiting_since;            // when the group last began to wait; not moved on by missing a slot
  std::optional<Turn> running;
  std::optional<Timestamp> last;  // the latest slot that was started, missed or slept through, in this turn
  int turn = 0;
  std::unordered_map<std::string, Rest> rests;  // by check

  // The first slot of a new group; what was missed while nobody was there.
  std::optional<Passed> Begin(const std::optional<Past>& past, Timestamp now);
  // Makes due what is due at `now` >= next.
  Passing Pass(Timestamp now);
  // The slot to start, which is due; without checks where all of them rest or are gone: then it is over.
  DueSlot Start();
  // The run in flight ended. A check in neither list was measured.
  void End(std::span<const std::string> timed_out, std::span<const std::string> failed);
  // The clock was set back from `before` to `now`.
  void SetBack(Timestamp before, Timestamp now);
  // When the slot is due in which the check takes part next; max(): never. `in_flight`: it is part of the run
  // in flight, if there is one.
  Timestamp NextFor(const std::string& check, bool in_flight) const;

 private:
  Timestamp After(Timestamp at) const { return schedule.Next(at, phase); }
  int64_t Count(Timestamp first, Timestamp end) const;
  bool IsResting(const std::string& check, Timestamp at) const;
  bool IsAnyoneAwake(Timestamp at) const;
  void MakeDue(Timestamp at, Timestamp ready);
  Timestamp RestsUntil(Timestamp at, int timeouts) const;
};

}  // namespace amont
