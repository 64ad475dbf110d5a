#include "server/store/lineage_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "core/json.h"
#include "server/store/lineage_facts.h"
#include "server/store/lineage_names.h"
#include "server/store/reading.h"

namespace amont {

namespace {

const UpsertTarget kEdges = {
    "lineage_edge",
    {"upstream", "downstream", "kind", "provenance", "origin", "job", "confidence", "first_seen",
     "last_seen"},
    {"upstream", "downstream", "kind", "provenance", "origin", "job"},
    "confidence = CASE WHEN excluded.last_seen > lineage_edge.last_seen OR (excluded.last_seen = "
    "lineage_edge.last_seen AND excluded.confidence > lineage_edge.confidence) THEN excluded.confidence ELSE "
    "lineage_edge.confidence END, "
    "first_seen = CASE WHEN excluded.first_seen < lineage_edge.first_seen THEN excluded.first_seen ELSE "
    "lineage_edge.first_seen END, "
    "last_seen = CASE WHEN excluded.last_seen > lineage_edge.last_seen THEN excluded.last_seen ELSE "
    "lineage_edge.last_seen END "
    // What says nothing new is not written.
    "WHERE excluded.first_seen < lineage_edge.first_seen OR excluded.last_seen > lineage_edge.last_seen OR "
    "(excluded.last_seen = lineage_edge.last_seen AND excluded.confidence > lineage_edge.confidence)"};
const UpsertTarget kFacts = {
    "lineage_fact", {"node", "provenance", "origin", "content"}, {"node", "provenance", "origin"}};
const UpsertTarget kEndings = {"lineage_ending",
                               {"kind", "provenance", "origin", "node", "target", "at"},
                               {"kind", "provenance", "origin", "node", "target", "at"},
                               {},
                               true};
const UpsertTarget kRunEvents = {
    "lineage_run_event", {"run", "digest", "content", "at"}, {"run", "digest"}, {}, true};
const UpsertTarget kStatements = {
    "lineage_statement",
    {"key", "ended", "reason", "origin", "subject", "unresolved", "seen"},
    {"key"},
    "ended = CASE WHEN excluded.seen >= lineage_statement.seen THEN excluded.ended ELSE lineage_statement.ended "
    "END, reason = CASE WHEN excluded.seen >= lineage_statement.seen THEN excluded.reason ELSE "
    "lineage_statement.reason END, unresolved = CASE WHEN excluded.seen >= lineage_statement.seen THEN "
    "excluded.unresolved ELSE lineage_statement.unresolved END, seen = CASE WHEN excluded.seen >= "
    "lineage_statement.seen THEN excluded.seen ELSE lineage_statement.seen END"};

using EdgeKey = std::array<int64_t, 6>;  // upstream, downstream, kind, provenance, origin, job

// Two of one identity, as the store would merge them.
void MergeEdge(Edge& into, const Edge& other) {
  if (other.last_seen > into.last_seen ||
      (other.last_seen == into.last_seen && other.confidence > into.confidence)) {
    into.confidence = other.confidence;
  }
  into.first_seen = std::min(into.first_seen, other.first_seen);
  into.last_seen = std::max(into.last_seen, other.last_seen);
}

class SqlTransaction final : public LineageTransaction {
 public:
  explicit SqlTransaction(StoreSession& session) : session_(session) {}

  Result<std::vector<LineageEvent>> ReadRunEvents(std::span<const std::string> runs,
                                                  const IsKnown& known) override {
    std::vector<LineageEvent> events;
    AMONT_TRY_VOID(EachOf(session_, "SELECT run, digest FROM lineage_run_event WHERE run IN ", runs,
                          [&](std::span<const Value> row) {
                            LineageEvent event{TextOf(row[0]), AsInteger(row[1]).value_or(0), {}, {}};
                            if (!known(event.run, event.digest)) events.push_back(std::move(event));
                            return Result<void>();
                          }));
    for (LineageEvent& event : events) {
      const std::array<Value, 2> key = {event.run, event.digest};
      AMONT_TRY(
          const auto rows,
          Collect(session_, "SELECT content, at FROM lineage_run_event WHERE run = $1 AND digest = $2", key));
      if (rows.empty()) continue;
      event.content = TextOf(rows[0][0]);
      event.at = Timestamp(Duration(AsInteger(rows[0][1]).value_or(0)));
    }
    return events;
  }

  Result<void> AddRunEvents(std::span<const LineageEvent> events) override {
    std::map<std::pair<std::string, int64_t>, std::vector<Value>> rows;
    for (const LineageEvent& event : events) {
      rows[{event.run, event.digest}] = {event.run, event.digest, event.content, Micros(event.at)};
    }
    return Write(kRunEvents, rows);
  }

  Result<void> AddEdges(std::span<const Edge> edges) override;
  Result<void> AddFacts(std::span<const StatedFacts> facts) override;

  Result<void> AddEndings(std::span<const Ending> endings) override {
    for (const Ending& ending : endings) {
      words_.Want(WordOfOrigin(ending.origin));
      if (ending.node) words_.Want(WordOfPort(*ending.node, {}));
      if (ending.to) words_.Want(WordOfPort(*ending.to, {}));
    }
    AMONT_TRY_VOID(words_.Settle(session_));
    std::map<EdgeKey, std::vector<Value>> rows;
    for (const Ending& ending : endings) {
      const EdgeKey key = {static_cast<int64_t>(ending.kind),
                           static_cast<int64_t>(ending.provenance),
                           words_.Of(WordOfOrigin(ending.origin)),
                           ending.node ? words_.Of(WordOfPort(*ending.node, {})) : 0,
                           ending.to ? words_.Of(WordOfPort(*ending.to, {})) : 0,
                           Micros(ending.at)};
      rows.emplace(key, std::vector<Value>(key.begin(), key.end()));
    }
    return Write(kEndings, rows);
  }

  Result<void> AddStatements(std::span<const ReadStatement> statements) override {
    std::map<std::string, const ReadStatement*> latest;
    for (const ReadStatement& statement : statements) {
      const ReadStatement*& kept = latest[statement.key];
      if (kept == nullptr || kept->seen <= statement.seen) kept = &statement;
    }
    std::map<std::string, std::vector<Value>> rows;
    for (const auto& [key, statement] : latest) {
      JsonWriter unresolved;
      unresolved.BeginArray();
      for (const std::string& name : statement->unresolved) unresolved.String(name);
      unresolved.EndArray();
      rows[key] = {key,
                   static_cast<int64_t>(statement->end),
                   statement->reason,
                   statement->origin,
                   statement->subject,
                   unresolved.Text(-1),
                   Micros(statement->seen)};
    }
    return Write(kStatements, rows);
  }

  Result<std::string> ReadDigest(Provenance provenance, const std::string& origin) override {
    const std::array<Value, 2> params = {static_cast<int64_t>(provenance), origin};
    AMONT_TRY(const auto rows,
              Collect(session_, "SELECT digest FROM lineage_reading WHERE provenance = $1 AND origin = $2",
                      params));
    return rows.empty() ? std::string() : TextOf(rows[0][0]);
  }

  Result<void> PutDigest(Provenance provenance, const std::string& origin,
                         const std::string& digest) override {
    const std::vector<std::vector<Value>> rows = {{static_cast<int64_t>(provenance), origin, digest}};
    return session_.Upsert({"lineage_reading", {"provenance", "origin", "digest"}, {"provenance", "origin"}},
                           rows);
  }

 private:
  // In the order of their keys, in which B-trees take them best and other writers too.
  template <class Rows>
  Result<void> Write(const UpsertTarget& target, Rows& rows) {
    std::vector<std::vector<Value>> list;
    list.reserve(rows.size());
    for (auto& [key, row] : rows) list.push_back(std::move(row));
    return session_.Upsert(target, list);
  }

  struct FactKey {
    int64_t node = 0;
    int64_t provenance = 0;
    int64_t origin = 0;
    auto operator<=>(const FactKey&) const = default;
  };
  // Adds to each what the store has of it.
  Result<void> MergeStored(std::map<FactKey, StatedFacts>& facts, std::map<FactKey, std::string>& stored);

  StoreSession& session_;
  WordNumbers words_;
};

Result<void> SqlTransaction::AddEdges(std::span<const Edge> edges) {
  for (const Edge& edge : edges) {
    words_.Want(WordOfPort(edge.upstream.node, edge.upstream.column));
    words_.Want(WordOfPort(edge.downstream.node, edge.downstream.column));
    words_.Want(WordOfOrigin(edge.origin));
    if (edge.job) words_.Want(WordOfPort(*edge.job, {}));
  }
  AMONT_TRY_VOID(words_.Settle(session_));
  std::vector<std::pair<EdgeKey, Edge>> keyed;
  keyed.reserve(edges.size());
  for (const Edge& edge : edges) {
    const EdgeKey key = {words_.Of(WordOfPort(edge.upstream.node, edge.upstream.column)),
                         words_.Of(WordOfPort(edge.downstream.node, edge.downstream.column)),
                         static_cast<int64_t>(edge.kind),
                         static_cast<int64_t>(edge.provenance),
                         words_.Of(WordOfOrigin(edge.origin)),
                         edge.job ? words_.Of(WordOfPort(*edge.job, {})) : 0};
    Edge times;
    times.confidence = edge.confidence;
    times.first_seen = edge.first_seen;
    times.last_seen = edge.last_seen;
    keyed.emplace_back(key, std::move(times));
  }
  std::sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::vector<Value>> rows;
  for (size_t i = 0; i < keyed.size();) {
    auto& [key, edge] = keyed[i];
    for (++i; i < keyed.size() && keyed[i].first == key; ++i) MergeEdge(edge, keyed[i].second);
    std::vector<Value> row(key.begin(), key.end());
    row.emplace_back(static_cast<double>(edge.confidence));
    row.emplace_back(Micros(edge.first_seen));
    row.emplace_back(Micros(edge.last_seen));
    rows.push_back(std::move(row));
  }
  return session_.Upsert(kEdges, rows);
}

Result<void> SqlTransaction::MergeStored(std::map<FactKey, StatedFacts>& facts,
                                         std::map<FactKey, std::string>& stored) {
  std::vector<std::string> nodes;  // numbers, as EachOf takes its keys
  for (const auto& [key, stated] : facts) {
    if (nodes.empty() || nodes.back() != std::to_string(key.node)) nodes.push_back(std::to_string(key.node));
  }
  return EachOf(session_, "SELECT node, provenance, origin, content FROM lineage_fact WHERE node IN ", nodes,
                [&](std::span<const Value> row) {
                  const FactKey key = {AsInteger(row[0]).value_or(0), AsInteger(row[1]).value_or(0),
                                       AsInteger(row[2]).value_or(0)};
                  const auto place = facts.find(key);
                  if (place == facts.end()) return Result<void>();
                  StatedFacts before;
                  const std::string content = TextOf(row[3]);
                  before.facts.name = place->second.facts.name;
                  ReadFactsText(content, before);
                  Merge(place->second, before);
                  stored[key] = content;
                  return Result<void>();
                });
}

Result<void> SqlTransaction::AddFacts(std::span<const StatedFacts> facts) {
  for (const StatedFacts& stated : facts) {
    words_.Want(WordOfPort(stated.facts.name, {}));
    words_.Want(WordOfOrigin(stated.origin));
  }
  AMONT_TRY_VOID(words_.Settle(session_));
  std::map<FactKey, StatedFacts> merged;
  for (const StatedFacts& stated : facts) {
    const FactKey key = {words_.Of(WordOfPort(stated.facts.name, {})),
                         static_cast<int64_t>(stated.provenance), words_.Of(WordOfOrigin(stated.origin))};
    const auto [place, fresh] = merged.try_emplace(key, stated);
    if (!fresh) Merge(place->second, stated);
  }
  std::map<FactKey, std::string> stored;
  AMONT_TRY_VOID(MergeStored(merged, stored));
  std::map<FactKey, std::vector<Value>> rows;
  for (const auto& [key, stated] : merged) {
    std::string content = TextOfFacts(stated);
    const auto before = stored.find(key);
    if (before != stored.end() && before->second == content) continue;
    rows[key] = {key.node, key.provenance, key.origin, std::move(content)};
  }
  return Write(kFacts, rows);
}

}  // namespace

Result<int64_t> HoldLineage(StoreSession& session) {
  AMONT_TRY_VOID(session.Execute("UPDATE lineage_clock SET sequence = sequence + 1", {}));
  AMONT_TRY(const auto rows, Collect(session, "SELECT sequence FROM lineage_clock", {}));
  if (rows.empty()) return MakeError(ErrorCode::kInvalid, "the store has lost its lineage_clock");
  return AsInteger(rows[0][0]).value_or(0);
}

std::unique_ptr<LineageTransaction> MakeLineageTransaction(StoreSession& session) {
  return std::make_unique<SqlTransaction>(session);
}

}  // namespace amont
