#include "lineage/effective.h"

#include <algorithm>
#include <utility>

namespace amont {

EffectiveTimes::EffectiveTimes(const LineageGraph& graph, std::span<const OwnTime> own,
                               const EdgeFilter& filter)
    : graph_(graph), times_(graph.node_count()) {
  const Walker walker(graph, filter, Direction::kDownstream, Level::kTable);
  SpreadTimes(own, walker);
  SpreadDoubt(walker);
}

// The oldest time is everybody's below it, so times are spread downstream from the oldest on, and a node that
// has one keeps it. Nodes of one time go together, hop by hop, so the nearest counts.
void EffectiveTimes::SpreadTimes(std::span<const OwnTime> own, const Walker& walker) {
  std::vector<std::pair<Timestamp, NodeId>> oldest_first;
  oldest_first.reserve(own.size());
  for (const OwnTime& one : own) oldest_first.emplace_back(one.newest, graph_.TableOf(one.node));
  std::sort(oldest_first.begin(), oldest_first.end());
  for (size_t i = 0; i < oldest_first.size();) {
    const Timestamp at = oldest_first[i].first;
    std::vector<NodeId> hop;
    for (; i < oldest_first.size() && oldest_first[i].first == at; ++i) {
      const NodeId node = oldest_first[i].second;
      if (times_[node].at) continue;
      times_[node] = {at, node, kNoNode, kNoEdge, 0, true};
      hop.push_back(node);
    }
    while (!hop.empty()) {
      std::vector<NodeId> next;
      for (const NodeId node : hop) {
        walker.ForEach(node, false, [&](const WalkStep& step) {
          EffectiveTime& time = times_[step.node];
          if (time.at) return;
          time = {at, times_[node].oldest, node, step.edge, times_[node].hops + 1, true};
          next.push_back(step.node);
        });
      }
      hop = std::move(next);
    }
  }
}

void EffectiveTimes::SpreadDoubt(const Walker& walker) {
  std::vector<NodeId> todo;
  for (NodeId node = 0; node < times_.size(); ++node) {
    if (graph_.IsColumn(node) || times_[node].at) continue;
    times_[node].complete = false;
    todo.push_back(node);
  }
  while (!todo.empty()) {
    const NodeId node = todo.back();
    todo.pop_back();
    walker.ForEach(node, false, [&](const WalkStep& step) {
      if (!times_[step.node].complete) return;
      times_[step.node].complete = false;
      todo.push_back(step.node);
    });
  }
}

std::vector<NodeId> EffectiveTimes::Path(NodeId node) const {
  node = graph_.TableOf(node);
  std::vector<NodeId> path;
  if (!times_[node].at) return path;
  for (; node != kNoNode; node = times_[node].from) path.push_back(node);
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace amont
