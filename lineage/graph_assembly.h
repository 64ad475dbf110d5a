// What a GraphBuilder gathered, and how it becomes a graph: internal to lineage/graph_builder.cc.
//
// Names, columns and origins are interned; a port is a name or one of its columns. Single-threaded.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lineage/graph.h"

namespace amont {

// Gives each distinct value a number, in the order of arrival.
template <class Key, class Hash = std::hash<Key>>
class Interned {
 public:
  uint32_t Id(const Key& key) {
    const auto [place, fresh] = ids_.try_emplace(key, static_cast<uint32_t>(keys_.size()));
    if (fresh) keys_.push_back(&place->first);
    return place->second;
  }
  const Key& operator[](uint32_t id) const { return *keys_[id]; }
  size_t size() const { return keys_.size(); }

 private:
  std::unordered_map<Key, uint32_t, Hash> ids_;
  std::vector<const Key*> keys_;  // of the map, whose nodes stay where they are
};

// A name, or a column of it.
struct GatheredPort {
  uint32_t name = 0;
  std::string_view column;  // empty: the node as a whole
};

struct ColumnKey {
  uint32_t name = 0;
  std::string column;

  bool operator==(const ColumnKey&) const = default;
};

struct ColumnKeyHash {
  size_t operator()(const ColumnKey& key) const noexcept {
    return std::hash<std::string>()(key.column) ^ (key.name * 0x9E3779B97F4A7C15ULL);
  }
};

// An edge of interned ports.
struct GatheredEdge {
  uint32_t upstream = 0;
  uint32_t downstream = 0;
  uint32_t origin = 0;
  uint32_t job = kNoNode;  // a port
  float confidence = 1.0F;
  EdgeKind kind = EdgeKind::kDirect;
  Provenance provenance = Provenance::kDeclared;
  bool stated = true;
  bool derived = false;
  Timestamp first_seen;
  Timestamp last_seen;
  Timestamp ended = Timestamp::max();  // max: not
};

// Where each node's edges begin, one more at the end.
template <class NodeOfEdge>
std::vector<uint32_t> Begins(size_t nodes, size_t edges, NodeOfEdge node_of) {
  std::vector<uint32_t> begins(nodes + 1, 0);
  for (EdgeId id = 0; id < edges; ++id) {
    if (const NodeId node = node_of(id); node != kNoNode) ++begins[node + 1];
  }
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  return begins;
}

// The edges by node, in the order they have.
template <class NodeOfEdge>
std::vector<uint32_t> ByNode(const std::vector<uint32_t>& begins, size_t edges, NodeOfEdge node_of) {
  std::vector<uint32_t> next(begins.begin(), begins.end() - 1);
  std::vector<uint32_t> sorted(begins.back());
  for (EdgeId id = 0; id < edges; ++id) {
    if (const NodeId node = node_of(id); node != kNoNode) sorted[next[node]++] = id;
  }
  return sorted;
}

// All items, by node and in each by `before`: they are many and few of each node, so this is faster than one
// sort.
template <class NodeOfEdge, class Before>
std::vector<uint32_t> InOrder(size_t nodes, size_t edges, NodeOfEdge node_of, Before before) {
  const std::vector<uint32_t> begins = Begins(nodes, edges, node_of);
  std::vector<uint32_t> order = ByNode(begins, edges, node_of);
  for (size_t node = 0; node < nodes; ++node) {
    std::sort(order.begin() + begins[node], order.begin() + begins[node + 1], before);
  }
  return order;
}

class GraphAssembly {
 public:
  uint32_t PortId(const NodeName& node, const std::string& column) {
    return ColumnPort(names_.Id(node), column);
  }
  // Of the ends of edges, which come in runs: `last` is the name that stood there before.
  uint32_t PortId(const Port& port, uint32_t& last) {
    if (last >= names_.size() || names_[last] != port.node) last = names_.Id(port.node);
    return ColumnPort(last, port.column);
  }
  size_t port_count() const { return ports_.size(); }
  uint32_t OriginId(const std::string& origin) { return origins_.Id(origin); }
  const NodeName& NameOf(uint32_t port) const { return names_[ports_[port].name]; }
  std::string_view ColumnOf(uint32_t port) const { return ports_[port].column; }
  const std::string& OriginText(uint32_t origin) const { return origins_[origin]; }

  // Makes the graph of edges and facts that all hold.
  LineageGraph Assemble(std::vector<GatheredEdge> edges, std::vector<StatedFacts> facts);

 private:
  uint32_t WholePort(uint32_t name) {
    if (name >= whole_.size()) whole_.resize(name + 1, kNoNode);
    if (whole_[name] == kNoNode) {
      whole_[name] = static_cast<uint32_t>(ports_.size());
      ports_.push_back({name, {}});
    }
    return whole_[name];
  }
  uint32_t ColumnPort(uint32_t name, const std::string& column) {
    if (column.empty()) return WholePort(name);
    const auto [place, fresh] = columns_.try_emplace({name, column}, static_cast<uint32_t>(ports_.size()));
    if (fresh) ports_.push_back({name, place->first.column});
    return place->second;
  }

  void NumberNodes(LineageGraph& graph, const std::vector<GatheredEdge>& edges,
                   const std::vector<StatedFacts>& facts);
  void AddNode(LineageGraph& graph, uint32_t port);
  void NumberOrigins(LineageGraph& graph);
  void PlaceEdges(LineageGraph& graph, std::vector<GatheredEdge> edges);
  void PlaceFacts(LineageGraph& graph, std::vector<StatedFacts> facts);

  Interned<NodeName> names_;
  std::vector<GatheredPort> ports_;
  std::vector<uint32_t> whole_;                                     // by name: its port
  std::unordered_map<ColumnKey, uint32_t, ColumnKeyHash> columns_;  // their ports
  Interned<std::string> origins_;
  std::vector<NodeId> node_of_;         // by port; kNoNode: not in the graph
  std::vector<uint32_t> origin_place_;  // by origin
};

}  // namespace amont
