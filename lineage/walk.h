// Which edges count, and one step along them: what all tracing is made of. Pure.
//
// A walk is of tables or of columns, as its start is. A walk of tables takes the edges between tables,
// derived ones included. A walk of columns takes the edges of columns, and where nothing but an edge between
// two tables is known, that one: it arrives at the whole table, and the step says so (`fallback`). Downstream
// from column c of table T it goes
//   - along the edges that leave c, to columns and to whole tables (c decides which rows they have);
//   - along direct edges from T as a whole to columns (somebody reads whole rows);
//   - along edges between T and another table that no edge of columns backs: a fallback.
// Upstream from column d of table U it goes
//   - along the edges that enter d, from columns and from whole tables;
//   - along the edges that columns have to U as a whole (they decide which rows U has);
//   - along edges between tables that no edge of columns backs: a fallback.
// From a table as a whole it goes as from all its columns, and along the table's own edges.
//
// Hints never count. A job is where a walk ends, or what it begins at: then it goes to the ends of the job's
// edges.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>

#include "lineage/graph.h"

namespace amont {

// Which edges count. Hints never do.
struct EdgeFilter {
  std::bitset<5> provenances{0b11111};  // by Provenance
  bool indirect = true;

  // Declared, dbt and catalog edges, and those the configuration trusts besides.
  static EdgeFilter Trusting(std::span<const Provenance> trust);
  bool Counts(const GraphEdge& edge) const {
    return edge.kind != EdgeKind::kHint && provenances[static_cast<size_t>(edge.provenance)] &&
           (indirect || edge.kind == EdgeKind::kDirect);
  }
};

enum class Direction : uint8_t { kUpstream, kDownstream };
enum class Level : uint8_t { kTable, kColumn };

struct WalkStep {
  NodeId node = kNoNode;  // where it arrives
  EdgeId edge = kNoEdge;
  bool fallback = false;  // of columns: only an edge between tables is known
};

class Walker {
 public:
  Walker(const LineageGraph& graph, const EdgeFilter& filter, Direction direction, Level level)
      : graph_(graph), filter_(filter), down_(direction == Direction::kDownstream), level_(level) {}

  // Calls visit(WalkStep) for every edge that counts from the node; a node may be arrived at several times,
  // the node itself included. Gives the number of edges looked at. `start`: a job is gone from only then.
  template <class Visit>
  size_t ForEach(NodeId node, bool start, Visit visit) const {
    if (graph_.KindOf(node) == NodeKind::kJob) return start ? OfJob(node, visit) : 0;
    if (level_ == Level::kTable) return OfTable(graph_.TableOf(node), visit);
    const NodeId table = graph_.TableOf(node);
    size_t seen = OfWhole(table, graph_.IsColumn(node), visit);
    if (node != table) return seen + OfColumn(node, visit);
    const auto columns = graph_.ColumnsOf(table);
    for (NodeId column = columns.first; column < columns.second; ++column) seen += OfColumn(column, visit);
    return seen;
  }

 private:
  struct Edges {  // of a node, in the walk's direction
    size_t count = 0;
    EdgeId first = 0;                // downstream: consecutive from here
    const EdgeId* listed = nullptr;  // upstream
    EdgeId operator[](size_t i) const {
      return listed == nullptr ? first + static_cast<EdgeId>(i) : listed[i];
    }
  };

  Edges Of(NodeId node) const {
    if (down_) {
      const auto leaving = graph_.Leaving(node);
      return {leaving.second - leaving.first, leaving.first, nullptr};
    }
    const auto entering = graph_.Entering(node);
    return {entering.size(), 0, entering.data()};
  }
  NodeId Far(const GraphEdge& edge) const { return down_ ? edge.downstream : edge.upstream; }

  template <class Visit>
  size_t OfTable(NodeId table, Visit& visit) const {
    const Edges edges = Of(table);
    for (size_t i = 0; i < edges.count; ++i) {
      const GraphEdge& edge = graph_.edge(edges[i]);
      if (filter_.Counts(edge) && !graph_.IsColumn(Far(edge))) visit(WalkStep{Far(edge), edges[i], false});
    }
    return edges.count;
  }

  template <class Visit>
  size_t OfColumn(NodeId column, Visit& visit) const {
    const Edges edges = Of(column);
    for (size_t i = 0; i < edges.count; ++i) {
      const GraphEdge& edge = graph_.edge(edges[i]);
      if (filter_.Counts(edge)) visit(WalkStep{Far(edge), edges[i], false});
    }
    return edges.count;
  }

  // The edges of a table itself, in a walk of columns: gone from all of it, or from one column.
  template <class Visit>
  size_t OfWhole(NodeId table, bool from_column, Visit& visit) const {
    const Edges edges = Of(table);
    for (size_t i = 0; i < edges.count;) {
      const NodeId far = Far(graph_.edge(edges[i]));
      size_t end = i;
      bool backed = false;
      for (; end < edges.count && Far(graph_.edge(edges[end])) == far; ++end) {
        const GraphEdge& edge = graph_.edge(edges[end]);
        backed = backed || (edge.derived && filter_.Counts(edge));
      }
      const bool column = graph_.IsColumn(far);
      for (; i < end; ++i) {
        const GraphEdge& edge = graph_.edge(edges[i]);
        if (!filter_.Counts(edge) || (!column && backed)) continue;
        // How many rows there are says nothing of one column's values.
        if (column && down_ && from_column && edge.kind != EdgeKind::kDirect) continue;
        visit(WalkStep{far, edges[i], !column});
      }
    }
    return edges.count;
  }

  template <class Visit>
  size_t OfJob(NodeId job, Visit& visit) const {
    const auto edges = graph_.EdgesOfJob(job);
    for (const EdgeId id : edges) {
      const GraphEdge& edge = graph_.edge(id);
      const NodeId far = Far(edge);
      if (!filter_.Counts(edge) || far == job) continue;
      if (level_ == Level::kColumn || !graph_.IsColumn(far)) visit(WalkStep{far, id, false});
    }
    return edges.size();
  }

  const LineageGraph& graph_;
  EdgeFilter filter_;
  bool down_;
  Level level_;
};

}  // namespace amont
