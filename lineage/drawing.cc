#include "lineage/drawing.h"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

namespace amont {
namespace {

class Links {
 public:
  explicit Links(const LineageGraph& graph) : graph_(graph) {}

  void Add(NodeId upstream, NodeId downstream, EdgeId id, bool fallback) {
    const GraphEdge& edge = graph_.edge(id);
    const auto [place, fresh] = links_.try_emplace({upstream, downstream});
    DrawnLink& link = place->second;
    link.upstream = upstream;
    link.downstream = downstream;
    link.provenances.set(static_cast<size_t>(edge.provenance));
    link.kind = fresh ? edge.kind : std::min(link.kind, edge.kind);
    link.fallback = fresh ? fallback : link.fallback && fallback;
    link.confidence = std::max(link.confidence, edge.confidence);
    if (edge.job == kNoNode || edge.job == upstream || edge.job == downstream) return;
    const auto job = std::lower_bound(link.jobs.begin(), link.jobs.end(), edge.job);
    if (job == link.jobs.end() || *job != edge.job) link.jobs.insert(job, edge.job);
  }

  std::vector<DrawnLink> Take() {
    std::vector<DrawnLink> links;
    links.reserve(links_.size());
    for (auto& [ends, link] : links_) links.push_back(std::move(link));
    return links;
  }

 private:
  const LineageGraph& graph_;
  std::map<std::pair<NodeId, NodeId>, DrawnLink> links_;
};

}  // namespace

std::string ProvenanceWords(const DrawnLink& link) {
  std::string text;
  for (size_t i = 0; i < link.provenances.size(); ++i) {
    if (!link.provenances[i]) continue;
    if (!text.empty()) text += ", ";
    text += Word(static_cast<Provenance>(i));
  }
  return text;
}

Drawing Draw(const LineageGraph& graph, std::span<const Trace> traces, const EdgeFilter& filter,
             size_t nodes_max) {
  Drawing drawing;
  if (traces.empty() || nodes_max == 0) return drawing;
  drawing.start = traces.front().start;
  drawing.nodes.push_back({drawing.start, kNoNode, kNoEdge, 0, false});
  std::unordered_set<NodeId> drawn = {drawing.start};
  // Each trace gets its share of the room, and what another leaves of its own.
  size_t wanted = 0;
  for (const Trace& trace : traces) wanted += trace.nodes.size();
  size_t room = nodes_max - 1;
  drawing.upstream_from = 1;
  for (const Direction direction : {Direction::kDownstream, Direction::kUpstream}) {
    for (const Trace& trace : traces) {
      if (trace.direction != direction) continue;
      const size_t others = wanted - trace.nodes.size();
      const size_t share = std::max(room / 2, room - std::min(room, others));
      size_t left = traces.size() == 1 || direction == Direction::kUpstream ? room : share;
      for (const Reached& at : trace.nodes) {
        if (drawn.contains(at.node)) continue;  // in a cycle, on both sides
        if (left == 0) {
          ++drawing.cut.beyond_limit;
          continue;
        }
        --left;
        --room;
        drawn.insert(at.node);
        drawing.nodes.push_back(at);
      }
      wanted -= trace.nodes.size();
      drawing.cut.beyond_depth += trace.cut.beyond_depth;
      drawing.cut.beyond_limit += trace.cut.beyond_limit;
      drawing.cut.counted_all = drawing.cut.counted_all && trace.cut.counted_all;
    }
    if (direction == Direction::kDownstream) drawing.upstream_from = drawing.nodes.size();
  }

  Links links(graph);
  for (const Trace& trace : traces) {
    const bool down = trace.direction == Direction::kDownstream;
    const Walker walker(graph, filter, trace.direction, trace.level);
    std::vector<NodeId> from = {drawing.start};
    for (const Reached& at : trace.nodes) {
      if (drawn.contains(at.node)) from.push_back(at.node);
    }
    for (const NodeId node : from) {
      walker.ForEach(node, node == drawing.start, [&](WalkStep step) {
        if (!drawn.contains(step.node)) step.node = graph.TableOf(step.node);
        if (!drawn.contains(step.node)) return;
        links.Add(down ? node : step.node, down ? step.node : node, step.edge, step.fallback);
      });
    }
  }
  for (const NodeId node : drawn) {
    const auto leaving = graph.Leaving(node);
    for (EdgeId id = leaving.first; id < leaving.second; ++id) {
      const GraphEdge& edge = graph.edge(id);
      if (edge.kind == EdgeKind::kHint && drawn.contains(edge.downstream))
        links.Add(node, edge.downstream, id, false);
    }
  }
  drawing.links = links.Take();
  return drawing;
}

Drawing DrawPath(const LineageGraph& graph, std::span<const Reached> path, const EdgeFilter& filter) {
  Drawing drawing;
  if (path.empty()) return drawing;
  drawing.start = path.front().node;
  drawing.nodes.assign(path.begin(), path.end());
  drawing.upstream_from = drawing.nodes.size();
  Links links(graph);
  for (const Reached& at : path) {
    if (at.edge == kNoEdge) continue;
    // The path names one edge; whoever else says the same belongs to the link.
    const GraphEdge& one = graph.edge(at.edge);
    const auto leaving = graph.Leaving(one.upstream);
    for (EdgeId id = leaving.first; id < leaving.second; ++id) {
      const GraphEdge& edge = graph.edge(id);
      if (edge.downstream == one.downstream && filter.Counts(edge))
        links.Add(at.from, at.node, id, at.fallback);
    }
  }
  drawing.links = links.Take();
  return drawing;
}

}  // namespace amont
