#include "lineage/apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "lineage/expiry.h"
#include "tests/lineage/graphs.h"

namespace amont {
namespace {

using testing::At;

// A store as simple as can be: it gives Apply everything.
struct Memory {
  std::vector<Edge> edges;
  std::vector<StatedFacts> facts;
  std::vector<Ending> endings;

  KnowledgeChange Take(const Extract& extract) {
    Known known{edges, {}, {}};
    for (const StatedFacts& stated : facts) known.facts.push_back(stated);
    for (const Ending& ending : endings) known.endings.Add(ending);
    KnowledgeChange change = Apply(known, extract);
    for (const Edge& edge : change.edges) {
      std::erase_if(edges, [&](const Edge& other) { return SameIdentity(edge, other); });
      edges.push_back(edge);
    }
    for (const StatedFacts& stated : change.facts) {
      std::erase_if(facts, [&](const StatedFacts& other) {
        return other.facts.name == stated.facts.name && other.provenance == stated.provenance &&
               other.origin == stated.origin;
      });
      facts.push_back(stated);
    }
    endings.insert(endings.end(), change.endings.begin(), change.endings.end());
    return change;
  }

  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const Edge& edge : edges) {
      std::string line = edge.upstream.Text() + " " + edge.downstream.Text() + " " + edge.origin + " " +
                         FormatDate(DayOf(edge.first_seen)) + " " + FormatDate(DayOf(edge.last_seen)) + " " +
                         std::to_string(edge.confidence);
      if (edge.ended) line += " ended " + FormatDate(DayOf(*edge.ended));
      lines.push_back(line);
    }
    for (const StatedFacts& stated : facts) {
      lines.push_back(stated.facts.name.Text() + " " + stated.origin + " " + stated.facts.owner + " " +
                      stated.facts.form + " " + FormatDate(DayOf(stated.said[1])));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
};

Extract Said(int day, const std::string& edges, bool complete = false,
             Provenance provenance = Provenance::kOpenLineage) {
  Extract extract{provenance, "air", At(day), complete, {}, testing::EdgesNamed(edges), {}, {}, {}};
  for (Edge& edge : extract.edges) edge.first_seen = edge.last_seen = Timestamp();
  return extract;
}

TEST(Apply, AnEdgeIsFirstAndLastSeen) {
  Memory memory;
  memory.Take(Said(3, "r.a -> m.b"));
  memory.Take(Said(5, "r.a -> m.b"));
  memory.Take(Said(1, "r.a -> m.b"));
  ASSERT_EQ(memory.edges.size(), 1u);
  EXPECT_EQ(memory.edges[0].first_seen, At(1));
  EXPECT_EQ(memory.edges[0].last_seen, At(5));
  EXPECT_EQ(memory.edges[0].provenance, Provenance::kOpenLineage);
  EXPECT_EQ(memory.edges[0].origin, "air");
}

TEST(Apply, ACompleteReadingEndsWhatItDoesNotSay) {
  Memory memory;
  memory.Take(Said(1, "r.a -> m.b\nr.c -> m.b", true));
  memory.Take(Said(2, "r.c -> m.b", true));
  const auto ended = std::count_if(memory.edges.begin(), memory.edges.end(),
                                   [](const Edge& edge) { return edge.ended == At(2); });
  EXPECT_EQ(ended, 1);
  memory.Take(Said(3, "r.a -> m.b"));
  for (const Edge& edge : memory.edges) EXPECT_FALSE(edge.ended.has_value());
}

TEST(Apply, AnOlderEventDoesNotBringBackWhatEnded) {
  Memory memory;
  memory.Take(Said(5, "", true));
  memory.Take(Said(3, "r.a -> m.b"));
  ASSERT_EQ(memory.edges.size(), 1u);
  EXPECT_EQ(memory.edges[0].ended, At(5));
}

TEST(Apply, AnOlderReadingEndsNothingThatWasSeenLater) {
  Memory memory;
  memory.Take(Said(5, "r.a -> m.b"));
  memory.Take(Said(3, "", true));
  EXPECT_FALSE(memory.edges[0].ended.has_value());
}

TEST(Apply, TwiceChangesNothingMore) {
  Memory memory;
  Extract extract = Said(3, "r.a -> m.b in job:j/x\nr.a.x -> m.b.y", true);
  extract.nodes.push_back({NodeName::Of({"wh", "r", "a"}), "view", "me", "", "", {"t"}, {}, {{"x", "int"}}});
  extract.dropped.push_back(NodeName::Of({"wh", "r", "z"}));
  extract.renamed.push_back({NodeName::Of({"wh", "r", "y"}), NodeName::Of({"wh", "r", "a"})});
  EXPECT_FALSE(memory.Take(extract).empty());
  EXPECT_TRUE(memory.Take(extract).empty());
}

// Whatever the order, and with repetitions, the same is known, and the same graph comes of it.
TEST(ApplyProperty, DoesNotDependOnTheOrder) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto table = [&] {
      return NodeName::Of({"wh", "s", std::string(1, static_cast<char>('a' + random() % 4))});
    };
    std::vector<Extract> extracts;
    for (int i = 0; i < 7; ++i) {
      Extract extract{random() % 2 == 0 ? Provenance::kSql : Provenance::kOpenLineage,
                      random() % 2 == 0 ? "one" : "two",
                      At(static_cast<int>(random() % 6)),
                      random() % 3 == 0,
                      {},
                      {},
                      {},
                      {},
                      {}};
      for (unsigned k = random() % 4; k > 0; --k) {
        Edge edge;
        edge.upstream.node = table();
        edge.downstream.node = table();
        if (random() % 2 == 0) edge.upstream.column = "x";
        edge.confidence = static_cast<float>(random() % 3) / 2;
        extract.edges.push_back(edge);
      }
      for (unsigned k = random() % 3; k > 0; --k) {
        NodeFacts facts;
        facts.name = table();
        if (random() % 2 == 0) facts.owner = std::string(1, static_cast<char>('p' + random() % 3));
        if (random() % 2 == 0) facts.form = "view";
        extract.nodes.push_back(facts);
      }
      if (random() % 4 == 0) extract.dropped.push_back(table());
      if (random() % 4 == 0) extract.renamed.push_back({table(), table()});
      extracts.push_back(extract);
    }
    const auto known_after = [&] {
      Memory memory;
      for (const Extract& extract : extracts) memory.Take(extract);
      for (size_t i = 0; i < 3; ++i) memory.Take(extracts[random() % extracts.size()]);
      return memory;
    };
    const auto graph_text = [](const LineageGraph& graph) {
      std::string text;
      for (NodeId id = 0; id < graph.node_count(); ++id)
        text += graph.TextOf(id) + graph.Shown(id).owner + graph.Shown(id).form + "\n";
      for (const GraphEdge& edge : graph.edges()) {
        text += graph.TextOf(edge.upstream) + " " + graph.TextOf(edge.downstream) + " " +
                std::string(graph.OriginText(edge.origin)) + FormatTimestamp(edge.first_seen) +
                FormatTimestamp(edge.last_seen) + std::to_string(edge.confidence) + "\n";
      }
      return text;
    };
    const auto graph_of = [&](const Memory& memory) {
      GraphBuilder builder;
      for (const Edge& edge : memory.edges) builder.Add(edge);
      for (const StatedFacts& stated : memory.facts) builder.Add(stated);
      for (const Ending& ending : memory.endings) builder.Add(ending);
      return graph_text(builder.Build());
    };
    const Memory one = known_after();
    const auto lines = one.Lines();
    const std::string graph = graph_of(one);
    for (int round = 0; round < 4; ++round) {
      std::shuffle(extracts.begin(), extracts.end(), random);
      const Memory other = known_after();
      EXPECT_EQ(other.Lines(), lines) << seed;
      EXPECT_EQ(graph_of(other), graph) << seed;
      GraphBuilder straight;
      for (const Extract& extract : extracts) straight.Add(extract);
      EXPECT_EQ(graph_text(straight.Build()), graph) << seed;
    }
  }
}

TEST(Expiry, OnlyWhatNobodyEndsExpires) {
  ExpiryRules rules;
  rules.openlineage = std::chrono::days(10);
  rules.sql = Duration::zero();
  Edge edge = testing::EdgeNamed("r.a -> m.b by openlineage@x");
  EXPECT_TRUE(Holds(edge, At(9), rules));
  EXPECT_FALSE(Holds(edge, At(10), rules));
  EXPECT_FALSE(Holds(edge, At(-1), rules));
  for (const Provenance provenance :
       {Provenance::kSql, Provenance::kDeclared, Provenance::kDbt, Provenance::kCatalog}) {
    edge.provenance = provenance;
    EXPECT_TRUE(Holds(edge, At(1000), rules)) << Word(provenance);
  }
  edge.ended = At(3);
  EXPECT_TRUE(Holds(edge, At(2), rules));
  EXPECT_FALSE(Holds(edge, At(3), rules));
}

TEST(Expiry, GivesTheTimeItExpiredAt) {
  std::vector<Edge> edges = testing::EdgesNamed("r.a -> m.b by openlineage@x\nr.a -> m.b by dbt@m\n");
  const std::vector<Edge> expired = ExpireUnseen(edges, At(40), ExpiryRules{});
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0].ended, At(30));
  EXPECT_TRUE(ExpireUnseen(edges, At(29), ExpiryRules{}).empty());
  EXPECT_TRUE(ExpireUnseen(expired, At(40), ExpiryRules{}).empty());
}

}  // namespace
}  // namespace amont
