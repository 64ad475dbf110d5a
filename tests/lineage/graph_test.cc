#include "lineage/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/lineage/graphs.h"

namespace amont {
namespace {

using testing::At;
using testing::EdgeNamed;
using testing::EdgesNamed;
using ::testing::ElementsAre;
using testing::GraphNamed;
using ::testing::IsEmpty;
using testing::NodeNamed;

// Every edge, one a line, with how it is known.
std::vector<std::string> Lines(const LineageGraph& graph) {
  std::vector<std::string> lines;
  for (const GraphEdge& edge : graph.edges()) {
    std::string line = testing::ShortText(graph, edge.upstream) + " " + std::string(Word(edge.kind)) + " " +
                       testing::ShortText(graph, edge.downstream) + " " + std::string(Word(edge.provenance));
    if (edge.origin != 0 || !graph.OriginText(0).empty())
      line += "@" + std::string(graph.OriginText(edge.origin));
    if (edge.job != kNoNode) line += " in " + graph.TextOf(edge.job);
    if (edge.stated) line += " stated";
    if (edge.derived) line += " derived";
    lines.push_back(line);
  }
  return lines;
}

TEST(LineageGraph, WithoutAnythingHasNoNodes) {
  const LineageGraph graph = GraphBuilder().Build();
  EXPECT_EQ(graph.node_count(), 0u);
  EXPECT_EQ(graph.edge_count(), 0u);
  EXPECT_FALSE(graph.Find(NodeName::Of({"wh", "raw", "a"})).has_value());
  EXPECT_EQ(LineageGraph().Find(Port{NodeName::Of({"wh", "raw", "a"}), "x"}), std::nullopt);
}

TEST(LineageGraph, EdgesOfColumnsImplyThoseOfTheirTables) {
  const LineageGraph graph = GraphNamed("raw.a.x -> mart.b.y by sql\nraw.a.z -> mart.b.y by sql\n");
  EXPECT_THAT(Lines(graph),
              ElementsAre("raw.a direct mart.b sql derived", "raw.a.x direct mart.b.y sql stated",
                          "raw.a.z direct mart.b.y sql stated"));
  EXPECT_EQ(graph.node_count(), 5u);
  EXPECT_EQ(graph.stated_edges()[static_cast<size_t>(Provenance::kSql)], 2u);
}

TEST(LineageGraph, AnEdgeStatedAndDerivedIsOne) {
  const LineageGraph graph =
      GraphNamed("raw.a.x -> mart.b.y by sql\nraw.a -> mart.b by sql\nraw.a -> mart.b by dbt\n");
  EXPECT_THAT(Lines(graph),
              ElementsAre("raw.a direct mart.b dbt stated", "raw.a direct mart.b sql stated derived",
                          "raw.a.x direct mart.b.y sql stated"));
}

TEST(LineageGraph, FindsNodesByName) {
  const LineageGraph graph = GraphNamed("raw.a.x -> mart.b.y\nmart.b -> dashboard:Revenue in job:etl/load\n");
  for (const char* name : {"raw.a", "raw.a.x", "mart.b", "mart.b.y", "dashboard:Revenue", "job:etl/load"}) {
    EXPECT_EQ(testing::ShortText(graph, NodeNamed(graph, name)), name);
  }
  EXPECT_FALSE(graph.Find(testing::PortNamed("raw.a.y")).has_value());
  EXPECT_FALSE(graph.Find(testing::PortNamed("raw.c")).has_value());
  const auto columns = graph.ColumnsOf(NodeNamed(graph, "mart.b"));
  EXPECT_EQ(columns.second - columns.first, 1u);
  EXPECT_EQ(graph.TableOf(columns.first), NodeNamed(graph, "mart.b"));
}

TEST(LineageGraph, AJobIsANodeAndNoEndOfWhatItMoves) {
  const LineageGraph graph =
      GraphNamed("raw.a -> mart.b in job:etl/load\nraw.a -> mart.c in job:etl/load\nraw.d -> job:etl/load\n");
  const NodeId job = NodeNamed(graph, "job:etl/load");
  EXPECT_EQ(graph.EdgesOfJob(job).size(), 3u);
  EXPECT_EQ(graph.Entering(job).size(), 1u);
  EXPECT_EQ(graph.Leaving(job).first, graph.Leaving(job).second);
}

TEST(LineageGraph, HasOneEdgeOfEachIdentity) {
  GraphBuilder builder;
  Edge edge = EdgeNamed("raw.a -> mart.b by sql@x sure 0.5");
  edge.first_seen = edge.last_seen = At(3);
  builder.Add(edge);
  edge.first_seen = edge.last_seen = At(1);
  edge.confidence = 1;
  builder.Add(edge);
  edge.origin = "y";
  builder.Add(edge);
  const LineageGraph graph = builder.Build();
  ASSERT_EQ(graph.edge_count(), 2u);
  EXPECT_EQ(graph.edge(0).first_seen, At(1));
  EXPECT_EQ(graph.edge(0).last_seen, At(3));
  EXPECT_EQ(graph.edge(0).confidence, 0.5F);
}

TEST(LineageGraph, HoldsWhatHeldWhenAsked) {
  const auto at = [](std::optional<Timestamp> as_of) {
    GraphBuilder builder;
    Edge edge = EdgeNamed("raw.a -> mart.b by dbt@m");
    edge.first_seen = edge.last_seen = At(10);
    edge.ended = At(20);
    builder.Add(edge);
    edge = EdgeNamed("raw.a -> mart.c by openlineage@air");
    edge.first_seen = edge.last_seen = At(10);
    builder.Add(edge);
    GraphOptions options;
    options.as_of = as_of;
    options.expiry.openlineage = std::chrono::days(5);
    const LineageGraph graph = builder.Build(options);
    std::string text;
    for (NodeId id = 0; id < graph.node_count(); ++id) text += testing::ShortText(graph, id) + " ";
    return text;
  };
  EXPECT_EQ(at(std::nullopt), "mart.c raw.a ");
  EXPECT_EQ(at(At(9)), "");
  EXPECT_EQ(at(At(10)), "mart.b mart.c raw.a ");
  EXPECT_EQ(at(At(15)), "mart.b raw.a ");  // OpenLineage unseen for five days
  EXPECT_EQ(at(At(20)), "");
}

TEST(LineageGraph, ACompleteReadingEndsWhatItNoLongerSays) {
  Extract first{Provenance::kDbt, "manifest", At(1), true, {}, EdgesNamed("raw.a -> mart.b"), {}, {}, {}};
  Extract second{Provenance::kDbt, "manifest", At(2), true, {}, EdgesNamed("raw.c -> mart.b"), {}, {}, {}};
  Extract other{Provenance::kDbt, "another", At(2), true, {}, {}, {}, {}, {}};
  first.nodes.push_back({NodeName::Of({"wh", "raw", "a"}), "source", {}, {}, {}, {}, {}, {}});
  for (Extract* extract : {&first, &second}) {
    for (Edge& edge : extract->edges) edge.first_seen = edge.last_seen = Timestamp();
  }
  std::vector<const Extract*> all = {&first, &second, &other};
  std::sort(all.begin(), all.end());
  do {
    GraphBuilder builder;
    for (const Extract* extract : all) builder.Add(*extract);
    EXPECT_THAT(Lines(builder.Build()), ElementsAre("raw.c direct mart.b dbt@manifest stated"));
    for (const Extract* extract : all) builder.Add(*extract);
    EXPECT_EQ(builder.Build({At(1), {}}).node_count(), 2u);
  } while (std::next_permutation(all.begin(), all.end()));
}

TEST(LineageGraph, ADroppedTableLosesTheEdgesOfThatProvenance) {
  GraphBuilder builder;
  for (const Edge& edge : EdgesNamed("raw.a -> mart.b by sql@x\nraw.a -> mart.b by dbt@m\n"))
    builder.Add(edge);
  builder.Add(
      Extract{Provenance::kSql, "y", At(5), false, {}, {}, {NodeName::Of({"wh", "mart", "b"})}, {}, {}});
  EXPECT_THAT(Lines(builder.Build()), ElementsAre("raw.a direct mart.b dbt@m stated"));
}

TEST(LineageGraph, ARenamedTableKeepsItsEdges) {
  const Rename to_tmp{NodeName::Of({"wh", "mart", "b"}), NodeName::Of({"wh", "mart", "c"})};
  const Rename to_end{NodeName::Of({"wh", "mart", "c"}), NodeName::Of({"wh", "mart", "d"})};
  GraphBuilder builder;
  builder.Add(Extract{Provenance::kSql, "z", At(7), false, {}, {}, {}, {to_end}, {}});
  builder.Add(Extract{Provenance::kSql, "y", At(5), false, {}, {}, {}, {to_tmp}, {}});
  for (const Edge& edge : EdgesNamed("raw.a.x -> mart.b.y by sql@x\n")) builder.Add(edge);
  EXPECT_THAT(Lines(builder.Build()),
              ElementsAre("raw.a direct mart.d sql@x derived", "raw.a.x direct mart.d.y sql@x stated"));
}

TEST(LineageGraph, TwoTablesThatSwapNamesSwapEdges) {
  const NodeName b = NodeName::Of({"wh", "mart", "b"});
  const NodeName c = NodeName::Of({"wh", "mart", "c"});
  GraphBuilder builder;
  builder.Add(Extract{Provenance::kSql, "y", At(5), false, {}, {}, {}, {{b, c}, {c, b}}, {}});
  for (const Edge& edge : EdgesNamed("raw.one -> mart.b by sql@x\nraw.two -> mart.c by sql@x\n"))
    builder.Add(edge);
  EXPECT_THAT(Lines(builder.Build()),
              ElementsAre("raw.one direct mart.c sql@x stated", "raw.two direct mart.b sql@x stated"));
}

TEST(LineageGraph, KeepsFactsOfEverySource) {
  const NodeName name = NodeName::Of({"wh", "mart", "b"});
  GraphBuilder builder;
  builder.Add(Extract{Provenance::kSql,
                      "s",
                      At(3),
                      false,
                      {{name, "table", "sql-owner", "from sql", "", {"t"}, {}, {{"y", ""}}}},
                      {},
                      {},
                      {},
                      {}});
  builder.Add(
      Extract{Provenance::kDbt,
              "m",
              At(1),
              true,
              {{name, "model", "dbt-owner", "", "", {"u", "t"}, {"not_null"}, {{"x", "int"}, {"y", "text"}}}},
              {},
              {},
              {},
              {}});
  builder.Add(Extract{
      Provenance::kDeclared, "f", At(2), true, {{name, "", "finance", "", "", {}, {}, {}}}, {}, {}, {}, {}});
  const LineageGraph graph = builder.Build();
  const NodeId id = NodeNamed(graph, "mart.b");
  EXPECT_EQ(graph.FactsOf(id).size(), 3u);
  const NodeFacts shown = graph.Shown(id);
  EXPECT_EQ(shown.owner, "finance");
  EXPECT_EQ(graph.OwnerOf(id), "finance");
  EXPECT_EQ(graph.OwnerOf(NodeNamed(graph, "mart.b.x")), "finance");
  EXPECT_EQ(shown.form, "model");
  EXPECT_EQ(shown.description, "from sql");
  EXPECT_THAT(shown.tags, ElementsAre("u", "t"));
  EXPECT_THAT(shown.columns, ElementsAre(NodeColumn{"x", "int"}, NodeColumn{"y", "text"}));
}

TEST(LineageGraph, AnOldersFactsFillInForWhatTheNewerDoesNotSay) {
  const NodeName name = NodeName::Of({"wh", "mart", "b"});
  const Extract older{Provenance::kOpenLineage,
                      "air",
                      At(1),
                      false,
                      {{name, "", "old", "text", "", {}, {}, {}}},
                      {},
                      {},
                      {},
                      {}};
  const Extract newer{
      Provenance::kOpenLineage, "air", At(2), false, {{name, "", "new", "", "", {}, {}, {}}}, {}, {}, {}, {}};
  for (const bool swapped : {false, true}) {
    GraphBuilder builder;
    builder.Add(swapped ? newer : older);
    builder.Add(swapped ? older : newer);
    const LineageGraph graph = builder.Build();
    ASSERT_EQ(graph.node_count(), 1u);
    EXPECT_EQ(graph.Shown(0).owner, "new");
    EXPECT_EQ(graph.Shown(0).description, "text");
  }
}

TEST(LineageGraph, ANodeNamedAndNothingElseIsThere) {
  GraphBuilder builder;
  builder.Add(Extract{Provenance::kCatalog,
                      "wh",
                      At(1),
                      true,
                      {{NodeName::Of({"wh", "a", "b"}), {}, {}, {}, {}, {}, {}, {}}},
                      {},
                      {},
                      {},
                      {}});
  EXPECT_EQ(builder.Build().node_count(), 1u);
}

TEST(LineageGraph, DoesNotDependOnTheOrderOfBuilding) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Edge> edges;
    const auto port = [&] {
      const std::string table = "s.t" + std::to_string(random() % 6);
      return testing::PortNamed(random() % 2 == 0 ? table : table + ".c" + std::to_string(random() % 3));
    };
    for (int i = 0; i < 40; ++i) {
      Edge edge{port(),
                port(),
                static_cast<EdgeKind>(random() % 3),
                static_cast<Provenance>(random() % 5),
                "o" + std::to_string(random() % 2),
                std::nullopt,
                static_cast<float>(random() % 4) / 4,
                At(static_cast<int>(random() % 10)),
                {},
                {}};
      edge.last_seen = edge.first_seen + std::chrono::days(random() % 10);
      if (random() % 3 == 0) edge.ended = At(static_cast<int>(random() % 20));
      if (random() % 3 == 0) edge.job = NodeName::Job("j", std::to_string(random() % 3));
      edges.push_back(edge);
    }
    const auto build = [&] {
      GraphBuilder builder;
      for (const Edge& edge : edges) builder.Add(edge);
      return builder.Build({At(8), {}});
    };
    const LineageGraph one = build();
    std::shuffle(edges.begin(), edges.end(), random);
    const LineageGraph two = build();
    EXPECT_EQ(Lines(one), Lines(two));
    for (EdgeId id = 0; id < one.edge_count(); ++id) {
      EXPECT_EQ(one.edge(id).first_seen, two.edge(id).first_seen);
      EXPECT_EQ(one.edge(id).last_seen, two.edge(id).last_seen);
      EXPECT_EQ(one.edge(id).confidence, two.edge(id).confidence);
      EXPECT_EQ(one.edge(id).ended, two.edge(id).ended);
    }
  }
}

}  // namespace
}  // namespace amont
