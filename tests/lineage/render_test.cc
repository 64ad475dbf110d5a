#include "lineage/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <regex>
#include <set>

#include "core/unicode.h"
#include "tests/lineage/graphs.h"
#include "tests/testing/corpus.h"
#include "tests/testing/json_tree.h"

namespace amont {
namespace {

using testing::GraphNamed;
using testing::NodeNamed;

std::string Render(const std::string& form, const LineageGraph& graph, const Drawing& drawing,
                   const NodeMarks& marks) {
  if (form == "tree") return RenderTree(graph, drawing, marks);
  if (form == "json") return RenderJson(graph, drawing, marks);
  if (form == "dot") return RenderDot(graph, drawing, marks);
  if (form == "mermaid") return RenderMermaid(graph, drawing, marks);
  return RenderGrafana(graph, drawing, marks);
}

// "FORM START [up|down|both] [depth N] [max N] [fail NAME]", or "path FORM FROM TO", then edges a line.
std::string Answer(const std::string& input) {
  std::istringstream lines(input);
  std::string first;
  std::getline(lines, first);
  const LineageGraph graph = GraphNamed(input.substr(first.size() + 1));
  std::istringstream words(first);
  std::string form, start, word;
  words >> form;
  if (form == "path") {
    std::string to;
    words >> form >> start >> to;
    const auto path = FindPath(graph, NodeNamed(graph, start), NodeNamed(graph, to));
    return path.empty() ? "none\n" : Render(form, graph, DrawPath(graph, path), {});
  }
  words >> start;
  std::vector<Direction> directions = {Direction::kDownstream, Direction::kUpstream};
  TraceOptions options;
  NodeMarks marks;
  size_t nodes_max = 100;
  while (words >> word) {
    if (word == "up") directions = {Direction::kUpstream};
    if (word == "down") directions = {Direction::kDownstream};
    if (word == "depth") words >> options.depth;
    if (word == "max") words >> nodes_max;
    if (word == "fail" && words >> word) marks[NodeNamed(graph, word)] = {"fail", NodeColour::kRed};
  }
  std::vector<Trace> traces;
  for (const Direction direction : directions) {
    traces.push_back(TraceFrom(graph, NodeNamed(graph, start), direction, options));
  }
  return Render(form, graph, Draw(graph, traces, options.filter, nodes_max), marks);
}

TEST(Render, DrawsWhatWasTraced) {
  testing::CheckCorpus("lineage", [](const testing::CorpusCase& one) { return Answer(one.input); });
}

TEST(Render, SaysImpactAndCauseAsJson) {
  const LineageGraph graph = GraphNamed("r.a.x -> m.b.y in job:j/x\nm.b -> dashboard:Revenue\nm.b -> r.a\n");
  const auto impact = testing::ParseJson(RenderJson(graph, ImpactOf(graph, NodeNamed(graph, "r.a"))));
  ASSERT_TRUE(impact.has_value());
  EXPECT_EQ((*impact)["tables"]["count"].text, "1");
  EXPECT_EQ((*impact)["exposures"]["list"].items.at(0)["name"].text, "dashboard:Revenue");
  EXPECT_EQ((*impact)["jobs"]["list"].items.at(0)["name"].text, "job:j/x");
  const std::vector<Failing> failing = {{NodeNamed(graph, "r.a"), testing::At(0)},
                                        {NodeNamed(graph, "m.b"), testing::At(1)}};
  const auto cause =
      testing::ParseJson(RenderJson(graph, CauseOf(graph, NodeNamed(graph, "dashboard:Revenue"), failing)));
  ASSERT_TRUE(cause.has_value());
  EXPECT_EQ((*cause)["roots"].items.at(0)["name"].text, "wh/r.a");
  EXPECT_EQ((*cause)["roots"].items.at(0)["cycle"].items.at(0).text, "wh/m.b");
}

// ---------- Names that try to get out

const char* const kEvil[] = {"a\"b",
                             "a\\",
                             "\"]; evil -> n0; [\"",
                             "%%{init: {}}%%",
                             "</script>",
                             "line\nbreak",
                             "back`tick",
                             "end",
                             "#quot;",
                             "\xff\xfe",
                             "\\N\\G",
                             "{{}}",
                             "a|b|c",
                             "\xe2\x80\xae rtl",
                             "'; DROP",
                             "n0",
                             "a --> b",
                             "&lt;",
                             "tab\there",
                             "((x))"};

LineageGraph EvilGraph() {
  GraphBuilder builder;
  NodeName before = NodeName::Of({"wh", "s", "start"});
  for (const char* name : kEvil) {
    for (const NodeName& node :
         {NodeName::Of({name, name, name}), NodeName::Exposure(name, name), NodeName::Job(name, name)}) {
      Edge edge;
      edge.upstream.node = before;
      edge.downstream.node = node;
      builder.Add(edge);
      if (node.IsTable()) {
        edge.upstream.column = edge.downstream.column = name;
        builder.Add(edge);
      }
    }
    before = NodeName::Of({name, name, name});
  }
  return builder.Build();
}

Drawing DrawAll(const LineageGraph& graph, NodeId start, size_t nodes_max = 10'000) {
  TraceOptions options;
  options.limit = 100'000;
  const std::vector<Trace> traces = {Downstream(graph, start, options), Upstream(graph, start, options)};
  return Draw(graph, traces, options.filter, nodes_max);
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(RenderAdversarial, DotStaysDot) {
  const LineageGraph graph = EvilGraph();
  const std::regex statement(
      R"re(digraph lineage \{|\}|  rankdir=LR;|  node \[[^"]*\];|  n\d+( -> n\d+)? \[label="([^"\\]|\\["\\])*"[a-z=, 0-9]*\];)re");
  for (const std::string& line : LinesOf(RenderDot(graph, DrawAll(graph, NodeNamed(graph, "s.start"))))) {
    EXPECT_TRUE(std::regex_match(line, statement)) << line;
  }
}

TEST(RenderAdversarial, MermaidStaysMermaid) {
  const LineageGraph graph = EvilGraph();
  const std::string label = R"re("([^"`<>%{}|\\&;#]|#\d+;)*")re";
  const std::regex statement("flowchart LR|  n\\d+(\\[" + label + "\\]|\\(\\[" + label + "\\]\\)|\\{\\{" +
                             label + "\\}\\})|  n\\d+ (-->|-\\.->|-\\.-)\\|" + label + "\\| n\\d+");
  for (const std::string& line : LinesOf(RenderMermaid(graph, DrawAll(graph, NodeNamed(graph, "s.start"))))) {
    EXPECT_TRUE(std::regex_match(line, statement)) << line;
  }
}

TEST(RenderAdversarial, TreesAreOneLineANode) {
  const LineageGraph graph = EvilGraph();
  const Drawing drawing = DrawAll(graph, NodeNamed(graph, "s.start"));
  const std::string tree = RenderTree(graph, drawing);
  EXPECT_EQ(LinesOf(tree).size(), drawing.nodes.size() + 1);
  EXPECT_EQ(RepairUtf8(tree), tree);
}

// Every edge's ends are nodes, ids are unique, and there are at most as many as a panel bears.
void ExpectClosed(const std::string& text) {
  const auto json = testing::ParseJson(text);
  ASSERT_TRUE(json.has_value()) << text.substr(0, 500);
  std::set<std::string> ids, edge_ids;
  for (const auto& node : (*json)["nodes"].items)
    EXPECT_TRUE(ids.insert(node["id"].text).second) << node["id"].text;
  EXPECT_LE(ids.size(), kGrafanaNodesMax);
  for (const auto& edge : (*json)["edges"].items) {
    EXPECT_TRUE(ids.contains(edge["source"].text)) << edge["source"].text;
    EXPECT_TRUE(ids.contains(edge["target"].text)) << edge["target"].text;
    EXPECT_TRUE(edge_ids.insert(edge["id"].text).second) << edge["id"].text;
  }
}

TEST(RenderAdversarial, GrafanaAndJsonStayWellFormed) {
  const LineageGraph graph = EvilGraph();
  for (NodeId node = 0; node < graph.node_count(); ++node) {
    const Drawing drawing = DrawAll(graph, node);
    ExpectClosed(RenderGrafana(graph, drawing));
    EXPECT_TRUE(testing::ParseJson(RenderJson(graph, drawing)).has_value());
  }
}

TEST(RenderProperty, GrafanaIsAlwaysClosed) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    GraphBuilder builder;
    const auto port = [&] {
      const std::string table = "s.t" + std::to_string(random() % 8);
      return testing::PortNamed(random() % 2 == 0 ? table : table + ".c" + std::to_string(random() % 3));
    };
    for (int i = 0; i < 30; ++i) {
      Edge edge;
      edge.upstream = port();
      edge.downstream = port();
      edge.kind = static_cast<EdgeKind>(random() % 3);
      edge.provenance = static_cast<Provenance>(random() % 5);
      builder.Add(edge);
    }
    const LineageGraph graph = builder.Build();
    for (NodeId node = 0; node < graph.node_count(); ++node) {
      const Drawing drawing = DrawAll(graph, node, 1 + random() % 12);
      ExpectClosed(RenderGrafana(graph, drawing));
      // Whatever is drawn was reached: no node but the start stands alone.
      std::set<NodeId> linked = {drawing.start};
      for (const DrawnLink& link : drawing.links) linked.insert({link.upstream, link.downstream});
      for (const Reached& at : drawing.nodes) EXPECT_TRUE(linked.contains(at.node)) << seed;
    }
  }
}

TEST(RenderProperty, GrafanaShowsAtMostWhatAPanelBears) {
  GraphBuilder builder;
  for (int i = 0; i < 3'000; ++i) builder.Add(testing::EdgeNamed("s.a -> s.t" + std::to_string(i)));
  const LineageGraph graph = builder.Build();
  const Drawing drawing = DrawAll(graph, NodeNamed(graph, "s.a"));
  EXPECT_EQ(drawing.nodes.size(), 3'001u);
  ExpectClosed(RenderGrafana(graph, drawing));
}

}  // namespace
}  // namespace amont
