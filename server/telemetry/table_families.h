// The families with a table label: their names, types and help, and their lines for some tables. Pure.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "core/time.h"
#include "server/telemetry/exposition.h"
#include "server/telemetry/state_map.h"

namespace amont {

enum class TableFamily : size_t {
  kCheckStatus,
  kCheckError,
  kCheckInfo,
  kCheckLastRun,
  kCheckLastSuccess,
  kCheckNextRun,
  kCheckValue,
  kCheckExpectedMin,
  kCheckExpectedMax,
  kCheckGroups,
  kTableLastUpdate,
  kTableDeadline,
  kTableRows,
  kTableWorstStatus,
  kTableInfo,
  kTableSchemaChanges,
  kCount,
};
inline constexpr size_t kTableFamilies = static_cast<size_t>(TableFamily::kCount);

struct FamilyHead {
  std::string_view name;
  MetricType type;
  std::string_view help;
};
const FamilyHead& HeadOf(TableFamily family);

// Lines without # HELP and # TYPE, by family.
using FamilyLines = std::array<std::string, kTableFamilies>;

// `now` decides whether a pilot still is one. `lines` is cleared first; its capacity stays.
void RenderTables(std::span<const StateMap::TableChecks> tables, Timestamp now, FamilyLines& lines);

}  // namespace amont
