// DueSlot: one due time of one group of checks; what a scheduled run is made of. Values; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/schedule.h"
#include "core/time.h"

namespace amont {

// What tells a slot from all others. Its key is the key of the run (trigger `slot`) in the store.
struct SlotId {
  std::string group;
  Timestamp at;
  int turn = 0;  // how often the clock was set back so far that due times come again

  // "GROUP@2026-11-24T06:00:00Z", and "#1" after it in the first turn.
  std::string Key() const;
  auto operator<=>(const SlotId&) const = default;
};

// Reads what Key wrote; nullopt where it did not.
std::optional<SlotId> ParseSlotKey(std::string_view key);

struct DueSlot {
  SlotId id;
  Timestamp ready;     // since when it could have been started: its due time, or when it became known later
  std::string source;  // whose tables it measures
  Schedule schedule;
  bool wildcard = false;             // runs what wildcards found, see members.h
  std::vector<std::string> checks;   // ids; empty where it is for wildcards
  std::vector<std::string> resting;  // ids that sit this one out, because they timed out lately; sorted
};

}  // namespace amont
