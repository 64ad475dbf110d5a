#include "server/store/lineage_retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "lineage/expiry.h"
#include "lineage/knowledge.h"
#include "server/store/lineage_names.h"
#include "server/store/lineage_reader.h"
#include "server/store/lineage_writer.h"
#include "server/store/reading.h"

namespace amont {

namespace {

constexpr size_t kAtOnce = 1'000;  // rows of one transaction: others write in between

// Rows of a table by a time of theirs.
Result<void> TrimByTime(const Batch& batch, std::string_view table, std::string_view key,
                        std::string_view time, Timestamp oldest) {
  const std::array<Value, 1> params = {Micros(oldest)};
  const std::string sql =
      fmt::format("DELETE FROM {0} WHERE ({1}) IN (SELECT {1} FROM {0} WHERE {2} < $1 LIMIT {3})", table, key,
                  time, kAtOnce);
  int64_t gone = 0;
  do {
    const Result<void> done = batch([&](StoreSession& session) -> Result<void> {
      AMONT_TRY(gone, session.Execute(sql, params));
      return {};
    });
    AMONT_TRY_VOID(done);
  } while (gone == static_cast<int64_t>(kAtOnce));
  return {};
}

// What is over by `oldest`, found in one reading of all.
struct Over {
  EndingIndex endings;
  std::vector<Edge> edges;
  std::vector<StatedFacts> facts;

  bool IsOver(const Edge& edge, Timestamp oldest) const {
    const ExpiryRules rules;
    // What an expired edge says may still be asked of the past.
    const auto expires = ExpiresAt(edge.provenance, edge.last_seen, rules);
    if (expires && *expires < oldest) return true;
    const auto end = endings.EndOf(edge);
    if (!end || *end >= oldest) return false;
    return endings.RenamesOf(edge.provenance, edge.upstream.node).empty() &&
           endings.RenamesOf(edge.provenance, edge.downstream.node).empty();
  }
  bool IsOver(const StatedFacts& stated, Timestamp oldest) const {
    for (const Timestamp said : stated.said) {
      const auto read = endings.ReadAfter(stated.provenance, stated.origin, said);
      const auto gone = endings.GoneAfter(stated.provenance, stated.facts.name, said);
      const auto expires = ExpiresAt(stated.provenance, said, ExpiryRules());
      const bool over =
          (read && *read < oldest) || (gone && *gone < oldest) || (expires && *expires < oldest);
      if (!over) return false;
    }
    return endings.RenamesOf(stated.provenance, stated.facts.name).empty();
  }
};

Result<Over> FindOver(const Batch& batch, Timestamp oldest) {
  Over over;
  const Result<void> read = batch([&](StoreSession& session) -> Result<void> {
    over = {};
    LineageSink endings;
    endings.ending = [&](const Ending& ending) { over.endings.Add(ending); };
    AMONT_TRY_VOID(ReadLineageOf(session, endings));
    LineageSink rest;
    rest.edge = [&](const Edge& edge) {
      if (edge.last_seen < oldest && over.IsOver(edge, oldest)) over.edges.push_back(edge);
    };
    rest.facts = [&](StatedFacts facts) {
      if (over.IsOver(facts, oldest)) over.facts.push_back(std::move(facts));
    };
    AMONT_TRY_VOID(ReadLineageOf(session, rest));
    return {};
  });
  AMONT_TRY_VOID(read);
  return over;
}

std::string NumberSql(std::string_view parameter) {
  return fmt::format("(SELECT id FROM lineage_word WHERE word = {})", parameter);
}

// Unless it was seen again meanwhile.
Result<void> DeleteEdge(StoreSession& session, const Edge& edge) {
  const std::array<Value, 7> params = {WordOfPort(edge.upstream.node, edge.upstream.column),
                                       WordOfPort(edge.downstream.node, edge.downstream.column),
                                       static_cast<int64_t>(edge.kind),
                                       static_cast<int64_t>(edge.provenance),
                                       WordOfOrigin(edge.origin),
                                       edge.job ? WordOfPort(*edge.job, {}) : std::string(),
                                       Micros(edge.last_seen)};
  AMONT_TRY_VOID(session.Execute(
      fmt::format(
          "DELETE FROM lineage_edge WHERE upstream = {} AND downstream = {} AND kind = $3 AND provenance = "
          "$4 AND origin = {} AND job = coalesce({}, 0) AND last_seen = $7",
          NumberSql("$1"), NumberSql("$2"), NumberSql("$5"), NumberSql("$6")),
      params));
  return {};
}

Result<void> DeleteFacts(StoreSession& session, const StatedFacts& stated) {
  const std::array<Value, 3> params = {WordOfPort(stated.facts.name, {}),
                                       static_cast<int64_t>(stated.provenance), WordOfOrigin(stated.origin)};
  AMONT_TRY_VOID(session.Execute(
      fmt::format("DELETE FROM lineage_fact WHERE node = {} AND provenance = $2 AND origin = {}",
                  NumberSql("$1"), NumberSql("$3")),
      params));
  return {};
}

template <class Items, class Delete>
Result<void> DeleteAll(const Batch& batch, const Items& items, Delete remove) {
  for (size_t from = 0; from < items.size(); from += kAtOnce) {
    const Result<void> done = batch([&](StoreSession& session) -> Result<void> {
      AMONT_TRY_VOID(HoldLineage(session));
      for (size_t i = from; i < std::min(items.size(), from + kAtOnce); ++i) {
        AMONT_TRY_VOID(remove(session, items[i]));
      }
      return {};
    });
    AMONT_TRY_VOID(done);
  }
  return {};
}

// Readings and drops end only what was seen before them, all of which is gone; renames carry on.
Result<void> TrimEndings(const Batch& batch, Timestamp oldest) {
  return batch([&](StoreSession& session) -> Result<void> {
    AMONT_TRY_VOID(HoldLineage(session));
    const std::array<Value, 2> params = {Micros(oldest), static_cast<int64_t>(EndingKind::kRenamed)};
    AMONT_TRY_VOID(session.Execute("DELETE FROM lineage_ending WHERE at < $1 AND kind <> $2", params));
    // Words that stand nowhere any more.
    AMONT_TRY_VOID(session.Execute(
        "DELETE FROM lineage_word WHERE id NOT IN (SELECT upstream FROM lineage_edge UNION SELECT downstream FROM "
        "lineage_edge UNION SELECT origin FROM lineage_edge UNION SELECT job FROM lineage_edge UNION SELECT node "
        "FROM lineage_fact UNION SELECT origin FROM lineage_fact UNION SELECT origin FROM lineage_ending UNION "
        "SELECT node FROM lineage_ending UNION SELECT target FROM lineage_ending)",
        {}));
    return {};
  });
}

}  // namespace

Result<void> TrimLineage(const Batch& batch, Timestamp oldest) {
  AMONT_TRY_VOID(TrimByTime(batch, "lineage_run_event", "run, digest", "at", oldest));
  AMONT_TRY_VOID(TrimByTime(batch, "lineage_statement", "key", "seen", oldest));
  AMONT_TRY(const Over over, FindOver(batch, oldest));
  AMONT_TRY_VOID(DeleteAll(batch, over.edges, &DeleteEdge));
  AMONT_TRY_VOID(DeleteAll(batch, over.facts, &DeleteFacts));
  return TrimEndings(batch, oldest);
}

}  // namespace amont
