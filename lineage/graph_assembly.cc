#include "lineage/graph_assembly.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace amont {
namespace {

bool SameEdge(const GraphEdge& a, const GraphEdge& b) {
  return a.upstream == b.upstream && a.downstream == b.downstream && a.kind == b.kind &&
         a.provenance == b.provenance && a.origin == b.origin && a.job == b.job;
}

bool EdgeBefore(const GraphEdge& a, const GraphEdge& b) {
  if (a.upstream != b.upstream) return a.upstream < b.upstream;
  if (a.downstream != b.downstream) return a.downstream < b.downstream;
  return std::tie(a.kind, a.provenance, a.origin, a.job) < std::tie(b.kind, b.provenance, b.origin, b.job);
}

// Takes what another report of the same edge says: what either saw, the confidence of the later; an edge
// derived from several is as sure as the surest.
void Fold(GraphEdge& into, const GraphEdge& other) {
  const bool both_derived = !into.stated && !other.stated;
  const bool later = std::tie(other.stated, other.last_seen) > std::tie(into.stated, into.last_seen);
  const bool same = other.stated == into.stated && other.last_seen == into.last_seen;
  if (both_derived || same) {
    into.confidence = std::max(into.confidence, other.confidence);
  } else if (later) {
    into.confidence = other.confidence;
  }
  into.stated = into.stated || other.stated;
  into.derived = into.derived || other.derived;
  into.first_seen = std::min(into.first_seen, other.first_seen);
  into.last_seen = std::max(into.last_seen, other.last_seen);
  if (!into.ended || !other.ended) {
    into.ended.reset();
  } else {
    into.ended = std::max(into.ended, other.ended);
  }
}

}  // namespace

LineageGraph GraphAssembly::Assemble(std::vector<GatheredEdge> edges, std::vector<StatedFacts> facts) {
  LineageGraph graph;
  NumberNodes(graph, edges, facts);
  NumberOrigins(graph);
  PlaceEdges(graph, std::move(edges));
  PlaceFacts(graph, std::move(facts));
  return graph;
}

// Only what an edge or a fact that holds names is a node.
void GraphAssembly::NumberNodes(LineageGraph& graph, const std::vector<GatheredEdge>& edges,
                                const std::vector<StatedFacts>& facts) {
  std::vector<uint32_t> said;  // ports that facts name
  for (const StatedFacts& stated : facts) {
    const uint32_t name = names_.Id(stated.facts.name);
    said.push_back(WholePort(name));
    for (const NodeColumn& column : stated.facts.columns) said.push_back(ColumnPort(name, column.name));
  }
  std::vector<bool> used(ports_.size() + names_.size());
  const auto use = [&](uint32_t port) { used[port] = used[WholePort(ports_[port].name)] = true; };
  for (const GatheredEdge& edge : edges) {
    use(edge.upstream);
    use(edge.downstream);
    if (edge.job != kNoNode) use(edge.job);
  }
  for (const uint32_t port : said) use(port);
  used.resize(ports_.size());

  // The ports in use, by name, each table before its columns.
  const auto name_of = [&](uint32_t port) { return used[port] ? ports_[port].name : kNoNode; };
  const std::vector<uint32_t> begins = Begins(names_.size(), ports_.size(), name_of);
  std::vector<uint32_t> order = ByNode(begins, ports_.size(), name_of);
  std::vector<uint32_t> by_name(names_.size());
  std::iota(by_name.begin(), by_name.end(), 0);
  std::sort(by_name.begin(), by_name.end(), [&](uint32_t a, uint32_t b) { return names_[a] < names_[b]; });

  node_of_.assign(ports_.size(), kNoNode);
  graph.owner_.reserve(order.size());
  graph.text_.reserve(order.size());
  for (const uint32_t name : by_name) {
    const auto first = order.begin() + begins[name];
    const auto last = order.begin() + begins[name + 1];
    std::sort(first, last, [&](uint32_t a, uint32_t b) { return ports_[a].column < ports_[b].column; });
    for (auto port = first; port != last; ++port) AddNode(graph, *port);
  }
}

void GraphAssembly::AddNode(LineageGraph& graph, uint32_t port) {
  const auto id = static_cast<NodeId>(graph.owner_.size());
  node_of_[port] = id;
  const GatheredPort& key = ports_[port];
  const auto kind = static_cast<uint8_t>(names_[key.name].kind);
  graph.class_.push_back(key.column.empty() ? kind : kind | LineageGraph::kColumnBit);
  if (key.column.empty()) {
    graph.owner_.push_back(id);
    graph.text_.push_back(static_cast<uint32_t>(graph.names_.size()));
    graph.names_.push_back(names_[key.name]);
    graph.ids_.push_back(id);
  } else {
    graph.owner_.push_back(graph.ids_.back());
    graph.text_.push_back(static_cast<uint32_t>(graph.columns_.size()));
    graph.columns_.emplace_back(key.column);
  }
}

void GraphAssembly::NumberOrigins(LineageGraph& graph) {
  std::vector<uint32_t> order(origins_.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return origins_[a] < origins_[b]; });
  origin_place_.resize(order.size());
  for (const uint32_t origin : order) {
    origin_place_[origin] = static_cast<uint32_t>(graph.origins_.size());
    graph.origins_.push_back(origins_[origin]);
  }
}

void GraphAssembly::PlaceEdges(LineageGraph& graph, std::vector<GatheredEdge> edges) {
  std::vector<GraphEdge> all;
  all.reserve(edges.size() * 2);
  for (const GatheredEdge& gathered : edges) {
    GraphEdge edge;
    edge.upstream = node_of_[gathered.upstream];
    edge.downstream = node_of_[gathered.downstream];
    edge.job = gathered.job == kNoNode ? kNoNode : node_of_[gathered.job];
    edge.origin = origin_place_[gathered.origin];
    edge.confidence = gathered.confidence;
    edge.kind = gathered.kind;
    edge.provenance = gathered.provenance;
    edge.stated = true;
    edge.first_seen = gathered.first_seen;
    edge.last_seen = gathered.last_seen;
    if (gathered.ended != Timestamp::max()) edge.ended = gathered.ended;
    all.push_back(edge);
    if (!graph.IsColumn(edge.upstream) && !graph.IsColumn(edge.downstream)) continue;
    edge.upstream = graph.owner_[edge.upstream];
    edge.downstream = graph.owner_[edge.downstream];
    edge.stated = false;
    edge.derived = true;
    all.push_back(edge);
  }
  edges = {};
  const std::vector<EdgeId> order = InOrder(
      graph.node_count(), all.size(), [&](EdgeId id) { return all[id].upstream; },
      [&](EdgeId a, EdgeId b) { return EdgeBefore(all[a], all[b]); });
  graph.edges_.reserve(all.size());
  for (const EdgeId id : order) {
    if (!graph.edges_.empty() && SameEdge(graph.edges_.back(), all[id])) {
      Fold(graph.edges_.back(), all[id]);
    } else {
      graph.edges_.push_back(all[id]);
    }
  }
  all = {};
  graph.edges_.shrink_to_fit();
  for (const GraphEdge& edge : graph.edges_) {
    if (edge.stated) ++graph.stated_[static_cast<size_t>(edge.provenance)];
  }

  const size_t nodes = graph.node_count();
  const size_t count = graph.edge_count();
  const auto upstream = [&](EdgeId id) { return graph.edges_[id].upstream; };
  const auto downstream = [&](EdgeId id) { return graph.edges_[id].downstream; };
  const auto job = [&](EdgeId id) { return graph.edges_[id].job; };
  graph.leaving_ = Begins(nodes, count, upstream);
  graph.entering_begin_ = Begins(nodes, count, downstream);
  graph.entering_ = ByNode(graph.entering_begin_, count, downstream);
  graph.jobs_begin_ = Begins(nodes, count, job);
  graph.jobs_ = ByNode(graph.jobs_begin_, count, job);
}

void GraphAssembly::PlaceFacts(LineageGraph& graph, std::vector<StatedFacts> facts) {
  const auto node = [&](const StatedFacts& stated) {
    return node_of_[WholePort(names_.Id(stated.facts.name))];
  };
  const auto shown = [&](const StatedFacts& stated) {
    return std::make_tuple(node(stated), ShownRank(stated.provenance), std::string_view(stated.origin));
  };
  std::sort(facts.begin(), facts.end(),
            [&](const StatedFacts& a, const StatedFacts& b) { return shown(a) < shown(b); });
  graph.facts_begin_.assign(graph.node_count() + 1, 0);
  for (const StatedFacts& stated : facts) ++graph.facts_begin_[node(stated) + 1];
  std::partial_sum(graph.facts_begin_.begin(), graph.facts_begin_.end(), graph.facts_begin_.begin());
  Interned<std::string> owners;
  owners.Id({});
  graph.owner_text_.assign(graph.node_count(), 0);
  for (const StatedFacts& stated : facts) {
    uint32_t& owner = graph.owner_text_[node(stated)];
    if (owner == 0) owner = owners.Id(stated.facts.owner);
  }
  for (uint32_t i = 0; i < owners.size(); ++i) graph.owners_.push_back(owners[i]);
  graph.facts_ = std::move(facts);
}

}  // namespace amont
