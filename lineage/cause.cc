#include <algorithm>
#include <limits>
#include <utility>

#include "lineage/components.h"
#include "lineage/trace.h"

namespace amont {
namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

// Which of the failing a node of the walk is.
class FailingIndex {
 public:
  FailingIndex(const LineageGraph& graph, Level level, std::span<const Failing> failing)
      : graph_(graph), level_(level), own_(graph.node_count()), in_table_(graph.node_count()) {
    for (Failing one : failing) {
      if (level == Level::kTable) one.node = graph.TableOf(one.node);
      uint32_t& place = own_[one.node];
      if (place == 0) {
        list_.push_back(one);
        place = static_cast<uint32_t>(list_.size());
      } else {
        Failing& known = list_[place - 1];
        known.since = std::min(known.since, one.since);
      }
    }
    for (uint32_t i = 0; i < list_.size(); ++i) {
      uint32_t& first = in_table_[graph.TableOf(list_[i].node)];
      if (first == 0 || Before(i, first - 1)) first = i + 1;
    }
  }

  // Into list(); kNone: it does not fail.
  uint32_t Of(NodeId node) const {
    if (own_[node] != 0) return own_[node] - 1;
    if (level_ == Level::kTable) return kNone;
    const uint32_t place = graph_.IsColumn(node) ? own_[graph_.TableOf(node)] : in_table_[node];
    return place == 0 ? kNone : place - 1;
  }
  const std::vector<Failing>& list() const { return list_; }

 private:
  bool Before(uint32_t a, uint32_t b) const {
    return std::pair(list_[a].since, list_[a].node) < std::pair(list_[b].since, list_[b].node);
  }

  const LineageGraph& graph_;
  Level level_;
  std::vector<Failing> list_;
  std::vector<uint32_t> own_;       // by node: its place in list_ from 1 on; 0: none
  std::vector<uint32_t> in_table_;  // by table: that of the first to fail of it and its columns
};

// The walk upstream as a small graph: the failing first, each one vertex however many of its columns were
// reached, then every other node.
class Ancestry {
 public:
  Ancestry(const LineageGraph& graph, const FailingIndex& failing)
      : graph_(graph), failing_(failing), vertex_(graph.node_count()), reached_(failing.list().size()) {}

  void Walk(Cause& cause, const TraceOptions& options) {
    Search search(graph_, options.filter, Direction::kUpstream, cause.level, cause.start);
    const size_t edges_max = (options.edges_max + 2) / 3;
    const auto step = [&](const Reached& at, const WalkStep& to) {
      steps_.emplace_back(Vertex(at.node), Vertex(to.node));
    };
    Reach({cause.start, kNoNode, kNoEdge, 0, false});
    for (int hops = 1;; ++hops) {
      if (options.depth > 0 && hops > options.depth) {
        cause.cut.beyond_depth = search.NextHop(edges_max).size();
        break;
      }
      const std::vector<Reached>& hop = search.NextHop(edges_max, step);
      if (hop.empty()) break;
      for (const Reached& at : hop) Reach(at);
    }
    cause.cut.counted_all = !search.exhausted();
  }

  // By failing: how it was first reached; node kNoNode: it was not.
  const std::vector<Reached>& reached() const { return reached_; }

  // The strongly connected components, ancestors before what they feed.
  Components Condense() const { return Condense(failing_.list().size() + others_); }
  const std::vector<std::pair<uint32_t, uint32_t>>& steps() const { return steps_; }

 private:
  Components Condense(size_t vertices) const { return ComponentsOf(vertices, steps_); }

  uint32_t Vertex(NodeId node) {
    if (vertex_[node] != 0) return vertex_[node] - 1;
    uint32_t vertex = failing_.Of(node);
    if (vertex == kNone) vertex = static_cast<uint32_t>(failing_.list().size() + others_++);
    vertex_[node] = vertex + 1;
    return vertex;
  }

  void Reach(const Reached& at) {
    const uint32_t vertex = Vertex(at.node);
    if (vertex < reached_.size() && reached_[vertex].node == kNoNode) reached_[vertex] = at;
  }

  const LineageGraph& graph_;
  const FailingIndex& failing_;
  std::vector<uint32_t> vertex_;  // by node, from 1 on; 0: none yet
  std::vector<Reached> reached_;
  std::vector<std::pair<uint32_t, uint32_t>> steps_;
  size_t others_ = 0;
};

size_t Width(const LineageGraph& graph, NodeId node, const TraceOptions& options) {
  TraceOptions count;
  count.filter = options.filter;
  count.limit = 0;
  count.edges_max = options.edges_max / 100;  // it only breaks ties
  return Downstream(graph, node, count).cut.beyond_limit;
}

// Sorts by who failed first, then by the wider impact, then by name.
template <class Item>
void OrderByBlame(const LineageGraph& graph, std::vector<Item>& items, const TraceOptions& options,
                  int& compared_left) {
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return a.since != b.since ? a.since < b.since : a.node < b.node;
  });
  for (size_t i = 0; i < items.size();) {
    size_t end = i + 1;
    while (end < items.size() && items[end].since == items[i].since) ++end;
    if (end - i > 1) {
      std::vector<std::pair<size_t, Item>> widths;
      for (size_t k = i; k < end && compared_left > 0; ++k, --compared_left) {
        widths.emplace_back(Width(graph, items[k].node, options), std::move(items[k]));
      }
      std::stable_sort(widths.begin(), widths.end(),
                       [](const auto& a, const auto& b) { return a.first > b.first; });
      for (size_t k = 0; k < widths.size(); ++k) items[i + k] = std::move(widths[k].second);
    }
    i = end;
  }
}

}  // namespace

Cause CauseOf(const LineageGraph& graph, NodeId start, std::span<const Failing> failing,
              const TraceOptions& options) {
  Cause cause;
  cause.level = options.level.value_or(graph.IsColumn(start) ? Level::kColumn : Level::kTable);
  cause.start = cause.level == Level::kTable ? graph.TableOf(start) : start;
  const FailingIndex index(graph, cause.level, failing);
  Ancestry ancestry(graph, index);
  ancestry.Walk(cause, options);
  const Components components = ancestry.Condense();

  // A component is explained if one above it fails, or is explained itself.
  std::vector<bool> explained(components.count);
  std::vector<bool> fails(components.count);
  std::vector<std::vector<Failing>> members(components.count);
  for (uint32_t i = 0; i < index.list().size(); ++i) {
    if (ancestry.reached()[i].node == kNoNode) continue;
    fails[components.of[i]] = true;
    members[components.of[i]].push_back(index.list()[i]);
  }
  for (const auto& [below, above] : components.steps) {
    if (fails[above] || explained[above]) explained[below] = true;
  }

  const auto reached = [&](NodeId node) -> const Reached& { return ancestry.reached()[index.Of(node)]; };
  int compared = 16;  // ties settled by impact: more would take too long
  for (uint32_t component = 0; component < components.count; ++component) {
    std::vector<Failing>& here = members[component];
    if (here.empty()) continue;
    if (explained[component]) {
      for (const Failing& one : here) {
        const Reached& at = reached(one.node);
        if (at.hops > 0) cause.between.push_back(at);
      }
      continue;
    }
    OrderByBlame(graph, here, options, compared);
    CauseRoot root{here.front().node, here.front().since, 0, false, {}};
    root.hops = reached(root.node).hops;
    root.fallback = reached(root.node).fallback;
    for (size_t i = 1; i < here.size(); ++i) root.cycle.push_back(here[i].node);
    std::sort(root.cycle.begin(), root.cycle.end());
    cause.roots.push_back(std::move(root));
  }
  OrderByBlame(graph, cause.roots, options, compared);
  std::sort(cause.between.begin(), cause.between.end(), [](const Reached& a, const Reached& b) {
    return a.hops != b.hops ? a.hops < b.hops : a.node < b.node;
  });
  if (cause.roots.size() > options.limit) {
    cause.cut.beyond_limit += cause.roots.size() - options.limit;
    cause.roots.resize(options.limit);
  }
  if (cause.between.size() > options.limit) {
    cause.cut.beyond_limit += cause.between.size() - options.limit;
    cause.between.resize(options.limit);
  }
  return cause;
}

}  // namespace amont
