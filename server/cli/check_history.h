// CheckHistory: what was measured and said of one check, and its renderings. Values; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/cli/sheet.h"
#include "server/store/store.h"
#include "server/telemetry/state_map.h"

namespace amont {

struct CheckHistory {
  std::string check;    // id
  std::string told_by;  // service or store
  std::optional<std::string> group;
  Timestamp since;
  Timestamp now;
  std::optional<KnownCheck> known;       // nullopt: it is no longer declared
  std::vector<MeasurementRow> measured;  // oldest first
  std::vector<VerdictRow> changes;       // verdicts that differ from the one before, oldest first

  bool IsGrouped() const;
};

// The verdicts, oldest first, whose status is not that of the one before.
std::vector<VerdictRow> ChangesOf(const std::vector<VerdictRow>& verdicts);

// `limit`: at most so many measurements and so many changes, the newest; 0: all.
std::string RenderHistoryText(const CheckHistory& history, const TextStyle& style, size_t limit);
std::string RenderHistoryJson(const CheckHistory& history);

}  // namespace amont
