// What Grafana's node graph shows around a table. Pure.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "core/result.h"
#include "lineage/graph.h"
#include "lineage/render.h"

namespace amont {

inline constexpr size_t kNodesShown = 500;
inline constexpr size_t kNodesShownMax = kGrafanaNodesMax;

struct GraphView {
  std::string node;  // as users write it
  std::string default_source;
  std::set<std::string> sources;  // whose tables are shown; empty: all
  bool upstream = true;
  bool downstream = true;
  int depth = 0;  // 0: as far as it goes
  size_t limit = kNodesShown;
};

// {"nodes":[…],"edges":[…]} in the panel's field names. Closed: every edge joins two of the nodes, or the
// panel would not show any. kNotFound, kInvalid as FindNode; kPermission: the table is in none of the
// sources.
Result<std::string> GrafanaText(const LineageGraph& graph, const GraphView& view);

}  // namespace amont
