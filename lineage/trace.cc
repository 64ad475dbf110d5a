#include "lineage/trace.h"

#include <algorithm>
#include <limits>

namespace amont {
namespace {

constexpr size_t kAll = std::numeric_limits<size_t>::max();

bool NameBefore(const Reached& a, const Reached& b) { return a.node < b.node; }

}  // namespace

Trace TraceFrom(const LineageGraph& graph, NodeId start, Direction direction, const TraceOptions& options) {
  Trace trace;
  trace.start = start;
  trace.direction = direction;
  trace.level = options.level.value_or(graph.IsColumn(start) ? Level::kColumn : Level::kTable);
  if (trace.level == Level::kTable) trace.start = graph.TableOf(start);
  Search search(graph, options.filter, direction, trace.level, start);
  for (int hops = 1;; ++hops) {
    const std::vector<Reached>& hop = search.NextHop(options.edges_max);
    if (hop.empty()) break;
    if (options.depth > 0 && hops > options.depth) {
      trace.cut.beyond_depth = hop.size();
      break;
    }
    const size_t room = options.limit - std::min(options.limit, trace.nodes.size());
    const size_t listed = std::min(room, hop.size());
    std::vector<Reached> by_name(hop.begin(), listed == 0 ? hop.begin() : hop.end());
    const auto end = by_name.begin() + static_cast<std::ptrdiff_t>(listed);
    std::nth_element(by_name.begin(), end, by_name.end(), NameBefore);
    std::sort(by_name.begin(), end, NameBefore);
    trace.nodes.insert(trace.nodes.end(), by_name.begin(), end);
    trace.cut.beyond_limit += hop.size() - listed;
  }
  trace.cut.counted_all = !search.exhausted();
  return trace;
}

std::vector<Reached> FindPath(const LineageGraph& graph, NodeId from, NodeId to, const EdgeFilter& filter) {
  const bool columns = graph.IsColumn(from) || graph.IsColumn(to);
  const auto is_end = [&](NodeId node) {
    if (node == to) return true;
    if (!columns || graph.TableOf(node) != graph.TableOf(to)) return false;
    return !graph.IsColumn(to) || !graph.IsColumn(node);  // any column of a table, or all of a column's table
  };
  std::vector<Reached> reached = {{from, kNoNode, kNoEdge, 0, false}};
  if (is_end(from)) return reached;
  Search search(graph, filter, Direction::kDownstream, columns ? Level::kColumn : Level::kTable, from);
  std::vector<std::pair<size_t, size_t>> hops = {{0, 1}};  // where each stands in `reached`
  while (true) {
    std::vector<Reached> hop = search.NextHop(kAll);
    if (hop.empty()) return {};
    std::sort(hop.begin(), hop.end(), NameBefore);
    hops.emplace_back(reached.size(), reached.size() + hop.size());
    reached.insert(reached.end(), hop.begin(), hop.end());
    const auto end = std::find_if(hop.begin(), hop.end(), [&](const Reached& at) { return is_end(at.node); });
    if (end == hop.end()) continue;
    std::vector<Reached> path = {*end};
    for (size_t i = hops.size() - 1; i-- > 0;) {
      const auto [first, last] = hops[i];
      const auto before =
          std::lower_bound(reached.begin() + static_cast<std::ptrdiff_t>(first),
                           reached.begin() + static_cast<std::ptrdiff_t>(last), path.back().from,
                           [](const Reached& at, NodeId node) { return at.node < node; });
      path.push_back(*before);
    }
    std::reverse(path.begin(), path.end());
    return path;
  }
}

}  // namespace amont
