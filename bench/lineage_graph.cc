// The lineage graph: 217,000 nodes and 490,000 edges of columns, as a warehouse of 7,000 tables in six layers
// has them: seconds and memory of building it, and what a bounded question costs.

#include <sys/resource.h>

#include <ctime>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "lineage/graph_builder.h"
#include "lineage/trace.h"

namespace amont::testing {
namespace {

// CPU of this thread, so that a busy machine does not show.
struct Clock {
  static double now() {  // milliseconds
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
  }
};

constexpr int kTables = 7'000;
constexpr int kColumns = 30;
constexpr int kEdges = 490'000;
constexpr int kLayers = 6;
constexpr int kQuestions = 2'000;

double Ms(double since) { return Clock::now() - since; }

double PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

NodeName TableNamed(int table) {
  static const char* const kSchemas[kLayers] = {"raw", "staging", "base", "intermediate", "mart", "report"};
  return NodeName::Of(
      {"warehouse", kSchemas[table * kLayers / kTables], fmt::format("a_usual_table_name_{}", table)});
}

// A table reads a few of the layer before, its own neighbours more than others; a few tables are read by all.
LineageGraph Build(double& milliseconds) {
  std::mt19937 random(1);
  GraphBuilder builder;
  const auto before = Clock::now();
  constexpr int kLayer = kTables / kLayers;
  Edge edge;
  edge.provenance = Provenance::kSql;
  edge.first_seen = edge.last_seen = Timestamp(std::chrono::days(20'000));
  int added = 0;
  while (added < kEdges) {
    for (int table = kLayer; table < kTables && added < kEdges; ++table) {
      const int near = table - kLayer + static_cast<int>(random() % 401) - 200;
      const int from = random() % 50 == 0 ? static_cast<int>(random() % 20) : std::clamp(near, 0, table - 1);
      edge.origin = fmt::format("models/layer_{}.sql", table % 97);
      edge.job = NodeName::Job("dbt", fmt::format("model_{}", table));
      for (int i = 0; i < 12 && added < kEdges; ++i, ++added) {
        const auto column = static_cast<int>(random() % kColumns);
        edge.kind = random() % 5 == 0 ? EdgeKind::kIndirect : EdgeKind::kDirect;
        edge.upstream = {TableNamed(from), fmt::format("column_number_{}", (column + i % 3) % kColumns)};
        edge.downstream = {TableNamed(table), fmt::format("column_number_{}", column)};
        builder.Add(edge);
      }
    }
  }
  for (int table = 0; table < kTables; ++table) {
    StatedFacts stated{Provenance::kDbt,
                       "manifest",
                       {TableNamed(table), "model", fmt::format("team_{}", table % 40), "", "", {}, {}, {}},
                       {}};
    for (int column = 0; column < kColumns; ++column) {
      stated.facts.columns.push_back({fmt::format("column_number_{}", column), "text"});
    }
    builder.Add(std::move(stated));
  }
  LineageGraph graph = builder.Build();
  milliseconds = Ms(before);
  return graph;
}

template <class Ask>
void Measure(const char* name, const LineageGraph& graph, bool columns, Ask ask) {
  std::mt19937 random(2);
  std::vector<double> took;
  for (int i = 0; i < kQuestions; ++i) {
    NodeId node = static_cast<NodeId>(random() % graph.node_count());
    if (!columns) node = graph.TableOf(node);
    const auto before = Clock::now();
    ask(node);
    took.push_back(Ms(before));
  }
  std::sort(took.begin(), took.end());
  std::printf("  %-28s %6.2f ms p50, %6.2f ms p99   (at most 5)\n", name, took[took.size() / 2],
              took[took.size() * 99 / 100]);
}

void Run() {
  double milliseconds = 0;
  const LineageGraph graph = Build(milliseconds);
  std::printf("Lineage graph: %zu nodes, %zu edges, %zu of them stated\n", graph.node_count(),
              graph.edge_count(), graph.stated_edges()[static_cast<size_t>(Provenance::kSql)]);
  std::printf("  built, adding included       %6.2f s              (at most 2)\n", milliseconds / 1e3);
  std::printf("  peak of the process          %6.0f MB             (at most 400)\n", PeakMegabytes());

  std::vector<Failing> failing;
  std::mt19937 random(3);
  for (NodeId node = 0; node < graph.node_count(); ++node) {
    if (random() % 50 == 0) failing.push_back({node, Timestamp(std::chrono::hours(random() % 5))});
  }
  for (const bool columns : {false, true}) {
    std::printf("  of %s\n", columns ? "columns" : "tables");
    Measure("upstream", graph, columns, [&](NodeId node) { Upstream(graph, node); });
    Measure("downstream", graph, columns, [&](NodeId node) { Downstream(graph, node); });
    Measure("impact", graph, columns, [&](NodeId node) { ImpactOf(graph, node); });
    Measure("cause, of 4,400 failing", graph, columns, [&](NodeId node) { CauseOf(graph, node, failing); });
    Measure("path", graph, columns,
            [&](NodeId node) { FindPath(graph, node, (node * 7919U) % graph.node_count()); });
  }
}

}  // namespace
}  // namespace amont::testing

int main() {
  amont::testing::Run();
  return 0;
}
