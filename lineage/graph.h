// LineageGraph: an immutable snapshot of what feeds what, made by GraphBuilder (lineage/graph_builder.h).
//
// Nodes are tables, their columns, jobs and exposures, named by dense ids in the order of their names; a
// table's columns have the ids right after its own. Edges lie in sorted vectors, reachable from both ends:
// every edge that a source of knowledge stated, and for each edge that has a column at an end the edge
// between their tables (`derived`; where the same source stated that too it is one edge, both `stated` and
// `derived`). Ids mean nothing in another snapshot. Cycles and self-loops may occur.
//
// A job is a node and an attribute of the edges it makes. It is an end of an edge only where it merely reads
// or merely writes; walks end there and never pass through a job, so two outputs of one job are not each
// other's ancestors.
//
// Facts are kept per provenance and origin, none overwriting another. Where one value must be shown, the
// first that was said counts, in this order: declared, dbt, catalog, openlineage, sql; within a provenance
// the alphabetically first origin.
//
// Shared between threads by pointer. References and spans live as long as the graph.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.h"
#include "lineage/edge.h"
#include "lineage/knowledge.h"
#include "lineage/node.h"

namespace amont {

using NodeId = uint32_t;
using EdgeId = uint32_t;
inline constexpr NodeId kNoNode = std::numeric_limits<NodeId>::max();
inline constexpr EdgeId kNoEdge = std::numeric_limits<EdgeId>::max();

// The place of a provenance in what is shown first: 0 is first.
int ShownRank(Provenance provenance);

struct GraphEdge {
  NodeId upstream = kNoNode;
  NodeId downstream = kNoNode;
  NodeId job = kNoNode;  // what moves the data; kNoNode: not known
  uint32_t origin = 0;   // LineageGraph::OriginText
  float confidence = 1.0F;
  EdgeKind kind = EdgeKind::kDirect;
  Provenance provenance = Provenance::kDeclared;
  bool stated = false;   // a source said exactly this
  bool derived = false;  // between tables: an edge of columns implies it
  Timestamp first_seen;
  Timestamp last_seen;
  std::optional<Timestamp> ended;  // only in a graph as of a time before it
};

class LineageGraph {
 public:
  LineageGraph() = default;  // without nodes

  size_t node_count() const { return owner_.size(); }
  size_t edge_count() const { return edges_.size(); }
  // Edges stated, by provenance.
  const std::array<size_t, 5>& stated_edges() const { return stated_; }

  std::optional<NodeId> Find(const NodeName& name) const;
  // The column itself; nullopt where the graph does not know it, even where it knows the table.
  std::optional<NodeId> Find(const Port& port) const;

  bool IsColumn(NodeId id) const { return (class_[id] & kColumnBit) != 0; }
  // A column's is its table's.
  NodeKind KindOf(NodeId id) const { return static_cast<NodeKind>(class_[id] & ~kColumnBit); }
  // A column's table; of every other node itself.
  NodeId TableOf(NodeId id) const { return IsColumn(id) ? owner_[id] : id; }
  const NodeName& NameOf(NodeId id) const { return names_[text_[owner_[id]]]; }  // of TableOf(id)
  std::string_view ColumnOf(NodeId id) const;                                    // empty where it is none
  Port PortOf(NodeId id) const { return {NameOf(id), std::string(ColumnOf(id))}; }
  std::string TextOf(NodeId id) const { return PortOf(id).Text(); }
  // The ids of a table's columns: [first, second).
  std::pair<NodeId, NodeId> ColumnsOf(NodeId table) const;

  const GraphEdge& edge(EdgeId id) const { return edges_[id]; }
  std::span<const GraphEdge> edges() const { return edges_; }
  // Edges that leave the node: [first, second), by downstream node; their ids are consecutive.
  std::pair<EdgeId, EdgeId> Leaving(NodeId id) const { return {leaving_[id], leaving_[id + 1]}; }
  // Edges that enter the node, by upstream node.
  std::span<const EdgeId> Entering(NodeId id) const;
  // Edges the job makes, those it is an end of included.
  std::span<const EdgeId> EdgesOfJob(NodeId job) const;
  std::string_view OriginText(uint32_t origin) const { return origins_[origin]; }

  // What is known of the node, what is shown first standing first. Empty for columns.
  std::span<const StatedFacts> FactsOf(NodeId id) const;
  // One value a member, as shown: the first that was said; tags, tests and columns are all that were said,
  // each once, columns with the first type said. A table's columns also hold those only edges know.
  NodeFacts Shown(NodeId id) const;
  // The owner shown, a column's being its table's; empty: nobody said.
  std::string_view OwnerOf(NodeId id) const { return owners_[owner_text_[owner_[id]]]; }

 private:
  friend class GraphAssembly;

  static constexpr uint8_t kColumnBit = 0x80;
  std::vector<uint8_t> class_;   // by node: its kind, and whether it is a column; small, so walks are quick
  std::vector<NodeId> owner_;    // by node: its table, or itself
  std::vector<uint32_t> text_;   // by node: into names_, or for columns into columns_
  std::vector<NodeName> names_;  // sorted
  std::vector<NodeId> ids_;      // by name: its node
  std::vector<std::string> columns_;    // of tables in turn, sorted in each
  std::vector<GraphEdge> edges_;        // by upstream, downstream, kind, provenance, origin, job
  std::vector<EdgeId> leaving_;         // by node and one more: where its edges begin
  std::vector<EdgeId> entering_;        // edges by downstream, upstream, …
  std::vector<EdgeId> entering_begin_;  // by node and one more
  std::vector<EdgeId> jobs_;            // edges by job
  std::vector<EdgeId> jobs_begin_;      // by node and one more
  std::vector<std::string> origins_;    // sorted
  std::vector<StatedFacts> facts_;      // by node, then as shown
  std::vector<uint32_t> facts_begin_;   // by node and one more
  std::vector<std::string> owners_;     // distinct; the first is empty
  std::vector<uint32_t> owner_text_;    // by node: into owners_
  std::array<size_t, 5> stated_{};
};

}  // namespace amont
