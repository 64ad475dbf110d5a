// Trace: what lies upstream or downstream of a node, the shortest path between two, what a failing node
// affects, and which failing node is the cause. How walks of tables and of columns go stands in
// lineage/walk.h.
//
// All is bounded, and an answer that was cut says what of: `beyond_depth` nodes lie one hop beyond the depth
// asked for, `beyond_limit` were reached and are not listed, and where `counted_all` is false the search
// looked at `edges_max` edges and stopped, so there may be more than the counts say. Answers are by hops,
// then by name, and the same for the same graph. Pure; any thread, on a graph that is kept alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "lineage/graph.h"
#include "lineage/search.h"
#include "lineage/walk.h"

namespace amont {

struct TraceOptions {
  EdgeFilter filter;
  std::optional<Level> level;  // nullopt: of columns where the start is one
  int depth = 0;               // hops; 0: as far as it goes
  size_t limit = 1'000;        // nodes listed
  size_t edges_max = 40'000;   // edges looked at: a few milliseconds; more for those who can wait
};

struct Cut {
  size_t beyond_depth = 0;
  size_t beyond_limit = 0;
  bool counted_all = true;

  bool any() const { return beyond_depth > 0 || beyond_limit > 0 || !counted_all; }
};

struct Trace {
  NodeId start = kNoNode;
  Direction direction = Direction::kDownstream;
  Level level = Level::kTable;
  std::vector<Reached> nodes;  // without the start
  Cut cut;
};

Trace TraceFrom(const LineageGraph& graph, NodeId start, Direction direction,
                const TraceOptions& options = {});
inline Trace Upstream(const LineageGraph& graph, NodeId start, const TraceOptions& options = {}) {
  return TraceFrom(graph, start, Direction::kUpstream, options);
}
inline Trace Downstream(const LineageGraph& graph, NodeId start, const TraceOptions& options = {}) {
  return TraceFrom(graph, start, Direction::kDownstream, options);
}

// A shortest way along the data from one node to another; its first element is `from`, whose edge is kNoEdge.
// Empty: there is none. From a node to itself it is that node. Between columns it goes by columns; where one
// end is a column, any column of the other end's table will do, or all of it. Looks at the whole graph if it
// must.
std::vector<Reached> FindPath(const LineageGraph& graph, NodeId from, NodeId to,
                              const EdgeFilter& filter = {});

// What a node affects. For a table, tables, exposures and jobs are those of the walk of tables (late or
// missing rows go everywhere), and columns those its columns reach; for a column everything is of the walk of
// columns, a table being affected if one of its columns is.
struct Impact {
  struct Affected {
    NodeId node = kNoNode;
    int hops = 0;
    bool fallback = false;
  };
  struct OwnerShare {
    std::string_view owner;
    size_t tables = 0;
    size_t exposures = 0;
    int hops = 0;  // of the nearest
  };
  NodeId start = kNoNode;
  std::vector<Affected> tables;
  std::vector<Affected> columns;
  std::vector<Affected> exposures;
  std::vector<Affected> jobs;      // that read what is affected, or end there
  std::vector<OwnerShare> owners;  // by hops, then name; tables and exposures without owner are nobody's
  // Of each, listed or not.
  size_t table_count = 0;
  size_t column_count = 0;
  size_t exposure_count = 0;
  size_t job_count = 0;
  size_t owner_count = 0;
  Cut cut;
};

// `options.limit` is of each list, `options.level` is not heeded. Of a table, a quarter of `edges_max` is for
// its columns.
Impact ImpactOf(const LineageGraph& graph, NodeId start, const TraceOptions& options = {});

// A table, or one column of it, that fails.
struct Failing {
  NodeId node = kNoNode;
  Timestamp since;
};

// A failing node without a failing ancestor.
struct CauseRoot {
  NodeId node = kNoNode;
  Timestamp since;
  int hops = 0;               // above the node asked for; 0: that node itself
  bool fallback = false;      // the way to it is known of tables only
  std::vector<NodeId> cycle;  // the others that fail in a cycle with it, by name
};

struct Cause {
  NodeId start = kNoNode;
  Level level = Level::kTable;
  std::vector<CauseRoot> roots;  // first to fail, then widest impact, then name
  std::vector<Reached> between;  // the failing ancestors that are no roots, the start not among them
  Cut cut;
};

// Which failing nodes explain that `start` does not do well: those at or above it that have no failing
// ancestor themselves. Nodes that do not fail are walked through. Nodes that fail in one cycle are one: its
// root is the first of them to fail, then the one with the widest impact, then by name. Of tables, a failing
// column is its table failing; of columns, a failing table is all its columns failing, and a table reached as
// a whole fails as soon as one of its columns does. A node listed twice fails since the earlier time. It
// looks at a third of `edges_max` edges, each of which it looks at again.
Cause CauseOf(const LineageGraph& graph, NodeId start, std::span<const Failing> failing,
              const TraceOptions& options = {});

}  // namespace amont
