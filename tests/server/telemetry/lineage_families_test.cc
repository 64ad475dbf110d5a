#include "server/telemetry/lineage_families.h"

#include <gtest/gtest.h>

#include "lineage/graph_builder.h"

namespace amont {
namespace {

Edge EdgeOf(const std::string& from, const std::string& to) {
  Edge edge;
  edge.upstream.node = NodeName::Of({"wh", "mart", from});
  edge.downstream.node = NodeName::Of({"wh", "mart", to});
  return edge;
}

TEST(LineageFamilies, ShowEachEdgeAtADeclaredTableOnce) {
  GraphBuilder builder;
  builder.Add(EdgeOf("a", "b"));
  Edge same = EdgeOf("a", "b");
  same.origin = "other";
  builder.Add(same);
  Edge dbt = EdgeOf("a", "b");
  dbt.provenance = Provenance::kDbt;
  builder.Add(dbt);
  Edge hint = EdgeOf("b", "c");
  hint.kind = EdgeKind::kHint;
  builder.Add(hint);
  builder.Add(EdgeOf("x", "y"));
  const LineageGraph graph = builder.Build();
  EXPECT_EQ(LineageFamilies(graph, {}, {}, {}), "");
  EXPECT_EQ(
      LineageFamilies(graph, {TableName{"wh", "mart", "b"}, TableName{"wh", "mart", "unknown"}}, {}, {}),
      "# HELP amont_lineage_edge_info 1 for each edge of lineage at a declared table; left out where there are "
      "more than 20,000.\n# TYPE amont_lineage_edge_info gauge\n"
      "amont_lineage_edge_info{id=\"wh/mart.a>wh/mart.b:declared\",upstream=\"wh/mart.a\",downstream=\"wh/mart.b\","
      "provenance=\"declared\"} 1\n"
      "amont_lineage_edge_info{id=\"wh/mart.a>wh/mart.b:dbt\",upstream=\"wh/mart.a\",downstream=\"wh/mart.b\","
      "provenance=\"dbt\"} 1\n");
}

TEST(LineageFamilies, AreLeftOutWhereNoDashboardCouldShowThem) {
  GraphBuilder builder;
  for (size_t i = 0; i <= kLineageEdgesShown; ++i) builder.Add(EdgeOf("a" + std::to_string(i), "b"));
  EXPECT_EQ(LineageFamilies(builder.Build(), {TableName{"wh", "mart", "b"}}, {}, {}), "");
}

TEST(LineageFamilies, TellTheOldestDataAlongTrustedEdges) {
  GraphBuilder builder;
  builder.Add(EdgeOf("raw", "mart"));
  Edge event = EdgeOf("older", "mart");
  event.provenance = Provenance::kOpenLineage;
  builder.Add(event);
  const LineageGraph graph = builder.Build();
  const TableName mart{"wh", "mart", "mart"};
  const TableTimes updated = {{mart, Timestamp(std::chrono::seconds(3'000))},
                              {{"wh", "mart", "raw"}, Timestamp(std::chrono::seconds(2'000))},
                              {{"wh", "mart", "older"}, Timestamp(std::chrono::seconds(1'000))}};
  const std::string sample =
      "amont_table_effective_update_timestamp_seconds{source=\"wh\",table=\"mart.mart\"} ";
  EXPECT_NE(LineageFamilies(graph, {mart}, updated, EdgeFilter::Trusting({})).find(sample + "2000\n"),
            std::string::npos);
  EXPECT_NE(LineageFamilies(graph, {mart}, updated, {}).find(sample + "1000\n"), std::string::npos);
  EXPECT_EQ(LineageFamilies(graph, {mart}, {}, {}).find(sample), std::string::npos);
}

}  // namespace
}  // namespace amont
