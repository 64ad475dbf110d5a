#include "server/lineage/declared_lineage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/declare/declarations.h"
#include "lineage/graph_builder.h"
#include "lineage/trace.h"

namespace amont {
namespace {

using ::testing::ElementsAre;

const Timestamp kAt = Timestamp(std::chrono::days(20'000));

std::vector<std::shared_ptr<const Table>> Declared(const std::string& text) {
  Surroundings surroundings;
  for (const char* name : {"wh", "lake"}) surroundings.sources[name].name = name;
  surroundings.owners["finance"].name = "finance";
  const std::vector<std::shared_ptr<const SourceText>> files = {
      std::make_shared<SourceText>(SourceText{"checks/a.toml", text})};
  Diagnostics diagnostics;
  Declarations declarations = Declare(files, surroundings, diagnostics);
  EXPECT_FALSE(diagnostics.HasErrors()) << RenderText(diagnostics, false);
  return declarations.tables;
}

std::vector<std::string> Edges(const Extract& extract) {
  std::vector<std::string> lines;
  for (const Edge& edge : extract.edges)
    lines.push_back(edge.upstream.Text() + " -> " + edge.downstream.Text());
  return lines;
}

TEST(DeclaredLineage, IsWhatTablesSayOfTheirNeighbours) {
  const auto tables = Declared(R"([[table]]
name = "mart.orders"
source = "wh"
owner = "finance"
description = "One row per paid order."
tags = ["money"]
upstream = ["raw.orders", "lake/payments"]
feeds = ["dashboard:Revenue: all", "app:exam-odds", "job:reverse etl/load"]
)");
  const Extract extract = DeclaredLineage(tables, kAt, true);
  EXPECT_EQ(extract.provenance, Provenance::kDeclared);
  EXPECT_TRUE(extract.complete);
  EXPECT_TRUE(extract.warnings.empty());
  EXPECT_THAT(Edges(extract),
              ElementsAre("wh/raw.orders -> wh/mart.orders", "lake/payments -> wh/mart.orders",
                          "wh/mart.orders -> dashboard:Revenue: all", "wh/mart.orders -> app:exam-odds",
                          "wh/mart.orders -> job:reverse etl/load"));
  ASSERT_EQ(extract.nodes.size(), 1u);
  EXPECT_EQ(extract.nodes[0].owner, "finance");
  EXPECT_EQ(extract.nodes[0].description, "One row per paid order.");
  EXPECT_THAT(extract.nodes[0].tags, ElementsAre("money"));

  GraphBuilder builder;
  builder.Add(extract);
  const LineageGraph graph = builder.Build();
  const auto raw = graph.Find(NodeName::Of({"wh", "raw", "orders"}));
  ASSERT_TRUE(raw.has_value());
  EXPECT_EQ(ImpactOf(graph, *raw).exposure_count, 2u);
}

TEST(DeclaredLineage, ATableThatIsNoLongerDeclaredLosesItsEdges) {
  const auto before = Declared("[[table]]\nname = \"m.a\"\nsource = \"wh\"\nupstream = [\"r.a\"]\n");
  const auto after = Declared("[[table]]\nname = \"m.b\"\nsource = \"wh\"\nupstream = [\"r.b\"]\n");
  for (const bool complete : {true, false}) {
    GraphBuilder builder;
    builder.Add(DeclaredLineage(before, kAt, true));
    builder.Add(DeclaredLineage(after, kAt + std::chrono::hours(1), complete));
    EXPECT_EQ(builder.Build().edge_count(), complete ? 1u : 2u);
  }
}

TEST(DeclaredLineage, APatternIsNoTable) {
  Table pattern;
  pattern.is_pattern = true;
  pattern.name = {"wh", "raw", "*"};
  pattern.feeds = {"dashboard:Revenue"};
  const std::vector<std::shared_ptr<const Table>> tables = {std::make_shared<Table>(pattern)};
  const Extract extract = DeclaredLineage(tables, kAt, true);
  EXPECT_TRUE(extract.edges.empty());
  EXPECT_TRUE(extract.nodes.empty());
}

TEST(DeclaredLineage, SaysWhatItLeavesOut) {
  Table table;
  table.name = {"wh", "mart", "orders"};
  table.feeds = {"Revenue"};
  const std::vector<std::shared_ptr<const Table>> tables = {std::make_shared<Table>(table)};
  const Extract extract = DeclaredLineage(tables, kAt, true);
  EXPECT_TRUE(extract.edges.empty());
  EXPECT_EQ(extract.warnings.size(), 1u);
}

}  // namespace
}  // namespace amont
