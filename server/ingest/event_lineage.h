// EventLineage: lineage that an event brings beside what it states itself: what its SQL reads and writes. A
// value.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "lineage/edge.h"
#include "lineage/openlineage/event.h"
#include "server/store/lineage_store.h"

namespace amont {

struct EventLineage {
  Extract extract;
  std::vector<ReadStatement> statements;
};

// nullopt: there is none.
using ReadEventSql = std::function<std::optional<EventLineage>(const OpenLineageEvent&)>;

}  // namespace amont
