// Effective freshness: how old the oldest data is that a table is made of. A table that was rebuilt at 07:00
// from a source whose newest row is from yesterday shows yesterday, whatever its own newest row says.
//
// The effective time of a table is the earliest of the newest data times of itself and of every ancestor that
// has one. Nodes without a time of their own are passed through: they say nothing, and what feeds them
// counts. All counted edges count alike, direct and indirect (a filter on old data yields old rows); hints
// never, jobs are passed neither way. In a cycle every member has the same effective time, that of the oldest
// in it or above it.
//
// What has no time, and nothing above it that has one, is unknown; what it feeds may then be older than is
// known, and its `complete` is false. A source that never had a time says nothing of its age, so no time is
// made up for it. Pure; linear in the graph, whatever its shape.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/time.h"
#include "lineage/graph.h"
#include "lineage/walk.h"

namespace amont {

struct OwnTime {
  NodeId node = kNoNode;  // a table; of a column, its table
  Timestamp newest;       // the time of its newest data
};

struct EffectiveTime {
  std::optional<Timestamp> at;  // nullopt: nothing is known here or above
  NodeId oldest = kNoNode;      // whose own time it is: of several as old the nearest, then by name
  NodeId from = kNoNode;        // the next node on the shortest way up to it; kNoNode: it is the node itself
  EdgeId edge = kNoEdge;        // from there
  int hops = 0;
  bool complete = true;  // false: a node above, or this one, has no time and nothing above that has
};

class EffectiveTimes {
 public:
  // Of all tables and exposures at once. A node listed twice has the earlier time.
  EffectiveTimes(const LineageGraph& graph, std::span<const OwnTime> own, const EdgeFilter& filter);

  const EffectiveTime& Of(NodeId node) const { return times_[graph_.TableOf(node)]; }
  // The way the old data comes: from the oldest down to the node, both included; empty where nothing is
  // known.
  std::vector<NodeId> Path(NodeId node) const;

 private:
  void SpreadTimes(std::span<const OwnTime> own, const Walker& walker);
  void SpreadDoubt(const Walker& walker);

  const LineageGraph& graph_;         // must outlive this
  std::vector<EffectiveTime> times_;  // by node
};

}  // namespace amont
