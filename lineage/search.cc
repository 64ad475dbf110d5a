#include "lineage/search.h"

namespace amont {

Search::Search(const LineageGraph& graph, const EdgeFilter& filter, Direction direction, Level level,
               NodeId start)
    : graph_(graph), walker_(graph, filter, direction, level), reached_(graph.node_count()) {
  const NodeId from = level == Level::kTable ? graph.TableOf(start) : start;
  reached_[from] = true;
  frontier_.push_back({from, kNoNode, kNoEdge, 0, false});
}

}  // namespace amont
