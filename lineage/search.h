// Search: breadth first from one node, hop by hop, nearest first: what trace, impact, path and cause are made
// of.
//
// Holds one bit a node of the graph and what was reached; lives for one question. A column of a table that
// was already reached as a whole is not reached again.
#pragma once

#include <cstddef>
#include <vector>

#include "lineage/graph.h"
#include "lineage/walk.h"

namespace amont {

// A node a walk arrived at, and how: one of the shortest ways, the same for the same graph.
struct Reached {
  NodeId node = kNoNode;
  NodeId from = kNoNode;  // one hop nearer to the start
  EdgeId edge = kNoEdge;  // between the two, or between their tables
  int hops = 0;
  bool fallback = false;  // somewhere on the way only an edge between tables is known
};

class Search {
 public:
  Search(const LineageGraph& graph, const EdgeFilter& filter, Direction direction, Level level, NodeId start);

  // The nodes one hop farther than those before, in the order they were come to, which is the same for the
  // same graph; none: everything is reached, or `edges_max` edges were looked at. The first call gives those
  // one hop from the start. `on_step(from, step)` hears every step, those to nodes reached before included; a
  // step to a column of a table reached as a whole arrives at that.
  template <class OnStep>
  const std::vector<Reached>& NextHop(size_t edges_max, OnStep on_step) {
    ++hops_;
    std::vector<Reached> next;
    for (const Reached& at : frontier_) {
      if (edges_seen_ >= edges_max) {
        exhausted_ = true;
        break;
      }
      edges_seen_ += walker_.ForEach(at.node, hops_ == 1, [&](WalkStep step) {
        if (!reached_[step.node] && reached_[graph_.TableOf(step.node)])
          step.node = graph_.TableOf(step.node);
        on_step(at, step);
        if (reached_[step.node]) return;
        reached_[step.node] = true;
        next.push_back({step.node, at.node, step.edge, hops_, at.fallback || step.fallback});
      });
    }
    frontier_ = std::move(next);
    return frontier_;
  }
  const std::vector<Reached>& NextHop(size_t edges_max) {
    return NextHop(edges_max, [](const Reached&, const WalkStep&) {});
  }

  // Whether the search stopped for the number of edges it looked at.
  bool exhausted() const { return exhausted_; }

 private:
  const LineageGraph& graph_;
  Walker walker_;
  std::vector<bool> reached_;
  std::vector<Reached> frontier_;
  int hops_ = 0;
  size_t edges_seen_ = 0;
  bool exhausted_ = false;
};

}  // namespace amont
