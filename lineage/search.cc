#include "lineage/search.h"

#include <algorithm>

namespace amont {

Search::Search(const LineageGraph& graph, const EdgeFilter& filter, Direction direction, Level level,
               NodeId start)
    : graph_(graph), walker_(graph, filter, direction, level), reached_(graph.node_count()) {
  const NodeId from = level == Level::kTable ? graph.TableOf(start) : start;
  reached_[from] = true;
  frontier_.push_back({from, kNoNode, kNoEdge, 0, false});
}

void Search::Order(std::vector<Reached>& hop) {
  std::sort(hop.begin(), hop.end(), [](const Reached& a, const Reached& b) { return a.node < b.node; });
}

}  // namespace amont
