#include "server/ingest/live_graph.h"

#include <algorithm>
#include <utility>

#include "core/limits.h"
#include "core/log.h"
#include "lineage/graph_builder.h"

namespace amont {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPauseFactor = 10;                  // a tenth of a core's time at most goes into making graphs
constexpr auto kExpires = std::chrono::hours(1);  // edges expire without anything being written

}  // namespace

Result<LineageGraph> ReadGraph(LineageStore& store, Timestamp as_of, const ExpiryRules& expiry) {
  GraphBuilder builder;
  LineageSink sink;
  sink.edge = [&](const Edge& edge) { builder.Add(edge); };
  sink.facts = [&](StatedFacts facts) { builder.Add(std::move(facts)); };
  sink.ending = [&](const Ending& ending) { builder.Add(ending); };
  AMONT_TRY_VOID(store.ReadLineage(sink));
  GraphOptions options;
  options.as_of = as_of;
  options.expiry = expiry;
  return builder.Build(options);
}

LiveGraph::LiveGraph(LineageStore& store, Options options)
    : store_(store), options_(std::move(options)), graph_(std::make_shared<const LineageGraph>()) {}

LiveGraph::~LiveGraph() { Stop(); }

Result<void> LiveGraph::Start() {
  AMONT_TRY_VOID(Refresh());
  thread_ = std::jthread([this] { Work(); });
  return {};
}

void LiveGraph::Wake() {
  wanted_.With([](Wanted& wanted) { wanted.woken = true; });
  wanted_.Notify();
}

void LiveGraph::Stop() {
  wanted_.With([](Wanted& wanted) { wanted.stopped = true; });
  wanted_.Notify();
  if (thread_.joinable()) thread_.join();
}

Result<bool> LiveGraph::Refresh() {
  const Timestamp now = options_.now();
  AMONT_TRY(const int64_t sequence, store_.ReadSequence());
  if (sequence == sequence_ && now - made_ < kExpires) return false;
  // What was said by a clock that is ahead of ours holds now.
  AMONT_TRY(LineageGraph graph, ReadGraph(store_, now + limits::kFuture, options_.expiry));
  sequence_ = sequence;
  made_ = now;
  const auto made = std::make_shared<const LineageGraph>(std::move(graph));
  graph_.Set(made);
  if (options_.published) options_.published(made);
  return true;
}

void LiveGraph::Work() {
  bool said = false;
  auto next = Clock::now();
  for (;;) {
    wanted_.WaitUntil(Clock::now() + options_.poll,
                      [](const Wanted& wanted) { return wanted.woken || wanted.stopped; });
    wanted_.WaitUntil(next, [](const Wanted& wanted) { return wanted.stopped; });
    const bool stopped = wanted_.With([](Wanted& wanted) {
      wanted.woken = false;
      return wanted.stopped;
    });
    if (stopped) return;
    const auto begun = Clock::now();
    const Result<bool> refreshed = Refresh();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
    if (refreshed && *refreshed) next = Clock::now() + std::max(options_.pause, took * kPauseFactor);
    if (!refreshed && !std::exchange(said, true)) {
      Log(LogLevel::kWarn, "the lineage graph could not be read; the one before stays",
          {{"error", refreshed.error().message}});
    }
    if (refreshed) said = false;
  }
}

}  // namespace amont
