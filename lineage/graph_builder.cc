#include "lineage/graph_builder.h"

#include <algorithm>
#include <set>
#include <utility>

#include "lineage/graph_assembly.h"

namespace amont {
namespace {

constexpr Timestamp kNever = Timestamp::max();

void EndAt(Timestamp& ended, const std::optional<Timestamp>& at) {
  if (at && *at < ended) ended = *at;
}

}  // namespace

struct GraphBuilder::Gathered {
  using FactsKey = std::tuple<NodeName, Provenance, std::string>;

  GraphAssembly assembly;
  uint32_t last_upstream = kNoNode;  // names
  uint32_t last_downstream = kNoNode;
  std::vector<GatheredEdge> edges;
  std::map<FactsKey, StatedFacts> facts;
  EndingIndex endings;
  std::set<std::pair<Provenance, NodeName>> gone;  // names that were dropped or renamed

  void AddEdge(const Edge& edge, Provenance provenance, const std::string& origin, Timestamp unset);
  std::vector<GatheredEdge> EdgesThatHold(const GraphOptions& options);
  std::vector<StatedFacts> FactsThatHold(const GraphOptions& options);
  bool MayBeGone(const GatheredEdge& edge) const;
  void AddRenamed(GatheredEdge edge, std::vector<GatheredEdge>& to);
  void AddRenamedFacts(const StatedFacts& stated, std::vector<StatedFacts>& to) const;
  void FoldRepeated();
  void Merge(StatedFacts stated);
};

void GraphBuilder::Gathered::AddEdge(const Edge& edge, Provenance provenance, const std::string& origin,
                                     Timestamp unset) {
  GatheredEdge gathered;
  gathered.upstream = assembly.PortId(edge.upstream, last_upstream);
  gathered.downstream = assembly.PortId(edge.downstream, last_downstream);
  gathered.origin = assembly.OriginId(origin);
  if (edge.job) gathered.job = assembly.PortId(*edge.job, {});
  gathered.confidence = edge.confidence;
  gathered.kind = edge.kind;
  gathered.provenance = provenance;
  gathered.last_seen = edge.last_seen == Timestamp() ? unset : edge.last_seen;
  gathered.first_seen = edge.first_seen == Timestamp() ? unset : edge.first_seen;
  gathered.first_seen = std::min(gathered.first_seen, gathered.last_seen);
  if (edge.ended && *edge.ended > gathered.last_seen) gathered.ended = *edge.ended;
  // A job that is an end of its edge makes it.
  for (const uint32_t port : {gathered.upstream, gathered.downstream}) {
    if (gathered.job == kNoNode && assembly.NameOf(port).kind == NodeKind::kJob) gathered.job = port;
  }
  edges.push_back(gathered);
}

bool GraphBuilder::Gathered::MayBeGone(const GatheredEdge& edge) const {
  return !gone.empty() && (gone.contains({edge.provenance, assembly.NameOf(edge.upstream)}) ||
                           gone.contains({edge.provenance, assembly.NameOf(edge.downstream)}));
}

void GraphBuilder::Gathered::Merge(StatedFacts stated) {
  const FactsKey key{stated.facts.name, stated.provenance, stated.origin};
  const auto place = facts.find(key);
  if (place == facts.end()) {
    facts.emplace(key, std::move(stated));
  } else {
    amont::Merge(place->second, stated);
  }
}

// One edge of each identity, as lineage/apply.h would have kept it.
void GraphBuilder::Gathered::FoldRepeated() {
  const auto identity = [](const GatheredEdge& edge) {
    return std::tie(edge.upstream, edge.downstream, edge.kind, edge.provenance, edge.origin, edge.job);
  };
  const std::vector<uint32_t> order = InOrder(
      assembly.port_count(), edges.size(), [&](uint32_t i) { return edges[i].upstream; },
      [&](uint32_t a, uint32_t b) { return identity(edges[a]) < identity(edges[b]); });
  std::vector<GatheredEdge> folded;
  folded.reserve(edges.size());
  for (const uint32_t i : order) {
    const GatheredEdge& edge = edges[i];
    if (folded.empty() || identity(folded.back()) != identity(edge)) {
      folded.push_back(edge);
      continue;
    }
    GatheredEdge& into = folded.back();
    if (edge.last_seen == into.last_seen) {
      into.confidence = std::max(into.confidence, edge.confidence);
    } else if (edge.last_seen > into.last_seen) {
      into.confidence = edge.confidence;
    }
    into.first_seen = std::min(into.first_seen, edge.first_seen);
    into.last_seen = std::max(into.last_seen, edge.last_seen);
    if (into.ended <= into.last_seen) into.ended = kNever;
    if (edge.ended > into.last_seen) EndAt(into.ended, edge.ended);
  }
  edges = std::move(folded);
}

// Appends what the edge goes on as once an end of it was renamed. Each is first seen later than the one it
// came from, so this ends.
void GraphBuilder::Gathered::AddRenamed(GatheredEdge edge, std::vector<GatheredEdge>& to) {
  for (uint32_t GatheredEdge::*end : {&GatheredEdge::upstream, &GatheredEdge::downstream}) {
    const std::string column(assembly.ColumnOf(edge.*end));
    for (const EndingIndex::Renaming& renaming :
         endings.RenamesOf(edge.provenance, NodeName(assembly.NameOf(edge.*end)))) {
      if (renaming.at <= edge.first_seen || renaming.at > edge.ended) continue;
      GatheredEdge renamed = edge;
      renamed.*end = assembly.PortId(renaming.to, column);
      if (edge.upstream == edge.downstream) renamed.upstream = renamed.downstream = renamed.*end;
      renamed.first_seen = renamed.last_seen = renaming.at;
      renamed.ended = kNever;
      to.push_back(renamed);
    }
  }
}

std::vector<GatheredEdge> GraphBuilder::Gathered::EdgesThatHold(const GraphOptions& options) {
  std::vector<GatheredEdge> todo;
  const auto settle = [&](GatheredEdge& edge) {
    if (endings.empty()) return;
    EndAt(edge.ended, endings.ReadAfter(edge.provenance, assembly.OriginText(edge.origin), edge.last_seen));
    if (!MayBeGone(edge)) return;
    EndAt(edge.ended, endings.GoneAfter(edge.provenance, assembly.NameOf(edge.upstream), edge.last_seen));
    EndAt(edge.ended, endings.GoneAfter(edge.provenance, assembly.NameOf(edge.downstream), edge.last_seen));
    AddRenamed(edge, todo);
  };
  FoldRepeated();
  for (GatheredEdge& edge : edges) settle(edge);
  while (!todo.empty()) {
    GatheredEdge edge = todo.back();
    todo.pop_back();
    settle(edge);
    edges.push_back(edge);
  }
  std::erase_if(edges, [&](const GatheredEdge& edge) {
    if (!options.as_of) return edge.ended != kNever;
    if (edge.first_seen > *options.as_of || edge.ended <= *options.as_of) return true;
    const auto expires = ExpiresAt(edge.provenance, edge.last_seen, options.expiry);
    return expires && *expires <= *options.as_of;
  });
  return std::move(edges);
}

void GraphBuilder::Gathered::AddRenamedFacts(const StatedFacts& stated, std::vector<StatedFacts>& to) const {
  for (const auto& renaming : endings.RenamesOf(stated.provenance, stated.facts.name)) {
    StatedFacts renamed = stated;
    renamed.facts.name = renaming.to;
    bool any = false;
    for (size_t i = 0; i < kFactMembers; ++i) {
      if (stated.said[i] < renaming.at) {
        any = true;
      } else {
        Forget(renamed.facts, static_cast<FactMember>(i));
      }
      renamed.said[i] = renaming.at;
    }
    if (!any) continue;
    to.push_back(std::move(renamed));
  }
}

// Facts are the latest said, whatever time the graph is as of, until they are over.
std::vector<StatedFacts> GraphBuilder::Gathered::FactsThatHold(const GraphOptions& options) {
  std::vector<StatedFacts> todo;
  for (const auto& [key, stated] : facts) AddRenamedFacts(stated, todo);
  while (!todo.empty()) {
    const StatedFacts stated = std::move(todo.back());
    todo.pop_back();
    AddRenamedFacts(stated, todo);
    Merge(stated);
  }
  std::vector<StatedFacts> hold;
  for (auto& [key, stated] : facts) {
    bool known = false;
    for (size_t i = 0; i < kFactMembers; ++i) {
      Timestamp ended = kNever;
      EndAt(ended, endings.ReadAfter(stated.provenance, stated.origin, stated.said[i]));
      EndAt(ended, endings.GoneAfter(stated.provenance, stated.facts.name, stated.said[i]));
      if (options.as_of) EndAt(ended, ExpiresAt(stated.provenance, stated.said[i], options.expiry));
      if (options.as_of ? ended > *options.as_of : ended == kNever) {
        known = true;
      } else {
        Forget(stated.facts, static_cast<FactMember>(i));
      }
    }
    if (known) hold.push_back(std::move(stated));
  }
  return hold;
}

GraphBuilder::GraphBuilder() : gathered_(std::make_unique<Gathered>()) {}
GraphBuilder::~GraphBuilder() = default;
GraphBuilder::GraphBuilder(GraphBuilder&&) noexcept = default;
GraphBuilder& GraphBuilder::operator=(GraphBuilder&&) noexcept = default;

void GraphBuilder::Add(const Edge& edge) {
  gathered_->AddEdge(edge, edge.provenance, edge.origin, Timestamp());
}

void GraphBuilder::Add(StatedFacts facts) { gathered_->Merge(std::move(facts)); }

void GraphBuilder::Add(const Ending& ending) {
  gathered_->endings.Add(ending);
  if (ending.node) gathered_->gone.emplace(ending.provenance, *ending.node);
}

void GraphBuilder::Add(const Extract& extract) {
  for (const Edge& edge : extract.edges) {
    gathered_->AddEdge(edge, extract.provenance, extract.origin, extract.at);
  }
  for (const NodeFacts& facts : extract.nodes) Add(StatedBy(extract, facts));
  for (const Ending& ending : EndingsOf(extract)) Add(ending);
}

LineageGraph GraphBuilder::Build(const GraphOptions& options) {
  std::vector<GatheredEdge> edges = gathered_->EdgesThatHold(options);
  std::vector<StatedFacts> facts = gathered_->FactsThatHold(options);
  gathered_->facts.clear();
  LineageGraph graph = gathered_->assembly.Assemble(std::move(edges), std::move(facts));
  gathered_ = std::make_unique<Gathered>();
  return graph;
}

}  // namespace amont
