// Lineage that comes in: answered once it is written, refused with a reason, bounded, and the same after a
// restart.
#include "server/ingest/lineage_ingest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <thread>

#include "core/json.h"
#include "server/ingest/live_graph.h"
#include "server/store/lineage_store.h"
#include "server/store/store.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using namespace std::chrono_literals;

const Timestamp kNow = ParseTimestamp("2026-11-24T06:00:00Z").value_or(Timestamp());

std::string Dataset(const std::string& name) {
  return fmt::format(R"({{"namespace":"postgres://db:5432","name":"shop.{}"}})", name);
}

std::string RunEvent(const std::string& run, const std::string& type, const std::string& inputs,
                     const std::string& outputs, Timestamp at = kNow) {
  return fmt::format(
      R"({{"eventTime":"{}","producer":"p","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json",)"
      R"("eventType":"{}","run":{{"runId":"{}"}},"job":{{"namespace":"n","name":"j"}},"inputs":[{}],"outputs":[{}]}})",
      FormatTimestamp(at), type, run, inputs, outputs);
}

const std::string kRun = "0190e1a0-0000-7000-8000-000000000001";

class LineageIngestTest : public ::testing::Test {
 protected:
  LineageIngestTest() { Open(); }
  ~LineageIngestTest() override { Close(); }

  void Open(const IngestLimits& limits = {}) {
    auto opened = OpenStore("sqlite:" + dir_.Path("a.db"), StoreMode::kServe);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
    LineageIngest::Hooks hooks;
    hooks.now = [] { return kNow; };
    hooks.events = [this](std::string_view status, size_t count) {
      counts_.With([&](auto& counts) { counts[std::string(status)] += count; });
    };
    ingest_ = std::make_unique<LineageIngest>(store_->Lineage(), Naming(), limits, std::move(hooks));
  }
  void Close() {
    ingest_.reset();
    store_.reset();
  }
  void Restart() {
    Close();
    Open();
  }
  static DatasetNaming Naming() {
    return DatasetNaming(
        {{"wh", "postgres://db:5432", "shop", "public", {}}, {"crm", "postgres://crm", "", "public", {}}},
        {});
  }

  Result<IngestReport> Ingest(std::string text, bool batch = false, std::set<std::string> sources = {}) {
    std::promise<Result<IngestReport>> promise;
    IngestOrder order;
    order.text = std::move(text);
    order.batch = batch;
    order.sources = std::move(sources);
    const auto added = ingest_->Add(
        std::move(order), [&](Result<IngestReport> report) { promise.set_value(std::move(report)); });
    if (!added) return added.error();
    return promise.get_future().get();
  }
  std::string Reason(std::string text, std::set<std::string> sources = {}) {
    const auto report = Ingest(std::move(text), false, std::move(sources));
    return report ? "taken" : report.error().message;
  }
  LineageGraph Graph() {
    auto graph = ReadGraph(store_->Lineage(), kNow + 1h, {});
    EXPECT_TRUE(graph.has_value());
    return graph ? std::move(*graph) : LineageGraph();
  }
  // Between tables: "a > b".
  std::vector<std::string> TableEdges() {
    const LineageGraph graph = Graph();
    std::vector<std::string> edges;
    for (const GraphEdge& edge : graph.edges()) {
      if (edge.kind == EdgeKind::kHint) continue;
      if (graph.KindOf(edge.upstream) != NodeKind::kTable ||
          graph.KindOf(edge.downstream) != NodeKind::kTable)
        continue;
      edges.push_back(graph.NameOf(edge.upstream).name + " > " + graph.NameOf(edge.downstream).name);
    }
    return edges;
  }
  size_t Count(const std::string& status) {
    return counts_.With([&](auto& counts) { return counts[status]; });
  }

  testing::TempDir dir_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<LineageIngest> ingest_;
  Guarded<std::map<std::string, size_t>> counts_;
};

TEST_F(LineageIngestTest, AnEventThatWasAnsweredIsInTheStore) {
  const auto report = Ingest(RunEvent(kRun, "COMPLETE", Dataset("raw.orders"), Dataset("mart.orders")));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->received, 1u);
  EXPECT_EQ(report->edges, 1u);
  EXPECT_EQ(TableEdges(), std::vector<std::string>{"orders > orders"});
  EXPECT_TRUE(Graph().Find(NodeName::Of({"wh", "mart", "orders"})).has_value());
  EXPECT_EQ(Count("accepted"), 1u);
}

TEST_F(LineageIngestTest, ARunsEventsAddUpInAnyOrderAndOverARestart) {
  const std::string start = RunEvent(kRun, "START", Dataset("raw.a"), "");
  const std::string more = RunEvent(kRun, "RUNNING", Dataset("raw.b"), "", kNow + 1min);
  const std::string done = RunEvent(kRun, "COMPLETE", "", Dataset("mart.c"), kNow + 2min);
  for (const auto& order : {std::vector{done, start, more, start}, std::vector{start, more, done, done}}) {
    for (const std::string& event : order) {
      EXPECT_TRUE(Ingest(event).has_value());
      Restart();
    }
    EXPECT_EQ(TableEdges(), (std::vector<std::string>{"a > c", "b > c"}));
  }
}

TEST_F(LineageIngestTest, WhatIsNoEventIsRefusedWithItsPlace) {
  EXPECT_NE(Reason("{"), "taken");
  EXPECT_NE(Reason("[]").find("array"), std::string::npos);
  EXPECT_NE(Reason(R"({"eventTime":"2026-11-24T06:00:00Z","producer":"p","schemaURL":"s","run":{},)"
                   R"("job":{"namespace":"n","name":"j"}})")
                .find("/run/runId: missing"),
            std::string::npos);
  EXPECT_NE(Reason(RunEvent(kRun, "START", "3", "")).find("/inputs/0"), std::string::npos);
  EXPECT_NE(Reason(RunEvent(kRun, "START", "", "", kNow + 1h)).find("in the future"), std::string::npos);
  EXPECT_TRUE(TableEdges().empty());
  EXPECT_EQ(Count("rejected"), 5u);
}

TEST_F(LineageIngestTest, OneBadEventSpoilsNoOtherOfItsBatch) {
  const std::string batch = "[" + RunEvent(kRun, "COMPLETE", Dataset("raw.a"), Dataset("mart.b")) + ",3," +
                            RunEvent(kRun, "NEVER", "", "") + "]";
  const auto report = Ingest(batch, true);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->received, 3u);
  ASSERT_EQ(report->failures.size(), 2u);
  EXPECT_EQ(report->failures[0].index, 1u);
  EXPECT_EQ(report->failures[1].index, 2u);
  EXPECT_NE(report->failures[1].reason.find("/eventType"), std::string::npos);
  EXPECT_EQ(TableEdges().size(), 1u);
  EXPECT_FALSE(Ingest("[" + RunEvent(kRun, "START", "", ""), true).has_value()) << "it is cut";
}

TEST_F(LineageIngestTest, ATokenWritesOnlyItsSources) {
  const std::string event = RunEvent(kRun, "COMPLETE", Dataset("raw.a"), Dataset("mart.b"));
  EXPECT_NE(Reason(event, {"crm"}).find("may not write lineage of the source `wh`"), std::string::npos);
  EXPECT_TRUE(TableEdges().empty());
  EXPECT_EQ(Reason(event, {"crm", "wh"}), "taken");
  EXPECT_EQ(TableEdges().size(), 1u);
}

TEST_F(LineageIngestTest, ManyInputsOfOneEventAreTaken) {
  std::string inputs;
  for (int i = 0; i < 2000; ++i) inputs += (i > 0 ? "," : "") + Dataset("raw.t" + std::to_string(i));
  EXPECT_TRUE(Ingest(RunEvent(kRun, "COMPLETE", inputs, Dataset("mart.b"))).has_value());
  EXPECT_EQ(TableEdges().size(), 2000u);
}

TEST_F(LineageIngestTest, ACompleteReadingEndsWhatItNoLongerSays) {
  const auto read = [&](const std::vector<std::string>& from, Timestamp at) {
    ReadingOrder order;
    order.extract.provenance = Provenance::kDeclared;
    order.extract.origin = "declarations";
    order.extract.at = at;
    order.extract.complete = true;
    for (const std::string& table : from) {
      Edge edge;
      edge.upstream = {NodeName::Of({"wh", "raw", table}), ""};
      edge.downstream = {NodeName::Of({"wh", "mart", "x"}), ""};
      order.extract.edges.push_back(edge);
    }
    std::promise<void> answered;
    EXPECT_TRUE(ingest_
                    ->Add(std::move(order),
                          [&](const Result<IngestReport>& report) {
                            EXPECT_TRUE(report.has_value());
                            answered.set_value();
                          })
                    .has_value());
    answered.get_future().wait();
  };
  read({"a", "b"}, kNow - 3h);
  read({"b", "a"}, kNow - 2h);  // the same again is not written
  EXPECT_EQ(TableEdges(), (std::vector<std::string>{"a > x", "b > x"}));
  read({"b"}, kNow - 1h);
  EXPECT_EQ(TableEdges(), (std::vector<std::string>{"b > x"}));
}

TEST_F(LineageIngestTest, AFullQueueRefusesAtOnceAndAnswersWhatItTook) {
  Close();
  IngestLimits limits;
  limits.orders = 4;
  Open(limits);
  std::latch go(1);
  std::atomic<int> answered = 0;
  IngestOrder first;
  first.text = RunEvent(kRun, "START", "", "");
  const std::string text = first.text;
  // The writing thread waits in the first answer.
  std::latch waits(1);
  ASSERT_TRUE(ingest_
                  ->Add(std::move(first),
                        [&](const Result<IngestReport>&) {
                          waits.count_down();
                          go.wait();
                          ++answered;
                        })
                  .has_value());
  waits.wait();
  int taken = 0;
  int refused = 0;
  for (int i = 0; i < 10; ++i) {
    IngestOrder order;
    order.text = text;
    const auto added = ingest_->Add(std::move(order), [&](const Result<IngestReport>& report) {
      EXPECT_TRUE(report.has_value());
      ++answered;
    });
    if (!added) {
      EXPECT_EQ(added.error().code, ErrorCode::kLimit);
    }
    ++(added ? taken : refused);
  }
  EXPECT_EQ(taken, 4);
  EXPECT_EQ(refused, 6);
  go.count_down();
  ingest_->Stop();
  EXPECT_EQ(answered, 5);
  EXPECT_EQ(Count("limited"), 6u);
  IngestOrder late;
  late.text = text;
  const auto stopped = ingest_->Add(std::move(late), [](const Result<IngestReport>&) {});
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

TEST_F(LineageIngestTest, ManyWhoSendAtOnceAreAllAnswered) {
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  std::vector<std::jthread> threads;
  std::atomic<int> taken = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string run = fmt::format("0190e1a0-0000-7000-8000-{:06}{:06}", t, i);
        const std::string event = RunEvent(run, "COMPLETE", Dataset(fmt::format("raw.t{}", t)),
                                           Dataset(fmt::format("mart.t{}_{}", t, i)));
        taken += Ingest(event).has_value() ? 1 : 0;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(taken, kThreads * kEach);
  EXPECT_EQ(TableEdges().size(), static_cast<size_t>(kThreads * kEach));
}

TEST_F(LineageIngestTest, AStoreThatIsAwayIsSaidAndNothingIsLostThatWasAnswered) {
  store_->Close();
  const auto report = Ingest(RunEvent(kRun, "COMPLETE", Dataset("raw.a"), Dataset("mart.b")));
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, ErrorCode::kUnreachable);
  EXPECT_EQ(Count("failed"), 1u);
}

TEST_F(LineageIngestTest, TheLiveGraphShowsWhatWasWritten) {
  Guarded<size_t> edges;
  LiveGraph::Options options;
  options.poll = 10ms;
  options.pause = 1ms;
  options.now = [] { return kNow; };
  options.published = [&](const std::shared_ptr<const LineageGraph>& graph) {
    edges.With([&](size_t& count) { count = graph->edge_count(); });
    edges.Notify();
  };
  LiveGraph live(store_->Lineage(), options);
  ASSERT_TRUE(live.Start().has_value());
  EXPECT_EQ(live.Get()->edge_count(), 0u);
  ASSERT_TRUE(Ingest(RunEvent(kRun, "COMPLETE", Dataset("raw.a"), Dataset("mart.b"))).has_value());
  live.Wake();
  EXPECT_TRUE(
      edges.WaitUntil(std::chrono::steady_clock::now() + 20s, [](size_t count) { return count >= 1; }));
  EXPECT_GE(live.Get()->edge_count(), 1u);
}

}  // namespace
}  // namespace amont
