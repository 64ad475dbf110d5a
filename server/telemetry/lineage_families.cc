#include "server/telemetry/lineage_families.h"

#include <fmt/format.h>

#include <tuple>
#include <vector>

#include "server/telemetry/exposition.h"

namespace amont {

std::string LineageFamilies(const LineageGraph& graph, const std::set<TableName>& declared) {
  std::vector<bool> is_declared(graph.node_count());
  for (const TableName& table : declared) {
    if (const auto node = graph.Find(NodeName::Of(table))) is_declared[*node] = true;
  }
  std::set<std::tuple<NodeId, NodeId, Provenance>> shown;
  for (const GraphEdge& edge : graph.edges()) {
    const bool tables = !graph.IsColumn(edge.upstream) && !graph.IsColumn(edge.downstream);
    if (!tables || edge.kind == EdgeKind::kHint) continue;
    if (!is_declared[edge.upstream] && !is_declared[edge.downstream]) continue;
    shown.emplace(edge.upstream, edge.downstream, edge.provenance);
    if (shown.size() > kLineageEdgesShown) return {};
  }
  std::string text;
  if (shown.empty()) return text;
  AppendHead(text, "amont_lineage_edge_info", MetricType::kGauge,
             "1 for each edge of lineage at a declared table; left out where there are more than 20,000.");
  for (const auto& [upstream, downstream, provenance] : shown) {
    const std::string from = graph.TextOf(upstream);
    const std::string to = graph.TextOf(downstream);
    text += "amont_lineage_edge_info{";
    AppendLabel(text, "id", fmt::format("{}>{}:{}", from, to, Word(provenance)));
    text += ',';
    AppendLabel(text, "upstream", from);
    text += ',';
    AppendLabel(text, "downstream", to);
    text += ',';
    AppendLabel(text, "provenance", Word(provenance));
    text += "} 1\n";
  }
  return text;
}

}  // namespace amont
