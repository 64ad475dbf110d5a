#include "server/app/lineage_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/quoted.h"
#include "lineage/drawing.h"
#include "lineage/find_node.h"
#include "lineage/render.h"
#include "lineage/trace.h"

namespace amont {

namespace {

bool Shows(const LineageGraph& graph, const GraphView& view, NodeId node) {
  return view.sources.empty() || graph.KindOf(node) != NodeKind::kTable ||
         view.sources.contains(graph.NameOf(node).space);
}

// Takes out what the view may not show, and the links that lead there.
void Narrow(const LineageGraph& graph, const GraphView& view, Drawing& drawing) {
  if (view.sources.empty()) return;
  const auto hidden = [&](NodeId node) { return !Shows(graph, view, node); };
  const auto upstream = drawing.nodes.begin() + static_cast<std::ptrdiff_t>(drawing.upstream_from);
  drawing.upstream_from -= static_cast<size_t>(
      std::count_if(drawing.nodes.begin(), upstream, [&](const Reached& at) { return hidden(at.node); }));
  std::erase_if(drawing.nodes, [&](const Reached& at) { return hidden(at.node); });
  std::erase_if(drawing.links,
                [&](const DrawnLink& link) { return hidden(link.upstream) || hidden(link.downstream); });
}

}  // namespace

Result<std::string> GrafanaText(const LineageGraph& graph, const GraphView& view) {
  AMONT_TRY(const NodeId found, FindNode(graph, view.node, {}, view.default_source));
  const NodeId start = graph.TableOf(found);
  if (!Shows(graph, view, start)) {
    return MakeError(ErrorCode::kPermission,
                     fmt::format("the token may not see the source {}", Quoted(graph.NameOf(start).space)));
  }
  TraceOptions options;
  options.level = Level::kTable;
  options.depth = view.depth;
  options.limit = view.limit;
  std::vector<Trace> traces;
  if (view.downstream) traces.push_back(Downstream(graph, start, options));
  if (view.upstream) traces.push_back(Upstream(graph, start, options));
  Drawing drawing = Draw(graph, traces, options.filter, view.limit);
  Narrow(graph, view, drawing);
  return RenderGrafana(graph, drawing);
}

}  // namespace amont
