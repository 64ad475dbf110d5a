#include "server/telemetry/lineage_families.h"

#include <fmt/format.h>

#include <tuple>
#include <vector>

#include "lineage/effective.h"
#include "server/telemetry/exposition.h"

namespace amont {

namespace {

std::string EdgeInfo(const LineageGraph& graph, const std::set<TableName>& declared) {
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

std::string EffectiveUpdates(const LineageGraph& graph, const std::set<TableName>& declared,
                             const TableTimes& updated, const EdgeFilter& trusted) {
  std::vector<OwnTime> own;
  for (const auto& [table, at] : updated) {
    if (const auto node = graph.Find(NodeName::Of(table))) own.push_back({*node, at});
  }
  std::string text;
  if (own.empty()) return text;
  const EffectiveTimes times(graph, own, trusted);
  for (const TableName& table : declared) {
    const auto node = graph.Find(NodeName::Of(table));
    if (!node || !times.Of(*node).at) continue;
    if (text.empty()) {
      AppendHead(text, "amont_table_effective_update_timestamp_seconds", MetricType::kGauge,
                 "The oldest data anywhere upstream of the table, its own included.");
    }
    text += "amont_table_effective_update_timestamp_seconds{";
    AppendLabel(text, "source", table.source);
    text += ',';
    AppendLabel(text, "table", table.Local());
    text += "} ";
    AppendNumber(text, *times.Of(*node).at);
    text += '\n';
  }
  return text;
}

}  // namespace

std::string LineageFamilies(const LineageGraph& graph, const std::set<TableName>& declared,
                            const TableTimes& updated, const EdgeFilter& trusted) {
  return EdgeInfo(graph, declared) + EffectiveUpdates(graph, declared, updated, trusted);
}

}  // namespace amont
