// Reading OpenLineage events and gathering their lineage, against parsing the same JSON alone: the real Spark
// events of the shared data, one core. Ratios of one run.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "lineage/openlineage/run_accumulator.h"
#include "tests/testing/shared_data.h"

namespace amont::testing {
namespace {

constexpr int kRounds = 5;
constexpr int kTimes = 200;  // over all events, each round

std::vector<std::string> Events() {
  std::vector<std::string> events;
  const std::filesystem::path folder = SharedData("openlineage/events");
  if (!std::filesystem::exists(folder)) return events;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json") events.push_back(ReadFile(entry.path()));
  }
  return events;
}

// The best of the rounds, in seconds.
template <class Work>
double Best(const Work& work) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < kTimes; ++i) work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
  }
  return best;
}

void Run() {
  const std::vector<std::string> events = Events();
  if (events.empty()) {
    std::printf("OpenLineage: no shared events here\n");
    return;
  }
  double bytes = 0;
  for (const std::string& event : events) bytes += static_cast<double>(event.size());
  size_t sink = 0;
  const double parsing = Best([&] {
    for (const std::string& event : events) sink += ParseJson(event)->Root().Size();
  });
  RunAccumulator runs(DatasetNaming(), {});
  const double all = Best([&] {
    for (const std::string& event : events) {
      const auto read = ReadOpenLineageEvent(event, {});
      if (read) sink += runs.Add(*read).extract.edges.size();
    }
  });
  const double count = static_cast<double>(events.size()) * kTimes;
  std::printf("OpenLineage, %zu real events of %.0f KB on average\n", events.size(),
              bytes / 1e3 / static_cast<double>(events.size()));
  std::printf("  parsing JSON alone           %6.0f events/s, %.0f MB/s\n", count / parsing,
              bytes * kTimes / parsing / 1e6);
  std::printf("  reading, extracting too      %6.0f events/s    (at least 3,000)\n", count / all);
  std::printf("  ratio of all to parsing      %6.2f             (at most 2) %s\n", all / parsing,
              sink == 0 ? "!" : "");
}

}  // namespace
}  // namespace amont::testing

int main() { amont::testing::Run(); }
