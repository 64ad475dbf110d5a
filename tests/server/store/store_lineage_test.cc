// What a store remembers of lineage, on every engine.
#include <gtest/gtest.h>

#include <set>

#include "lineage/graph_builder.h"
#include "server/store/lineage_reader.h"
#include "server/store/lineage_store.h"
#include "server/store/store.h"
#include "tests/server/store/store_fixture.h"

namespace amont {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::At;

const Timestamp kNow = At("2026-11-24T06:00:00Z");

NodeName Table(const std::string& name) { return NodeName::Of({"wh", "mart", name}); }

Edge EdgeOf(const std::string& from, const std::string& to, Timestamp seen) {
  Edge edge;
  edge.upstream = {Table(from), ""};
  edge.downstream = {Table(to), ""};
  edge.provenance = Provenance::kOpenLineage;
  edge.origin = "spark";
  edge.first_seen = edge.last_seen = seen;
  return edge;
}

StatedFacts FactsOf(const std::string& table, Timestamp said) {
  StatedFacts stated;
  stated.provenance = Provenance::kDbt;
  stated.origin = "shop";
  stated.facts.name = Table(table);
  stated.said.fill(said);
  return stated;
}

class StoreLineage : public testing::EachStore {
 protected:
  int64_t Write(const std::function<Result<void>(LineageTransaction&)>& write) {
    const Result<int64_t> done = store_->Lineage().WriteLineage(write);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
    return done.value_or(-1);
  }
  void Add(const std::vector<Edge>& edges) {
    Write([&](LineageTransaction& transaction) { return transaction.AddEdges(edges); });
  }
  void Add(const std::vector<StatedFacts>& facts) {
    Write([&](LineageTransaction& transaction) { return transaction.AddFacts(facts); });
  }
  std::vector<Edge> Edges() {
    std::vector<Edge> edges;
    LineageSink sink;
    sink.edge = [&](const Edge& edge) { edges.push_back(edge); };
    const auto read = store_->Lineage().ReadLineage(sink);
    EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().message);
    return edges;
  }
  std::vector<StatedFacts> Facts() {
    std::vector<StatedFacts> facts;
    LineageSink sink;
    sink.facts = [&](StatedFacts stated) { facts.push_back(std::move(stated)); };
    EXPECT_TRUE(store_->Lineage().ReadLineage(sink).has_value());
    return facts;
  }
  std::vector<Ending> Endings() {
    std::vector<Ending> endings;
    LineageSink sink;
    sink.ending = [&](const Ending& ending) { endings.push_back(ending); };
    EXPECT_TRUE(store_->Lineage().ReadLineage(sink).has_value());
    return endings;
  }
  static bool Nothing(const std::string&, int64_t) { return false; }
};
INSTANTIATE_TEST_SUITE_P(Engines, StoreLineage, testing::kStoreEngines, testing::StoreEngineName);

TEST_P(StoreLineage, AnEdgeIsReadBackAsItWasWritten) {
  Edge edge = EdgeOf("orders", "revenue", kNow);
  edge.upstream.column = "amount \"net\"";
  edge.downstream.column = "täglich";
  edge.kind = EdgeKind::kIndirect;
  edge.job = NodeName::Job("airflow", "load\x1fit\\all");
  edge.confidence = 0.5F;
  Edge exposure = EdgeOf("revenue", "x", kNow);
  exposure.downstream = {NodeName::Exposure("dashboard", "Revenue"), ""};
  exposure.provenance = Provenance::kDeclared;
  exposure.origin = "";
  Add({edge, exposure});
  const std::vector<Edge> edges = Edges();
  ASSERT_EQ(edges.size(), 2u);
  EXPECT_EQ(edges[0], edge);
  EXPECT_EQ(edges[1], exposure);
}

TEST_P(StoreLineage, TheOrderOfWritingDoesNotShow) {
  Edge early = EdgeOf("a", "b", kNow);
  early.confidence = 0.25F;
  Edge late = EdgeOf("a", "b", kNow + hours(2));
  late.confidence = 0.75F;
  const Edge middle = EdgeOf("a", "b", kNow + hours(1));
  Add(std::vector<Edge>{late});
  Add(std::vector<Edge>{middle, early, middle});
  Add(std::vector<Edge>{late});
  const std::vector<Edge> edges = Edges();
  ASSERT_EQ(edges.size(), 1u);
  EXPECT_EQ(edges[0].first_seen, kNow);
  EXPECT_EQ(edges[0].last_seen, kNow + hours(2));
  EXPECT_EQ(edges[0].confidence, 0.75F);
}

TEST_P(StoreLineage, TwoSourcesThatSayTheSameAreTwoEdges) {
  Edge other = EdgeOf("a", "b", kNow);
  other.origin = "flink";
  Edge declared = EdgeOf("a", "b", kNow);
  declared.provenance = Provenance::kDeclared;
  Add({EdgeOf("a", "b", kNow), other, declared});
  EXPECT_EQ(Edges().size(), 3u);
}

TEST_P(StoreLineage, FactsAreMergedMemberByMember) {
  StatedFacts first = FactsOf("orders", kNow);
  first.facts.owner = "finance";
  first.facts.tags = {"b", "a"};
  StatedFacts second = FactsOf("orders", kNow + hours(1));
  second.facts.description = "One row \\ a \"paid\" order.";
  second.facts.columns = {{"id", "bigint"}, {"note", ""}};
  Add(std::vector<StatedFacts>{second});
  Add(std::vector<StatedFacts>{first});
  StatedFacts expected = first;
  Merge(expected, second);
  const std::vector<StatedFacts> facts = Facts();
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].facts, expected.facts);
  EXPECT_EQ(facts[0].said, expected.said);
  EXPECT_EQ(facts[0].origin, "shop");
}

TEST_P(StoreLineage, EndingsEndWhatWasSaidBefore) {
  const std::vector<Ending> endings = {
      {EndingKind::kReading, Provenance::kDbt, "shop", {}, {}, kNow},
      {EndingKind::kDropped, Provenance::kOpenLineage, "", Table("b"), {}, kNow + hours(1)},
      {EndingKind::kRenamed, Provenance::kOpenLineage, "", Table("c"), Table("d"), kNow + hours(2)}};
  Add(std::vector<Edge>{EdgeOf("a", "b", kNow), EdgeOf("a", "c", kNow)});
  for (int i = 0; i < 2; ++i) {
    Write([&](LineageTransaction& transaction) { return transaction.AddEndings(endings); });
  }
  const std::vector<Ending> read = Endings();
  EXPECT_EQ(std::set<Ending>(read.begin(), read.end()), std::set<Ending>(endings.begin(), endings.end()));
  EXPECT_EQ(read.size(), endings.size());
}

TEST_P(StoreLineage, AsOfATimeTheGraphIsWhatItWasThen) {
  Add(std::vector<Edge>{EdgeOf("a", "b", kNow), EdgeOf("b", "c", kNow + days(2))});
  Write([&](LineageTransaction& transaction) {
    const std::vector<Ending> dropped = {
        {EndingKind::kDropped, Provenance::kOpenLineage, "", Table("a"), {}, kNow + days(1)}};
    return transaction.AddEndings(dropped);
  });
  const auto edges_at = [&](Timestamp at) {
    GraphBuilder builder;
    LineageSink sink;
    sink.edge = [&](const Edge& edge) { builder.Add(edge); };
    sink.ending = [&](const Ending& ending) { builder.Add(ending); };
    EXPECT_TRUE(store_->Lineage().ReadLineage(sink).has_value());
    GraphOptions options;
    options.as_of = at;
    return builder.Build(options).edge_count();
  };
  EXPECT_EQ(edges_at(kNow - days(1)), 0u);
  EXPECT_EQ(edges_at(kNow), 1u);
  EXPECT_EQ(edges_at(kNow + days(1)), 0u);
  EXPECT_EQ(edges_at(kNow + days(2)), 1u);
}

TEST_P(StoreLineage, AFailedWriteLeavesNothing) {
  const auto failed = store_->Lineage().WriteLineage([&](LineageTransaction& transaction) -> Result<void> {
    const std::vector<Edge> edges = {EdgeOf("a", "b", kNow)};
    AMONT_TRY_VOID(transaction.AddEdges(edges));
    return MakeError(ErrorCode::kInvalid, "no");
  });
  EXPECT_FALSE(failed.has_value());
  EXPECT_TRUE(Edges().empty());
  EXPECT_EQ(store_->Lineage().ReadSequence().value_or(-1), 0);
}

TEST_P(StoreLineage, TheSequenceGrowsWithEachWrite) {
  EXPECT_EQ(store_->Lineage().ReadSequence().value_or(-1), 0);
  Add(std::vector<Edge>{EdgeOf("a", "b", kNow)});
  EXPECT_EQ(store_->Lineage().ReadSequence().value_or(-1), 1);
  Add(std::vector<Edge>{EdgeOf("b", "c", kNow)});
  EXPECT_EQ(store_->Lineage().ReadSequence().value_or(-1), 2);
}

TEST_P(StoreLineage, EventsOfARunAreReadOnceEach) {
  const std::vector<LineageEvent> events = {
      {"run 1", 7, "{\"a\":1}", kNow}, {"run 1", -8, "{}", kNow}, {"run 2", 7, "[]", kNow}};
  for (int i = 0; i < 2; ++i) {
    Write([&](LineageTransaction& transaction) { return transaction.AddRunEvents(events); });
  }
  Write([&](LineageTransaction& transaction) -> Result<void> {
    const std::vector<std::string> runs = {"run 1", "run 3"};
    AMONT_TRY(const auto all, transaction.ReadRunEvents(runs, &Nothing));
    EXPECT_EQ(all.size(), 2u);
    AMONT_TRY(const auto some, transaction.ReadRunEvents(
                                   runs, [](const std::string&, int64_t digest) { return digest == -8; }));
    EXPECT_EQ(some.size(), 1u);
    if (!some.empty()) {
      EXPECT_EQ(some[0].content, "{\"a\":1}");
    }
    return {};
  });
}

TEST_P(StoreLineage, ADigestIsKeptOfEachOrigin) {
  Write([&](LineageTransaction& transaction) -> Result<void> {
    AMONT_TRY(const std::string none, transaction.ReadDigest(Provenance::kDbt, "shop"));
    EXPECT_EQ(none, "");
    AMONT_TRY_VOID(transaction.PutDigest(Provenance::kDbt, "shop", "1"));
    AMONT_TRY_VOID(transaction.PutDigest(Provenance::kDbt, "shop", "2"));
    AMONT_TRY(const std::string kept, transaction.ReadDigest(Provenance::kDbt, "shop"));
    EXPECT_EQ(kept, "2");
    return {};
  });
}

TEST_P(StoreLineage, StatementsAreListedNewestFirstAndPageByPage) {
  std::vector<ReadStatement> statements;
  for (int i = 0; i < 25; ++i) {
    ReadStatement statement;
    statement.key = "key " + std::to_string(i);
    statement.end = static_cast<StatementEnd>(i % 3);
    statement.reason = "line 3: \"x\"";
    statement.origin = "shop";
    statement.subject = "model " + std::to_string(i);
    statement.unresolved = {"a", "b.c"};
    statement.seen = kNow + hours(i / 2);
    statements.push_back(statement);
  }
  Write([&](LineageTransaction& transaction) { return transaction.AddStatements(statements); });
  statements[3].end = StatementEnd::kResolved;  // of an earlier reading: it is known better
  statements[3].seen = kNow - hours(1);
  Write([&](LineageTransaction& transaction) { return transaction.AddStatements(statements); });
  StatementQuery query;
  query.limit = 10;
  std::vector<ReadStatement> listed;
  for (int page = 0; page < 3; ++page) {
    const auto found = store_->Lineage().ListStatements(query);
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_EQ(found->next.empty(), page == 2);
    listed.insert(listed.end(), found->statements.begin(), found->statements.end());
    query.after = found->next;
  }
  ASSERT_EQ(listed.size(), 25u);
  EXPECT_EQ(listed[0].subject, "model 24");
  EXPECT_EQ(listed[0].unresolved, (std::vector<std::string>{"a", "b.c"}));
  for (size_t i = 1; i < listed.size(); ++i) EXPECT_GE(listed[i - 1].seen, listed[i].seen);
  query = {};
  query.ends = {StatementEnd::kPartial, StatementEnd::kFailed};
  EXPECT_EQ(store_->Lineage().ListStatements(query).value_or(StatementPage()).statements.size(), 16u);
  query.after = "nowhere";
  const auto wrong = store_->Lineage().ListStatements(query);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalid);
}

TEST_P(StoreLineage, ALongOrForeignNameIsStillTheSameEachTime) {
  Edge edge = EdgeOf("a", "b", kNow);
  edge.downstream.node.name = std::string(5'000, 'x') + "1";
  Edge other = EdgeOf("a", "b", kNow);
  other.downstream.node.name = std::string(5'000, 'x') + "2";
  Edge broken = EdgeOf("a", "b", kNow);
  broken.downstream.node.name = std::string("\xff\0y", 3);
  for (int i = 0; i < 2; ++i) Add({edge, other, broken});
  EXPECT_EQ(Edges().size(), 3u);
}

TEST_P(StoreLineage, WhatEndedLongAgoIsForgottenAndWhatHoldsIsNot) {
  Edge declared = EdgeOf("a", "b", kNow - days(300));
  declared.provenance = Provenance::kDeclared;
  declared.origin = "checks";
  Edge ended = EdgeOf("a", "c", kNow - days(300));
  ended.provenance = Provenance::kDbt;
  ended.origin = "shop";
  Edge lately = ended;
  lately.downstream.node = Table("d");
  lately.last_seen = kNow - days(20);
  Add({declared, ended, lately, EdgeOf("a", "e", kNow - days(70)), EdgeOf("a", "f", kNow - days(40))});
  StatedFacts gone = FactsOf("c", kNow - days(300));
  gone.facts.owner = "x";
  StatedFacts there = FactsOf("d", kNow - days(20));
  there.facts.owner = "y";
  Add(std::vector<StatedFacts>{gone, there});
  ReadStatement old;
  old.key = "old";
  old.seen = kNow - days(31);
  ReadStatement young = old;
  young.key = "young";
  young.seen = kNow - days(29);
  const std::vector<ReadStatement> statements = {old, young};
  const std::vector<LineageEvent> events = {{"r", 1, "{}", kNow - days(31)}, {"r", 2, "{}", kNow - days(29)}};
  Write([&](LineageTransaction& transaction) -> Result<void> {
    const std::vector<Ending> readings = {
        {EndingKind::kReading, Provenance::kDbt, "shop", {}, {}, kNow - days(200)},
        {EndingKind::kReading, Provenance::kDbt, "shop", {}, {}, kNow - days(10)}};
    AMONT_TRY_VOID(transaction.AddEndings(readings));
    AMONT_TRY_VOID(transaction.AddStatements(statements));
    return transaction.AddRunEvents(events);
  });
  const auto run = store_->ClaimRun({"slot", "1", kNow});
  ASSERT_TRUE(run.has_value());
  const auto trimmed = store_->Trim(*run, {}, kNow);
  ASSERT_TRUE(trimmed.has_value()) << trimmed.error().message;
  std::set<std::string> kept;
  for (const Edge& edge : Edges()) kept.insert(edge.downstream.node.name);
  EXPECT_EQ(kept, (std::set<std::string>{"b", "d", "f"})) << "what expired is kept for as long again";
  EXPECT_EQ(Facts().size(), 1u);
  EXPECT_EQ(Endings().size(), 1u);
  EXPECT_EQ(store_->Lineage().ListStatements({}).value_or(StatementPage()).statements.size(), 1u);
  EXPECT_EQ(Query("SELECT count(*) FROM lineage_run_event"), std::vector<std::string>{"1"});
  EXPECT_EQ(Query("SELECT count(*) FROM lineage_word WHERE word LIKE '%c%' AND word LIKE '%mart%'"),
            Query("SELECT count(*) FROM lineage_word WHERE word LIKE 'never'"))
      << "words that stand nowhere go";
  Add(std::vector<Edge>{EdgeOf("x", "c", kNow)});
  EXPECT_EQ(Edges().size(), 4u);
}

TEST_P(StoreLineage, WhatIsReadOnlyHasLineageToo) {
  Add(std::vector<Edge>{EdgeOf("a", "b", kNow)});
  Reopen(StoreMode::kRead);
  EXPECT_EQ(Edges().size(), 1u);
  EXPECT_FALSE(
      store_->Lineage().WriteLineage([](LineageTransaction&) { return Result<void>(); }).has_value());
}

TEST(NoStoreLineage, ThereIsNone) {
  const auto store = NoStore();
  int edges = 0;
  LineageSink sink;
  sink.edge = [&](const Edge&) { ++edges; };
  EXPECT_EQ(store->Lineage().ReadLineage(sink).value_or(-1), 0);
  EXPECT_EQ(edges, 0);
}

}  // namespace
}  // namespace amont
