#include "lineage/apply.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace amont {
namespace {

auto Identity(const Edge& edge) {
  return std::tie(edge.upstream, edge.downstream, edge.kind, edge.provenance, edge.origin, edge.job);
}

struct ByIdentity {
  bool operator()(const Edge* a, const Edge* b) const { return Identity(*a) < Identity(*b); }
};

// The extract's edges, complete in themselves, one of each identity.
std::vector<Edge> EdgesOf(const Extract& extract) {
  std::vector<Edge> edges;
  edges.reserve(extract.edges.size());
  for (Edge edge : extract.edges) {
    edge.provenance = extract.provenance;
    edge.origin = extract.origin;
    if (edge.last_seen == Timestamp()) edge.last_seen = extract.at;
    if (edge.first_seen == Timestamp()) edge.first_seen = extract.at;
    edge.first_seen = std::min(edge.first_seen, edge.last_seen);
    edges.push_back(std::move(edge));
  }
  return edges;
}

// What the edge is after it was reported once more.
void Report(Edge& edge, const Edge& reported) {
  if (reported.last_seen == edge.last_seen) {
    edge.confidence = std::max(edge.confidence, reported.confidence);
  } else if (reported.last_seen > edge.last_seen) {
    edge.confidence = reported.confidence;
  }
  edge.first_seen = std::min(edge.first_seen, reported.first_seen);
  edge.last_seen = std::max(edge.last_seen, reported.last_seen);
  if (reported.ended && (!edge.ended || *reported.ended < *edge.ended)) edge.ended = reported.ended;
}

void Settle(Edge& edge, const EndingIndex& endings) {
  if (edge.ended && *edge.ended <= edge.last_seen) edge.ended.reset();
  const auto end = endings.EndOf(edge);
  if (end && (!edge.ended || *end < *edge.ended)) edge.ended = end;
}

}  // namespace

bool SameIdentity(const Edge& a, const Edge& b) { return Identity(a) == Identity(b); }

KnowledgeChange Apply(const Known& known, const Extract& extract) {
  KnowledgeChange change;
  EndingIndex endings = known.endings;
  for (Ending& ending : EndingsOf(extract)) {
    if (endings.Contains(ending)) continue;
    endings.Add(ending);
    change.endings.push_back(std::move(ending));
  }

  std::map<const Edge*, Edge, ByIdentity> after;
  for (const Edge& edge : known.edges) after.emplace(&edge, edge);
  const std::vector<Edge> reported = EdgesOf(extract);
  std::map<const Edge*, const Edge*, ByIdentity> before;  // what is known of it; null: nothing
  for (const auto& [key, edge] : after) before.emplace(key, key);
  for (const Edge& edge : reported) {
    const auto [place, fresh] = after.emplace(&edge, edge);
    if (fresh) {
      before.emplace(&edge, nullptr);
    } else {
      Report(place->second, edge);
    }
  }
  for (auto& [key, edge] : after) {
    Settle(edge, endings);
    const Edge* was = before.at(key);
    if (was == nullptr || *was != edge) change.edges.push_back(std::move(edge));
  }

  std::map<NodeName, StatedFacts> facts;
  for (const NodeFacts& said : extract.nodes) {
    StatedFacts stated = StatedBy(extract, said);
    const auto place = facts.find(said.name);
    if (place == facts.end()) {
      facts.emplace(said.name, std::move(stated));
    } else {
      Merge(place->second, stated);
    }
  }
  for (const StatedFacts& was : known.facts) {
    const auto place = facts.find(was.facts.name);
    if (place == facts.end() || was.provenance != extract.provenance || was.origin != extract.origin)
      continue;
    StatedFacts merged = was;
    Merge(merged, place->second);
    if (merged == was) {
      facts.erase(place);
    } else {
      place->second = std::move(merged);
    }
  }
  for (auto& [name, stated] : facts) change.facts.push_back(std::move(stated));
  return change;
}

std::vector<Edge> ExpireUnseen(const std::vector<Edge>& edges, Timestamp now, const ExpiryRules& rules) {
  std::vector<Edge> expired;
  for (const Edge& edge : edges) {
    const auto at = ExpiresAt(edge.provenance, edge.last_seen, rules);
    if (!at || *at > now || (edge.ended && *edge.ended <= *at)) continue;
    expired.push_back(edge);
    expired.back().ended = at;
  }
  return expired;
}

}  // namespace amont
