// Scheduler: says which slots to start now, and when to ask again. Pure: no threads, clocks or sockets; time
// is a parameter, in the clock that people read. Not thread-safe; owned by the thread that waits on the
// clock.
//
//   restart:  Completed / Interrupted for what the store knows → Replace → Advance …
//   running:  Advance(now) → start its slots; wait until next_wake, or until a run ends: Finished → Advance
//   reload:   Replace → Advance
//
// A slot is started at most once. A group never runs twice at once, and a source never has more runs than it
// may; slots wait in the order in which their groups began to wait. One that was not started by the time the
// next of its group is due is missed: counted, never stacked.
//
// New groups. An interval that has not run starts its current slot at once, as many as the source may run; a
// cron waits for its next time, for it says when. A fresh check whose group has run already does not wait
// either: until the next Replace that does not call it fresh it belongs to a group of newcomers, "…|7+".
// After a restart, the current slot is started if it was not completed, even late, cron too; the slots
// between it and the last one recorded are missed.
//
// Timeouts. A check that timed out runs at every second, fourth, eighth … slot, at least once a day, until it
// ends in time. This is forgotten at a restart, when its group changes and when due times count again.
//
// Clocks. Forward: of the slots jumped over each group runs the latest, the others are missed. Back: slots
// that were started are not started again when their time returns, but where a group would therefore be
// silent for more than twice its interval, its due times count again, under the next turn (slot.h), from the
// next one on. Runs in flight go on. The caller asks again every few seconds, whatever next_wake says: clocks
// step while it waits.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/time.h"
#include "server/scheduler/group.h"
#include "server/scheduler/members.h"
#include "server/scheduler/slot.h"

namespace amont {

// How many runs a source may have at once; limits::kConnections for those not named.
using RunCaps = std::map<std::string, int>;

// How a run ended, as far as the schedule minds.
struct SlotOutcome {
  std::vector<std::string> timed_out;  // ids of checks, also of those that wildcards found
  std::vector<std::string> failed;     // not measured for another reason: neither a timeout nor a success
};

class Scheduler {
 public:
  struct Advanced {
    std::vector<DueSlot> start;
    std::vector<Passed> missed;
    std::vector<Passed> rested;  // due when all their checks were resting: nothing to start
    Timestamp next_wake = Timestamp::max();
  };

  Scheduler();
  ~Scheduler();

  // What the store knows, before the first Replace: of each group the slot recorded last. Interrupted: its
  // run was claimed and did not finish; while it is the current one it is started again, to be resumed.
  void Completed(const SlotId& slot);
  void Interrupted(const SlotId& slot);

  // These members and no others, from now on. Runs in flight go on, and hold their place until Finished; what
  // is no member any more is not started again. Of two with one id the first is taken.
  void Replace(std::span<const Member> members, const RunCaps& caps, Timestamp now);

  Advanced Advance(Timestamp now);

  // The run of a slot ended, however. Slots that are not in flight are ignored.
  void Finished(const SlotId& slot, const SlotOutcome& outcome);

  // The due time of the oldest slot not completed in which the check takes part; that of a check that rests
  // is when it is next measured. Checks that wildcards found are asked about by MemberOf too. nullopt:
  // unknown, or never due.
  std::optional<Timestamp> NextRun(const Member& member) const;

  // Whether the check is a member itself (not found by a wildcard).
  bool Has(const std::string& id) const { return members_.contains(id); }
  size_t runs_in_flight() const { return in_flight_; }

 private:
  struct Earlier {
    bool operator()(const std::pair<Timestamp, Group*>& a, const std::pair<Timestamp, Group*>& b) const;
  };
  using Queue = std::set<std::pair<Timestamp, Group*>, Earlier>;
  struct Source {
    int cap = 0;
    int running = 0;
    Queue waiting;  // groups with a slot to start, by when they began to wait
  };
  struct Joined {
    Group* group = nullptr;
    std::optional<SlotId> after;  // it joined while this slot was in flight
  };

  void Record(const SlotId& slot, Past::How how);
  void NoticeSetBack(Timestamp now);
  bool IsNewcomer(const Member& member, const std::string& group) const;
  Group& Claim(const Member& member, Timestamp now);
  void Remove(Group& group, Timestamp now);
  void ForgetPast(Timestamp now);
  // A group stands in the queues where its state puts it; it is taken out before that changes.
  void TakeOut(Group& group);
  void PutIn(Group& group);
  void StartWaiting(Source& source, Advanced& advanced);

  std::unordered_map<std::string, std::unique_ptr<Group>> groups_;
  std::unordered_map<std::string, Joined> members_;
  std::unordered_map<std::string, Past> past_;  // of groups that are not there (any more)
  std::map<std::string, Source> sources_;
  std::set<std::string> ready_;          // sources that may be able to start something
  Queue timeline_;                       // groups by their next slot
  std::vector<Passed> missed_;           // while nobody was there; Advance tells
  Timestamp latest_ = Timestamp::min();  // of the clock, since it was last set back
  uint64_t replaced_ = 0;                // how often
  size_t in_flight_ = 0;
};

}  // namespace amont
