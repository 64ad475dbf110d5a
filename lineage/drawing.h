// Drawing: the part of a graph that is shown: nodes, and links between them. Always closed: every link's ends
// are among the nodes. Made of one or two traces from one start, or of a path; drawn by lineage/render.h.
// Values.
#pragma once

#include <bitset>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "lineage/graph.h"
#include "lineage/trace.h"

namespace amont {

// All edges between two nodes that count, as one.
struct DrawnLink {
  NodeId upstream = kNoNode;
  NodeId downstream = kNoNode;
  std::bitset<5> provenances;       // who says so
  EdgeKind kind = EdgeKind::kHint;  // the strongest: direct before indirect before hint
  bool fallback = false;            // of columns: only an edge between their tables is known
  float confidence = 0;             // the highest
  std::vector<NodeId> jobs;         // sorted
};

// Who says so: "declared, dbt".
std::string ProvenanceWords(const DrawnLink& link);

struct Drawing {
  NodeId start = kNoNode;
  std::vector<Reached> nodes;    // the start first; downstream, then upstream, each by hops and name
  size_t upstream_from = 0;      // where in `nodes` those upstream begin
  std::vector<DrawnLink> links;  // by upstream, then downstream
  Cut cut;
};

// All traces have one start and level; at most `nodes_max` of their nodes are drawn, the nearest first. Hints
// between drawn nodes are links too.
Drawing Draw(const LineageGraph& graph, std::span<const Trace> traces, const EdgeFilter& filter,
             size_t nodes_max);
Drawing DrawPath(const LineageGraph& graph, std::span<const Reached> path, const EdgeFilter& filter = {});

}  // namespace amont
