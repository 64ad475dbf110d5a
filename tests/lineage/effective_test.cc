#include "lineage/effective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "lineage/trace.h"
#include "tests/lineage/graphs.h"

namespace amont {
namespace {

using testing::At;
using ::testing::ElementsAre;
using testing::GraphNamed;
using ::testing::IsEmpty;
using testing::NodeNamed;

struct Freshness {
  LineageGraph graph;
  EffectiveTimes times;

  Freshness(const std::string& edges, const std::vector<std::pair<std::string, int>>& own,
            const EdgeFilter& filter = {})
      : graph(GraphNamed(edges)), times(graph, Own(graph, own), filter) {}

  static std::vector<OwnTime> Own(const LineageGraph& graph,
                                  const std::vector<std::pair<std::string, int>>& own) {
    std::vector<OwnTime> list;
    for (const auto& one : own) list.push_back({NodeNamed(graph, one.first), At(one.second)});
    return list;
  }
  std::optional<Timestamp> Of(const std::string& name) const { return times.Of(NodeNamed(graph, name)).at; }
  bool Complete(const std::string& name) const { return times.Of(NodeNamed(graph, name)).complete; }
  std::vector<std::string> Path(const std::string& name) const {
    std::vector<std::string> path;
    for (const NodeId node : times.Path(NodeNamed(graph, name)))
      path.push_back(testing::ShortText(graph, node));
    return path;
  }
};

TEST(Effective, IsTheOldestAnywhereUpstream) {
  const Freshness fresh("r.a -> m.b\nr.c -> m.b\nm.b -> m.d\n",
                        {{"r.a", 5}, {"r.c", 2}, {"m.b", 7}, {"m.d", 8}});
  EXPECT_EQ(fresh.Of("m.d"), At(2));
  EXPECT_THAT(fresh.Path("m.d"), ElementsAre("r.c", "m.b", "m.d"));
  EXPECT_EQ(fresh.Of("r.a"), At(5));
  EXPECT_THAT(fresh.Path("r.a"), ElementsAre("r.a"));
  EXPECT_TRUE(fresh.Complete("m.d"));
}

TEST(Effective, ATablesOwnTimeCounts) {
  const Freshness fresh("r.a -> m.b\n", {{"r.a", 5}, {"m.b", 3}});
  EXPECT_EQ(fresh.Of("m.b"), At(3));
  EXPECT_THAT(fresh.Path("m.b"), ElementsAre("m.b"));
}

TEST(Effective, NodesWithoutATimeArePassedThrough) {
  const Freshness fresh("r.a -> m.view\nm.view -> m.b\nm.b -> dashboard:Revenue\n", {{"r.a", 5}, {"m.b", 9}});
  EXPECT_EQ(fresh.Of("m.view"), At(5));
  EXPECT_EQ(fresh.Of("dashboard:Revenue"), At(5));
  EXPECT_TRUE(fresh.Complete("dashboard:Revenue"));
}

TEST(Effective, WhatHasNoTimeAboveLeavesADoubt) {
  const Freshness fresh("r.a -> m.b\nr.x -> m.b\nm.b -> m.c\nr.a -> m.d\n", {{"r.a", 5}});
  EXPECT_EQ(fresh.Of("m.c"), At(5));
  EXPECT_FALSE(fresh.Complete("m.c"));
  EXPECT_TRUE(fresh.Complete("m.d"));
  EXPECT_EQ(fresh.Of("r.x"), std::nullopt);
  EXPECT_FALSE(fresh.Complete("r.x"));
  EXPECT_THAT(fresh.Path("r.x"), IsEmpty());
}

TEST(Effective, ACycleIsAsOldAsItsOldest) {
  const Freshness fresh("a.a -> a.b\na.b -> a.c\na.c -> a.a\na.c -> a.d\n",
                        {{"a.a", 5}, {"a.b", 3}, {"a.c", 7}});
  for (const char* name : {"a.a", "a.b", "a.c", "a.d"}) EXPECT_EQ(fresh.Of(name), At(3)) << name;
  const Freshness unknown("a.a -> a.b\na.b -> a.a\na.b -> a.c\n", {{"a.c", 5}});
  EXPECT_EQ(unknown.Of("a.b"), std::nullopt);
  EXPECT_FALSE(unknown.Complete("a.c"));
}

TEST(Effective, OfEqualTimesTheNearestIsNamed) {
  const Freshness fresh("r.a -> m.b\nm.b -> m.c\n", {{"r.a", 5}, {"m.b", 5}, {"m.c", 5}});
  EXPECT_THAT(fresh.Path("m.c"), ElementsAre("m.c"));
}

TEST(Effective, OnlyCountedEdgesAge) {
  const std::vector<Provenance> trust;
  const Freshness fresh("r.a -> m.b by sql@x\nr.c ~> m.b\nr.d => m.b\n",
                        {{"r.a", 1}, {"r.c", 2}, {"r.d", 3}, {"m.b", 9}}, EdgeFilter::Trusting(trust));
  EXPECT_EQ(fresh.Of("m.b"), At(3));
}

TEST(EffectiveProperty, IsTheMinimumOverAllAncestors) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    std::string text;
    for (int i = 0; i < 20; ++i) {
      text += "s.t" + std::to_string(random() % 12) + " -> s.t" + std::to_string(random() % 12) + "\n";
    }
    const LineageGraph graph = GraphNamed(text);
    std::vector<OwnTime> own;
    std::vector<std::optional<Timestamp>> of(graph.node_count());
    for (NodeId node = 0; node < graph.node_count(); ++node) {
      if (random() % 2 == 0) continue;
      of[node] = At(static_cast<int>(random() % 6));
      own.push_back({node, *of[node]});
    }
    const EffectiveTimes times(graph, own, {});
    for (NodeId node = 0; node < graph.node_count(); ++node) {
      std::optional<Timestamp> expected = of[node];
      const Trace trace = Upstream(graph, node);
      for (const Reached& at : trace.nodes) {
        if (of[at.node] && (!expected || *of[at.node] < *expected)) expected = of[at.node];
      }
      EXPECT_EQ(times.Of(node).at, expected) << seed;
      bool complete = times.Of(node).at.has_value();
      for (const Reached& at : trace.nodes) complete = complete && times.Of(at.node).at.has_value();
      EXPECT_EQ(times.Of(node).complete, complete) << seed;
      const auto path = times.Path(node);
      if (!expected) continue;
      EXPECT_EQ(of[path.front()], expected);
      EXPECT_EQ(path.back(), node);
      EXPECT_EQ(FindPath(graph, path.front(), node).size(), path.size());
    }
  }
}

}  // namespace
}  // namespace amont
