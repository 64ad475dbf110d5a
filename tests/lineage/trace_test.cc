#include "lineage/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/lineage/graphs.h"

namespace amont {
namespace {

using testing::At;
using ::testing::ElementsAre;
using testing::GraphNamed;
using ::testing::IsEmpty;
using testing::NodeNamed;
using testing::ShortText;

// "2 mart.b", with "?" behind what only an edge between tables tells.
std::vector<std::string> Lines(const LineageGraph& graph, const std::vector<Reached>& nodes) {
  std::vector<std::string> lines;
  for (const Reached& at : nodes) {
    lines.push_back(std::to_string(at.hops) + " " + ShortText(graph, at.node) + (at.fallback ? " ?" : ""));
  }
  return lines;
}

std::vector<std::string> Up(const LineageGraph& graph, const std::string& start,
                            const TraceOptions& options = {}) {
  return Lines(graph, Upstream(graph, NodeNamed(graph, start), options).nodes);
}
std::vector<std::string> Down(const LineageGraph& graph, const std::string& start,
                              const TraceOptions& options = {}) {
  return Lines(graph, Downstream(graph, NodeNamed(graph, start), options).nodes);
}

TEST(Trace, GoesBothWaysHopByHop) {
  const LineageGraph graph = GraphNamed("r.a -> m.b\nr.c -> m.b\nm.b -> m.d\nm.d -> dashboard:Revenue\n");
  EXPECT_THAT(Up(graph, "m.d"), ElementsAre("1 m.b", "2 r.a", "2 r.c"));
  EXPECT_THAT(Down(graph, "r.a"), ElementsAre("1 m.b", "2 m.d", "3 dashboard:Revenue"));
  EXPECT_THAT(Up(graph, "r.a"), IsEmpty());
}

TEST(Trace, FollowsColumns) {
  const LineageGraph graph =
      GraphNamed("r.a.x -> m.b.x\nr.a.y -> m.b.y\nm.b.x -> m.c.x\nm.b.y -> m.d.y\nr.a.z => m.b\n");
  EXPECT_THAT(Down(graph, "r.a.x"), ElementsAre("1 m.b.x", "2 m.c.x"));
  EXPECT_THAT(Up(graph, "m.c.x"), ElementsAre("1 m.b.x", "2 r.a.x", "2 r.a.z"));
  // What decides which rows there are affects every column.
  EXPECT_THAT(Down(graph, "r.a.z"), ElementsAre("1 m.b", "2 m.c.x", "2 m.d.y"));
  TraceOptions direct;
  direct.filter.indirect = false;
  EXPECT_THAT(Up(graph, "m.c.x", direct), ElementsAre("1 m.b.x", "2 r.a.x"));
}

TEST(Trace, SaysWhereOnlyAnEdgeBetweenTablesIsKnown) {
  const LineageGraph graph =
      GraphNamed("r.a.x -> m.b.x by sql\nr.a -> m.b by dbt\nm.b -> m.c by dbt\nm.c.y -> m.d.y\n");
  // dbt repeats what sql knows by columns: no fallback there.
  EXPECT_THAT(Down(graph, "r.a.x"), ElementsAre("1 m.b.x", "2 m.c ?", "3 m.d.y ?"));
  EXPECT_THAT(Up(graph, "m.d.y"), ElementsAre("1 m.c.y", "2 m.b ?", "3 r.a.x ?"));
  TraceOptions no_sql;
  no_sql.filter = EdgeFilter::Trusting({});
  EXPECT_THAT(Down(graph, "r.a.x", no_sql), ElementsAre("1 m.b ?", "2 m.c ?", "3 m.d.y ?"));
}

TEST(Trace, RowCountsOfATableSayNothingOfOneColumn) {
  const LineageGraph graph = GraphNamed("r.a => m.b.count\nr.a -> m.b.row\nr.a.x -> m.b.x\n");
  EXPECT_THAT(Down(graph, "r.a.x"), ElementsAre("1 m.b.row", "1 m.b.x"));
  EXPECT_THAT(Up(graph, "m.b.count"), ElementsAre("1 r.a"));
}

TEST(Trace, NeverFollowsHints) {
  const LineageGraph graph = GraphNamed("r.a ~> m.b\nr.a.x ~> m.b.y\n");
  EXPECT_THAT(Down(graph, "r.a"), IsEmpty());
  EXPECT_THAT(Down(graph, "r.a.x"), IsEmpty());
  EXPECT_THAT(FindPath(graph, NodeNamed(graph, "r.a"), NodeNamed(graph, "m.b")), IsEmpty());
}

TEST(Trace, CountsOnlyEdgesThatAreTrusted) {
  const LineageGraph graph =
      GraphNamed("r.a -> m.b by openlineage@x\nr.a -> m.c by sql@y\nr.a -> m.d by dbt@z\n");
  const std::vector<Provenance> trust = {Provenance::kSql};
  TraceOptions options;
  options.filter = EdgeFilter::Trusting(trust);
  EXPECT_THAT(Down(graph, "r.a", options), ElementsAre("1 m.c", "1 m.d"));
}

TEST(Trace, EndsAtJobs) {
  const LineageGraph graph =
      GraphNamed("r.a -> m.b in job:j/x\nr.a -> m.c in job:j/x\nm.b -> job:j/x\njob:j/x -> m.c\n");
  EXPECT_THAT(Down(graph, "m.b"), ElementsAre("1 job:j/x"));
  EXPECT_THAT(Up(graph, "m.c"), ElementsAre("1 r.a", "1 job:j/x"));
  EXPECT_THAT(Down(graph, "job:j/x"), ElementsAre("1 m.b", "1 m.c"));
  EXPECT_THAT(Up(graph, "job:j/x"), ElementsAre("1 m.b", "1 r.a"));
}

TEST(Trace, CyclesAndSelfLoopsAreHarmless) {
  const LineageGraph graph = GraphNamed("a.a -> a.b\na.b -> a.c\na.c -> a.a\na.b -> a.b\na.b.x -> a.b.x\n");
  EXPECT_THAT(Down(graph, "a.a"), ElementsAre("1 a.b", "2 a.c"));
  EXPECT_THAT(Up(graph, "a.a"), ElementsAre("1 a.c", "2 a.b"));
  EXPECT_THAT(Down(graph, "a.b.x"), ElementsAre("1 a.c ?", "2 a.a ?", "3 a.b ?"));
}

TEST(Trace, SaysThatItWasCut) {
  std::string text;
  for (int i = 0; i < 10; ++i)
    text += "r.a -> m.b" + std::to_string(i) + "\nm.b" + std::to_string(i) + " -> m.c\n";
  const LineageGraph graph = GraphNamed(text + "m.c -> m.d\n");
  const NodeId start = NodeNamed(graph, "r.a");
  EXPECT_FALSE(Downstream(graph, start).cut.any());
  TraceOptions options;
  options.depth = 1;
  EXPECT_EQ(Downstream(graph, start, options).cut.beyond_depth, 1u);
  options.limit = 3;
  const Trace trace = Downstream(graph, start, options);
  EXPECT_EQ(trace.nodes.size(), 3u);
  EXPECT_EQ(trace.cut.beyond_limit, 7u);
  options = {};
  options.edges_max = 5;
  EXPECT_FALSE(Downstream(graph, start, options).cut.counted_all);
}

TEST(Path, IsTheShortest) {
  const LineageGraph graph = GraphNamed("a.a -> a.b\na.b -> a.c\na.c -> a.d\na.a -> a.d2\na.d2 -> a.d\n");
  EXPECT_THAT(Lines(graph, FindPath(graph, NodeNamed(graph, "a.a"), NodeNamed(graph, "a.d"))),
              ElementsAre("0 a.a", "1 a.d2", "2 a.d"));
  EXPECT_THAT(FindPath(graph, NodeNamed(graph, "a.d"), NodeNamed(graph, "a.a")), IsEmpty());
  EXPECT_EQ(FindPath(graph, NodeNamed(graph, "a.d"), NodeNamed(graph, "a.d")).size(), 1u);
}

TEST(Path, OfColumnsGoesByColumns) {
  const LineageGraph graph = GraphNamed("a.a.x -> a.b.x\na.b.y -> a.c.y\na.b.x -> a.d.x\na.d -> a.e\n");
  const auto path = [&](const char* from, const char* to) {
    return Lines(graph, FindPath(graph, NodeNamed(graph, from), NodeNamed(graph, to)));
  };
  EXPECT_THAT(path("a.a.x", "a.c.y"), IsEmpty());
  EXPECT_THAT(path("a.a", "a.c"), ElementsAre("0 a.a", "1 a.b", "2 a.c"));
  EXPECT_THAT(path("a.a.x", "a.c"), IsEmpty());
  EXPECT_THAT(path("a.a.x", "a.d"), ElementsAre("0 a.a.x", "1 a.b.x", "2 a.d.x"));
  EXPECT_THAT(path("a.a.x", "a.e"), ElementsAre("0 a.a.x", "1 a.b.x", "2 a.d.x", "3 a.e ?"));
}

TEST(Path, TwoOutputsOfOneJobAreNotOnOne) {
  const LineageGraph graph =
      GraphNamed("r.a -> m.b in job:j/x\nr.a -> m.c in job:j/x\nm.b -> job:j/y\njob:j/y -> m.c\n");
  EXPECT_THAT(FindPath(graph, NodeNamed(graph, "m.b"), NodeNamed(graph, "m.c")), IsEmpty());
}

std::vector<std::string> Lines(const LineageGraph& graph, const std::vector<Impact::Affected>& nodes) {
  std::vector<std::string> lines;
  for (const auto& at : nodes) {
    lines.push_back(std::to_string(at.hops) + " " + ShortText(graph, at.node) + (at.fallback ? " ?" : ""));
  }
  return lines;
}

LineageGraph Shop() {
  GraphBuilder builder;
  for (const Edge& edge : testing::EdgesNamed("raw.o.id -> stg.o.id by sql in job:dbt/stg_o\n"
                                              "raw.o.amount -> stg.o.amount by sql in job:dbt/stg_o\n"
                                              "stg.o.amount -> mart.rev.total by sql in job:dbt/rev\n"
                                              "stg.o.id -> mart.n.id by sql\n"
                                              "mart.rev -> dashboard:Revenue\nmart.n -> job:reverse/etl\n")) {
    builder.Add(edge);
  }
  const auto owned = [&](const NodeName& name, const char* owner) {
    builder.Add(Extract{
        Provenance::kDeclared, "f", At(0), true, {{name, "", owner, "", "", {}, {}, {}}}, {}, {}, {}, {}});
  };
  owned(NodeName::Of({"wh", "stg", "o"}), "core");
  owned(NodeName::Of({"wh", "mart", "rev"}), "finance");
  owned(NodeName::Of({"wh", "mart", "n"}), "finance");
  owned(NodeName::Exposure("dashboard", "Revenue"), "board");
  return builder.Build();
}

TEST(Impact, OfATableIsEverythingBelow) {
  const LineageGraph graph = Shop();
  const Impact impact = ImpactOf(graph, NodeNamed(graph, "raw.o"));
  EXPECT_THAT(Lines(graph, impact.tables), ElementsAre("1 stg.o", "2 mart.n", "2 mart.rev"));
  EXPECT_THAT(Lines(graph, impact.columns),
              ElementsAre("1 stg.o.amount", "1 stg.o.id", "2 mart.n.id", "2 mart.rev.total"));
  EXPECT_THAT(Lines(graph, impact.exposures), ElementsAre("3 dashboard:Revenue"));
  EXPECT_THAT(Lines(graph, impact.jobs),
              ElementsAre("1 job:dbt/stg_o", "2 job:dbt/rev", "3 job:reverse/etl"));
  ASSERT_EQ(impact.owners.size(), 3u);
  EXPECT_EQ(impact.owners[0].owner, "core");
  EXPECT_EQ(impact.owners[1].owner, "finance");
  EXPECT_EQ(impact.owners[1].tables, 2u);
  EXPECT_EQ(impact.owners[2].exposures, 1u);
}

TEST(Impact, OfAColumnIsWhatTheColumnReaches) {
  const LineageGraph graph = Shop();
  const Impact impact = ImpactOf(graph, NodeNamed(graph, "raw.o.id"));
  EXPECT_THAT(Lines(graph, impact.tables), ElementsAre("1 stg.o", "2 mart.n"));
  EXPECT_THAT(Lines(graph, impact.columns), ElementsAre("1 stg.o.id", "2 mart.n.id"));
  EXPECT_THAT(Lines(graph, impact.exposures), IsEmpty());
}

TEST(Impact, CountsWhatItDoesNotList) {
  const LineageGraph graph = Shop();
  TraceOptions options;
  options.limit = 1;
  const Impact impact = ImpactOf(graph, NodeNamed(graph, "raw.o"), options);
  EXPECT_EQ(impact.tables.size(), 1u);
  EXPECT_EQ(impact.table_count, 3u);
  EXPECT_EQ(impact.column_count, 4u);
  EXPECT_EQ(impact.cut.beyond_limit, 2u + 3 + 2 + 2);
  options = {};
  options.depth = 1;
  EXPECT_GT(ImpactOf(graph, NodeNamed(graph, "raw.o"), options).cut.beyond_depth, 0u);
}

std::vector<std::string> Roots(const LineageGraph& graph, const std::string& start,
                               const std::vector<std::pair<std::string, int>>& failing,
                               const TraceOptions& options = {}) {
  std::vector<Failing> list;
  for (const auto& one : failing) list.push_back({NodeNamed(graph, one.first), At(one.second)});
  std::vector<std::string> lines;
  for (const CauseRoot& root : CauseOf(graph, NodeNamed(graph, start), list, options).roots) {
    std::string line =
        std::to_string(root.hops) + " " + ShortText(graph, root.node) + (root.fallback ? " ?" : "");
    for (const NodeId other : root.cycle) line += " +" + ShortText(graph, other);
    lines.push_back(line);
  }
  return lines;
}

TEST(Cause, IsTheFailingAncestorWithoutOne) {
  const LineageGraph graph = GraphNamed("r.a -> m.b\nm.b -> m.c\nm.c -> m.d\nr.x -> m.d\n");
  EXPECT_THAT(Roots(graph, "m.d", {{"m.d", 3}, {"m.b", 2}, {"r.a", 4}}), ElementsAre("3 r.a"));
  EXPECT_THAT(Roots(graph, "m.d", {{"m.d", 3}}), ElementsAre("0 m.d"));
  EXPECT_THAT(Roots(graph, "m.d", {{"r.x", 2}, {"r.a", 1}}), ElementsAre("3 r.a", "1 r.x"));
  EXPECT_THAT(Roots(graph, "m.b", {{"m.d", 3}}), IsEmpty());
  const std::vector<Failing> list = {{NodeNamed(graph, "m.b"), At(1)}, {NodeNamed(graph, "r.a"), At(1)}};
  const Cause cause = CauseOf(graph, NodeNamed(graph, "m.d"), list);
  EXPECT_THAT(Lines(graph, cause.between), ElementsAre("2 m.b"));
}

TEST(Cause, OfAFailingCycleIsOneRoot) {
  const LineageGraph graph = GraphNamed("a.a -> a.b\na.b -> a.c\na.c -> a.a\na.c -> a.d\na.b -> a.w\n");
  EXPECT_THAT(Roots(graph, "a.d", {{"a.a", 3}, {"a.b", 2}, {"a.c", 2}, {"a.d", 1}}),
              ElementsAre("2 a.b +a.a +a.c"));
  EXPECT_THAT(Roots(graph, "a.a", {{"a.a", 3}}), ElementsAre("0 a.a"));
  // What feeds a failing cycle explains it.
  const LineageGraph fed = GraphNamed("r.r -> a.a\na.a -> a.b\na.b -> a.a\n");
  EXPECT_THAT(Roots(fed, "a.b", {{"a.a", 1}, {"a.b", 1}, {"r.r", 5}}), ElementsAre("2 r.r"));
}

TEST(Cause, TiesGoToTheWidestImpact) {
  const LineageGraph graph = GraphNamed("r.a -> m.d\nr.b -> m.d\nr.b -> m.e\nr.c -> m.d\n");
  EXPECT_THAT(Roots(graph, "m.d", {{"r.a", 1}, {"r.b", 1}, {"r.c", 0}}),
              ElementsAre("1 r.c", "1 r.b", "1 r.a"));
}

TEST(Cause, OfAColumnIsAmongItsColumns) {
  const LineageGraph graph = GraphNamed("r.a.x -> m.b.x\nr.a.y -> m.b.y\nm.b.x -> m.c.x\nm.c -> m.d\n");
  EXPECT_THAT(Roots(graph, "m.c.x", {{"r.a.x", 1}, {"r.a.y", 1}}), ElementsAre("2 r.a.x"));
  EXPECT_THAT(Roots(graph, "m.c.x", {{"r.a.y", 1}}), IsEmpty());
  EXPECT_THAT(Roots(graph, "m.c.x", {{"r.a", 1}, {"m.b.x", 0}}), ElementsAre("2 r.a"));  // all of its columns
  EXPECT_THAT(Roots(graph, "m.c", {{"r.a.y", 1}}), ElementsAre("2 r.a"));  // of tables, a column is its table
}

TEST(Cause, ATableThatFeedsItselfByWayOfAnotherIsOneCycle) {
  const LineageGraph graph = GraphNamed("s.a.p -> s.b.d\ns.b.e -> s.a.q\ns.a.q -> s.c.x\ns.b.d -> s.c.x\n");
  EXPECT_THAT(Roots(graph, "s.c.x", {{"s.a", 1}, {"s.b", 2}}), ElementsAre("1 s.a +s.b"));
}

// ---------- Against the plainest way there is

struct Random {
  std::mt19937 random;
  std::vector<Edge> edges;
  LineageGraph graph;

  explicit Random(unsigned seed, int tables, int columns, int count, bool with_columns) : random(seed) {
    const auto port = [&] {
      const std::string table = "s.t" + std::to_string(static_cast<int>(random() % tables));
      if (!with_columns || random() % 4 == 0) return testing::PortNamed(table);
      return testing::PortNamed(table + ".c" + std::to_string(static_cast<int>(random() % columns)));
    };
    GraphBuilder builder;
    for (int i = 0; i < count; ++i) {
      edges.push_back({port(),
                       port(),
                       static_cast<EdgeKind>(random() % 3),
                       static_cast<Provenance>(random() % 5),
                       {},
                       {},
                       1,
                       At(0),
                       At(0),
                       {}});
      builder.Add(edges.back());
    }
    graph = builder.Build();
  }
};

// Which tables each table reaches, by Warshall's algorithm over the edges as they were given.
std::set<std::pair<NodeName, NodeName>> Closure(const std::vector<Edge>& edges, const EdgeFilter& filter) {
  std::set<std::pair<NodeName, NodeName>> pairs;
  std::set<NodeName> names;
  for (const Edge& edge : edges) {
    GraphEdge counted;
    counted.kind = edge.kind;
    counted.provenance = edge.provenance;
    names.insert({edge.upstream.node, edge.downstream.node});
    if (filter.Counts(counted)) pairs.emplace(edge.upstream.node, edge.downstream.node);
  }
  for (const NodeName& via : names) {
    for (const NodeName& from : names) {
      if (!pairs.contains({from, via})) continue;
      for (const NodeName& to : names) {
        if (pairs.contains({via, to})) pairs.emplace(from, to);
      }
    }
  }
  return pairs;
}

TEST(TraceProperty, OfTablesIsReachability) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    const Random made(seed, 3 + static_cast<int>(seed % 12), 3, 25, true);
    TraceOptions options;
    options.filter.provenances = std::bitset<5>(seed % 32);
    options.filter.indirect = seed % 2 == 0;
    const auto closure = Closure(made.edges, options.filter);
    for (NodeId node = 0; node < made.graph.node_count(); ++node) {
      if (made.graph.IsColumn(node)) continue;
      std::set<NodeName> down, expected_down, up, expected_up;
      for (const Reached& at : Downstream(made.graph, node, options).nodes)
        down.insert(made.graph.NameOf(at.node));
      for (const Reached& at : Upstream(made.graph, node, options).nodes)
        up.insert(made.graph.NameOf(at.node));
      for (const auto& [from, to] : closure) {
        if (from == to) continue;
        if (from == made.graph.NameOf(node)) expected_down.insert(to);
        if (to == made.graph.NameOf(node)) expected_up.insert(from);
      }
      EXPECT_EQ(down, expected_down) << seed << " " << made.graph.TextOf(node);
      EXPECT_EQ(up, expected_up) << seed << " " << made.graph.TextOf(node);
    }
  }
}

// Where every edge is of columns, a walk of columns is reachability among them.
TEST(TraceProperty, OfColumnsIsReachability) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    std::map<std::string, std::set<std::string>> down;
    std::string text;
    for (int i = 0; i < 30; ++i) {
      const auto column = [&] {
        return "s.t" + std::to_string(random() % 5) + ".c" + std::to_string(random() % 4);
      };
      const std::string from = column(), to = column();
      text.append(from).append(" -> ").append(to).append("\n");
      down[from].insert(to);
    }
    const LineageGraph graph = GraphNamed(text);
    for (const auto& [start, direct] : down) {
      std::set<std::string> expected;
      std::vector<std::string> todo(direct.begin(), direct.end());
      while (!todo.empty()) {
        const std::string at = todo.back();
        todo.pop_back();
        if (at == start || !expected.insert(at).second) continue;
        todo.insert(todo.end(), down[at].begin(), down[at].end());
      }
      std::set<std::string> reached;
      for (const Reached& at : Downstream(graph, NodeNamed(graph, start)).nodes) {
        reached.insert(ShortText(graph, at.node));
        const auto path = FindPath(graph, NodeNamed(graph, start), at.node);
        EXPECT_EQ(path.size(), static_cast<size_t>(at.hops) + 1);
      }
      EXPECT_EQ(reached, expected) << text << start;
    }
  }
}

// A root fails, has no failing ancestor but those in a cycle with it, and stands above every failing node.
TEST(CauseProperty, RootsExplainAllAndAreNotExplained) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    Random made(seed, 4 + static_cast<int>(seed % 10), 3, 16, false);
    const LineageGraph& graph = made.graph;
    const auto closure = Closure(made.edges, {});
    const auto above = [&](NodeId a, NodeId b) {
      return closure.contains({graph.NameOf(a), graph.NameOf(b)});
    };
    std::vector<Failing> failing;
    for (NodeId node = 0; node < graph.node_count(); ++node) {
      if (made.random() % 2 == 0) failing.push_back({node, At(static_cast<int>(made.random() % 3))});
    }
    for (NodeId start = 0; start < graph.node_count(); ++start) {
      const Cause cause = CauseOf(graph, start, failing);
      std::set<NodeId> roots;
      for (const CauseRoot& root : cause.roots) roots.insert(root.node);
      for (const Failing& one : failing) {
        if (one.node != start && !above(one.node, start)) {
          EXPECT_FALSE(roots.contains(one.node));
          continue;
        }
        bool has_own_cause = true;
        for (const Failing& other : failing) {
          if (above(other.node, one.node) && !above(one.node, other.node)) has_own_cause = false;
        }
        EXPECT_TRUE(has_own_cause || !roots.contains(one.node)) << seed;
        const bool under_root = std::any_of(roots.begin(), roots.end(), [&](NodeId root) {
          return root == one.node || above(root, one.node);
        });
        EXPECT_TRUE(under_root) << seed;
      }
      for (const NodeId a : roots) {
        for (const NodeId b : roots) EXPECT_TRUE(a == b || !above(a, b)) << seed;
      }
    }
  }
}

}  // namespace
}  // namespace amont
