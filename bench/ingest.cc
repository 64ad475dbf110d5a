// Lineage that comes in over HTTP: events a second over /batch, each batch answered once its commit is on the
// disk; and how long a store of 490,000 edges takes to become a graph.

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "server/app/lineage_routes.h"
#include "server/clock/wall_clock.h"
#include "server/ingest/live_graph.h"
#include "server/store/lineage_store.h"
#include "server/store/store.h"
#include "tests/testing/http_client.h"
#include "tests/testing/paths.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBatches = 60;
constexpr int kEventsOfBatch = 500;
constexpr int kClients = 2;
constexpr int kEdges = 490'000;

double Since(Clock::time_point before) {
  return std::chrono::duration<double>(Clock::now() - before).count();
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

std::string Replaced(std::string text, const std::string& key, const std::string& value) {
  const size_t at = text.find(key);
  const size_t begin = at == std::string::npos ? at : text.find('"', at + key.size());
  if (begin == std::string::npos) return text;
  const size_t end = text.find('"', begin + 1);
  return text.replace(begin + 1, end - begin - 1, value);
}

// The events of one real Spark run, again and again, each round a run of its own, now.
std::vector<std::string> Batches(const std::vector<std::string>& events) {
  std::vector<std::string> batches;
  const std::string now = FormatTimestamp(std::chrono::floor<std::chrono::seconds>(WallClock()));
  int made = 0;
  for (int batch = 0; batch < kBatches; ++batch) {
    std::string text = "[";
    for (int i = 0; i < kEventsOfBatch; ++i, ++made) {
      const std::string run =
          fmt::format("0190e1a0-0000-7000-8000-{:012}", made / static_cast<int>(events.size()));
      std::string event = Replaced(events[static_cast<size_t>(made) % events.size()], "\"eventTime\":", now);
      text += (i > 0 ? "," : "") + Replaced(std::move(event), "\"runId\":", run);
    }
    batches.push_back(text + "]");
  }
  return batches;
}

void MeasureEvents(const std::string& name, const std::vector<std::string>& events) {
  const TempDir folder;
  auto store = OpenStore("sqlite:" + folder.Path("a.db"), StoreMode::kServe);
  if (!store) return;
  LineageIngest::Hooks hooks;
  hooks.now = &WallClock;
  LineageIngest ingest((*store)->Lineage(), DatasetNaming(), IngestLimits(), std::move(hooks));
  LineageHooks routes;
  routes.ingest = [&](IngestOrder order, LineageIngest::Answer answer) {
    return ingest.Add(std::move(order), std::move(answer));
  };
  routes.graph = [] { return std::make_shared<const LineageGraph>(); };
  const Admit admit = [](const std::string&, Scope) { return Admitted(); };
  auto server = HttpServer::Start({}, LineageRoutes(admit, routes));
  if (!server) return;
  const std::vector<std::string> batches = Batches(events);
  std::atomic<int> taken = 0;
  const double cpu = CpuSeconds();
  const auto before = Clock::now();
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.emplace_back([&, client] {
        HttpClient connection((*server)->port());
        for (int i = client; i < kBatches; i += kClients) {
          const auto answer =
              connection.Ask("POST", "/api/v1/lineage/batch", "Content-Type: application/json\r\n",
                             batches[static_cast<size_t>(i)]);
          taken += answer.status == 204 ? 1 : 0;
        }
      });
    }
  }
  const double seconds = Since(before);
  ingest.Stop();
  (*server)->Stop();
  std::printf("%-28s %6.0f events/s, %6.0f a second of CPU; %d of %d batches of %d taken; store %.1f MB\n",
              name.c_str(), taken * kEventsOfBatch / seconds, taken * kEventsOfBatch / (CpuSeconds() - cpu),
              taken.load(), kBatches, kEventsOfBatch,
              static_cast<double>(std::filesystem::file_size(folder.Path("a.db"))) / 1e6);
}

void MeasureLoading() {
  const TempDir folder;
  auto store = OpenStore("sqlite:" + folder.Path("a.db"), StoreMode::kServe);
  if (!store) return;
  std::vector<Edge> edges(kEdges);
  const Timestamp now = WallClock();
  for (int i = 0; i < kEdges; ++i) {
    Edge& edge = edges[static_cast<size_t>(i)];
    edge.upstream = {NodeName::Of({"warehouse", "raw", fmt::format("table_{}", i % 7'000)}),
                     fmt::format("column_{}", i % 31)};
    edge.downstream = {NodeName::Of({"warehouse", "mart", fmt::format("table_{}", (i / 70) % 7'000)}),
                       fmt::format("column_{}", i % 29)};
    edge.provenance = Provenance::kDbt;
    edge.origin = "shop";
    edge.first_seen = edge.last_seen = now;
  }
  auto before = Clock::now();
  const auto written = (*store)->Lineage().WriteLineage(
      [&](LineageTransaction& transaction) { return transaction.AddEdges(edges); });
  const double write = Since(before);
  edges = {};
  before = Clock::now();
  const double cpu = CpuSeconds();
  const auto graph = ReadGraph((*store)->Lineage(), now, {});
  if (!written || !graph) return;
  std::printf("%-28s %zu edges, %zu nodes: written in %.2f s, a graph in %.2f s (%.2f s of CPU)\n",
              "from the store", graph->edge_count(), graph->node_count(), write, Since(before),
              CpuSeconds() - cpu);
}

std::vector<std::string> EventsIn(const std::string& folder) {
  std::vector<std::string> events;
  std::error_code unseen;
  for (const auto& file : std::filesystem::directory_iterator(folder, unseen))
    events.push_back(ReadFile(file.path()));
  return events;
}

int Main() {
  const std::string data = SharedData("openlineage/events").string();
  for (const char* run : {"spark_dataproc_simple_producer_test", "CLL"}) {
    const std::vector<std::string> events = EventsIn(data + "/" + run);
    if (!events.empty()) MeasureEvents(run, events);
  }
  MeasureLoading();
  return 0;
}

}  // namespace
}  // namespace amont::testing

int main() { return amont::testing::Main(); }
