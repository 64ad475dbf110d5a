#include "lineage/catalog/catalog_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "lineage/catalog/node_tree.h"
#include "lineage/graph_builder.h"
#include "lineage/trace.h"
#include "tests/lineage/catalog/server_catalog.h"
#include "tests/testing/corpus.h"
#include "tests/testing/postgres.h"

namespace amont {
namespace {

const Timestamp kAt = Timestamp(std::chrono::days(20'000));

std::string Short(const Port& port) {
  const std::string text = port.Text();
  return text.starts_with("wh/") ? text.substr(3) : text;
}

std::string List(const std::vector<Port>& ports) {
  std::string text;
  for (const Port& port : ports) text += (text.empty() ? "" : " ") + Short(port);
  return text;
}

// Each view with its columns and what they come of, then hints and warnings.
std::string Describe(const CatalogReading& reading) {
  std::string text;
  for (const CatalogView& view : reading.views()) {
    text += Short({view.name, {}}) + "\n";
    for (const auto& column : view.columns) {
      text += "  " + column.name + " <- " + List(column.direct);
      if (!column.indirect.empty()) text += " | " + List(column.indirect);
      if (column.origin) text += " (is " + Short(*column.origin) + ")";
      text += "\n";
    }
    text += "  rows <- " + List(view.rows) + "\n";
    for (const Port& port : view.referenced) {
      const auto has = [&](const std::vector<Port>& list) {
        return std::find(list.begin(), list.end(), port) != list.end();
      };
      const bool flows =
          has(view.rows) || std::any_of(view.columns.begin(), view.columns.end(), [&](const auto& column) {
            return has(column.direct) || has(column.indirect);
          });
      if (!flows) text += "  unused " + Short(port) + "\n";
    }
  }
  const Extract extract = reading.ToExtract(kAt);
  for (const Edge& edge : extract.edges) {
    if (edge.kind == EdgeKind::kHint)
      text += "hint " + Short(edge.upstream) + " -> " + Short(edge.downstream) + "\n";
  }
  for (const std::string& warning : extract.warnings) text += "warning " + warning + "\n";
  for (size_t at; (at = text.find(" \n")) != std::string::npos;) text.erase(at, 1);
  return text;
}

TEST(CatalogReading, SaysWhatViewsComeOf) {
  AMONT_NEEDS_POSTGRES();
  testing::CheckCorpus("catalog", [](const testing::CorpusCase& a_case) {
    const std::string url = testing::PostgresServer::Get().CreateDatabase();
    testing::ExecuteSql(url, a_case.input);
    return Describe(testing::ReadServer(url));
  });
}

TEST(CatalogReading, IsACompleteExtract) {
  AMONT_NEEDS_POSTGRES();
  const std::string url = testing::PostgresServer::Get().CreateDatabase();
  testing::ExecuteSql(url,
                      "CREATE TABLE t (id int PRIMARY KEY, v text); COMMENT ON TABLE t IS 'what it is';"
                      "CREATE TABLE u (id int REFERENCES t);"
                      "CREATE MATERIALIZED VIEW m AS SELECT v, count(*) n FROM t GROUP BY v;"
                      "CREATE VIEW w AS SELECT m.n FROM m, u");
  const Extract extract = testing::ReadServer(url).ToExtract(kAt);
  EXPECT_TRUE(extract.complete);
  EXPECT_EQ(extract.provenance, Provenance::kCatalog);
  EXPECT_EQ(extract.origin, "wh");
  GraphBuilder builder;
  builder.Add(extract);
  const LineageGraph graph = builder.Build();
  const auto table = graph.Find(NodeName::Of({"wh", "public", "t"}));
  const auto other = graph.Find(NodeName::Of({"wh", "public", "u"}));
  const auto view = graph.Find(NodeName::Of({"wh", "public", "w"}));
  const auto column = graph.Find(Port{NodeName::Of({"wh", "public", "w"}), "n"});
  ASSERT_TRUE(table && other && view && column);
  EXPECT_EQ(graph.Shown(*table).description, "what it is");
  EXPECT_EQ(graph.Shown(*table).columns, (std::vector<NodeColumn>{{"id", "integer"}, {"v", "text"}}));
  EXPECT_EQ(graph.Shown(*view).form, "view");
  EXPECT_EQ(FindPath(graph, *table, *view).size(), 3u);
  EXPECT_EQ(FindPath(graph, *other, *view).size(), 2u);  // read without a column of it
  EXPECT_TRUE(FindPath(graph, *table, *other).empty());  // a foreign key is a hint
  EXPECT_EQ(Upstream(graph, *column).nodes.size(), 4u);
}

TEST(CatalogReading, LongExpressionsAreReadOrSaidNotToBe) {
  AMONT_NEEDS_POSTGRES();
  const std::string url = testing::PostgresServer::Get().CreateDatabase();
  const auto chain = [](int length) {
    std::string text = "x";
    for (int i = 0; i < length; ++i) text += " || 'a'";
    return text;
  };
  testing::ExecuteSql(url, "CREATE TABLE t (x text); CREATE VIEW long AS SELECT " + chain(1'000) +
                               " AS y FROM t; CREATE VIEW longer AS SELECT " + chain(1'900) + " AS y FROM t");
  const CatalogReading reading = testing::ReadServer(url);
  ASSERT_EQ(reading.views().size(), 2u);
  EXPECT_TRUE(reading.views()[0].understood);
  EXPECT_EQ(List(reading.views()[0].columns.at(0).direct), "public.t.x");
  EXPECT_FALSE(reading.views()[1].understood);
  EXPECT_EQ(List(reading.views()[1].referenced), "public.t.x");
  EXPECT_EQ(reading.ToExtract(kAt).warnings.size(), 1u);
}

TEST(CatalogReading, RefusesRowsOfAnotherShape) {
  CatalogReading reading("wh");
  const std::vector<std::string> cells = {"1", "2"};
  EXPECT_FALSE(reading.Add(CatalogQuestion::kColumns, cells).has_value());
}

TEST(CatalogReading, AViewThatIsNotUnderstoodHasItsRecordedColumns) {
  CatalogReading reading("wh");
  const auto add = [&](CatalogQuestion question, std::vector<std::string> cells) {
    EXPECT_TRUE(reading.Add(question, cells).has_value());
  };
  add(CatalogQuestion::kRelations, {"1", "s", "t", "r", ""});
  add(CatalogQuestion::kRelations, {"2", "s", "v", "v", ""});
  add(CatalogQuestion::kColumns, {"1", "1", "a", "text"});
  add(CatalogQuestion::kColumns, {"2", "1", "b", "text"});
  add(CatalogQuestion::kDependencies, {"relation", "2", "1", "1"});
  add(CatalogQuestion::kViews, {"2", "({QUERY :targetList ("});
  EXPECT_EQ(Describe(reading),
            "s.v\n  b <-\n  rows <-\n  unused s.t.a\n"
            "warning wh/s.v: only the tables it reads are known: not a node tree: it ends early\n");
  ASSERT_EQ(reading.ToExtract(kAt).edges.size(), 1u);
  EXPECT_EQ(reading.ToExtract(kAt).edges[0].upstream.Text(), "wh/s.t.a");
}

TEST(NodeTree, ReadsNodesListsAndTokens) {
  const auto tree = NodeTree::Parse(
      R"(({A :name my\ col :odd :colon :list (o 1 2) :none <> :text "a\"b" :value 4 [ 1 0 ] :last true} {B}))");
  ASSERT_TRUE(tree.has_value()) << tree.error().message;
  const auto node = tree->root().At(0);
  EXPECT_TRUE(node.Is("A"));
  EXPECT_EQ(node["name"].Unescaped(), "my col");
  EXPECT_EQ(node["odd"].Unescaped(), ":colon");
  EXPECT_EQ(node["list"].Items().size(), 3u);
  EXPECT_EQ(node["list"].At(2).Number(), 2);
  EXPECT_FALSE(node["none"].present());
  EXPECT_EQ(node["text"].Unescaped(), "a\"b");
  EXPECT_EQ(node["value"].Number(), 4);
  EXPECT_TRUE(node["last"].IsTrue());
  EXPECT_FALSE(node["absent"]["deeper"].At(3).present());
  EXPECT_TRUE(tree->root().At(1).Is("B"));
  EXPECT_FALSE(tree->root().At(2).present());
}

TEST(NodeTree, RefusesWhatIsNone) {
  for (const std::string& text :
       {std::string("({A :b"), std::string(")"), std::string("(})"), std::string("{A (b)}"),
        std::string("{A} {B}"), std::string(5'000, '('), std::string("{A :b \\")}) {
    EXPECT_FALSE(NodeTree::Parse(text).has_value()) << text.substr(0, 20);
  }
  EXPECT_TRUE(NodeTree::Parse("").has_value());
}

}  // namespace
}  // namespace amont
