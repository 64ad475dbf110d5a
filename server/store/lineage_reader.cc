#include "server/store/lineage_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "core/json_document.h"
#include "core/limits.h"
#include "server/store/lineage_facts.h"
#include "server/store/lineage_names.h"
#include "server/store/reading.h"

namespace amont {

namespace {

constexpr size_t kAtOnce = 20'000;  // rows of one statement
constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();

// Parts of the statements by which pages are read.
struct Paged {
  std::string_view columns;
  std::string_view table;
  std::string_view key;
  std::string_view after;  // the key's parameters, from $1 on
};
constexpr Paged kEdges = {
    "upstream, downstream, kind, provenance, origin, job, confidence, first_seen, last_seen", "lineage_edge",
    "upstream, downstream, kind, provenance, origin, job", "$1, $2, $3, $4, $5, $6"};
constexpr Paged kFacts = {"node, provenance, origin, content", "lineage_fact", "node, provenance, origin",
                          "$1, $2, $3"};
constexpr Paged kEndings = {"kind, provenance, origin, node, target, at", "lineage_ending",
                            "kind, provenance, origin, node, target, at", "$1, $2, $3, $4, $5, $6"};

std::string PageOf(const Paged& paged) {
  return fmt::format("SELECT {} FROM {} WHERE ({}) > ({}) ORDER BY {} LIMIT {}", paged.columns, paged.table,
                     paged.key, paged.after, paged.key, kAtOnce);
}

Timestamp TimeOf(const Value& value) { return Timestamp(Duration(AsInteger(value).value_or(0))); }

class LineageReading {
 public:
  LineageReading(Connection& connection, const LineageSink& sink)
      : connection_(connection), sink_(sink), words_(connection) {}

  Result<void> Read() {
    if (sink_.ending) AMONT_TRY_VOID(ReadPages(kEndings, 6, [this](auto row) { return TakeEnding(row); }));
    if (sink_.edge) AMONT_TRY_VOID(ReadPages(kEdges, 6, [this](auto row) { return TakeEdge(row); }));
    if (sink_.facts) AMONT_TRY_VOID(ReadPages(kFacts, 3, [this](auto row) { return TakeFacts(row); }));
    return {};
  }

 private:
  // The first `keys` cells of a row are its key.
  template <class Take>
  Result<void> ReadPages(const Paged& paged, size_t keys, Take take) {
    const std::string sql = PageOf(paged);
    std::vector<Value> last(keys, kFirst);
    std::vector<std::vector<Value>> page;  // words are read in between: not within the statement
    do {
      page.clear();
      AMONT_TRY_VOID(connection_.Query(sql, last, {}, {}, [&](std::span<const Value> row) {
        page.emplace_back(row.begin(), row.end());
        return Result<void>();
      }));
      for (const auto& row : page) AMONT_TRY_VOID(take(std::span<const Value>(row)));
      if (!page.empty()) std::copy_n(page.back().begin(), keys, last.begin());
    } while (page.size() == kAtOnce);
    return {};
  }

  Result<void> TakeEdge(std::span<const Value> row) {
    AMONT_TRY(const Port* const upstream, words_.PortOf(AsInteger(row[0]).value_or(0)));
    AMONT_TRY(const Port* const downstream, words_.PortOf(AsInteger(row[1]).value_or(0)));
    AMONT_TRY(const std::string* const origin, words_.OriginOf(AsInteger(row[4]).value_or(0)));
    const int64_t job = AsInteger(row[5]).value_or(0);
    const Port* made_by = nullptr;
    if (job != 0) {
      AMONT_TRY(made_by, words_.PortOf(job));
    }
    if (upstream == nullptr || downstream == nullptr || origin == nullptr) return {};
    edge_.upstream = *upstream;
    edge_.downstream = *downstream;
    edge_.kind = static_cast<EdgeKind>(AsInteger(row[2]).value_or(0));
    edge_.provenance = static_cast<Provenance>(AsInteger(row[3]).value_or(0));
    edge_.origin = *origin;
    if (made_by == nullptr) {
      edge_.job.reset();
    } else {
      edge_.job = made_by->node;
    }
    edge_.confidence = static_cast<float>(AsNumber(row[6]).value_or(1.0));
    edge_.first_seen = TimeOf(row[7]);
    edge_.last_seen = TimeOf(row[8]);
    sink_.edge(edge_);
    return {};
  }

  Result<void> TakeFacts(std::span<const Value> row) {
    AMONT_TRY(const Port* const node, words_.PortOf(AsInteger(row[0]).value_or(0)));
    AMONT_TRY(const std::string* const origin, words_.OriginOf(AsInteger(row[2]).value_or(0)));
    if (node == nullptr || origin == nullptr) return {};
    StatedFacts stated;
    stated.provenance = static_cast<Provenance>(AsInteger(row[1]).value_or(0));
    stated.origin = *origin;
    stated.facts.name = node->node;
    ReadFactsText(TextOf(row[3]), stated);
    sink_.facts(std::move(stated));
    return {};
  }

  Result<void> TakeEnding(std::span<const Value> row) {
    Ending ending;
    ending.kind = static_cast<EndingKind>(AsInteger(row[0]).value_or(0));
    ending.provenance = static_cast<Provenance>(AsInteger(row[1]).value_or(0));
    AMONT_TRY(const std::string* const origin, words_.OriginOf(AsInteger(row[2]).value_or(0)));
    if (origin != nullptr) ending.origin = *origin;
    const int64_t node = AsInteger(row[3]).value_or(0);
    const int64_t target = AsInteger(row[4]).value_or(0);
    if (node != 0) {
      AMONT_TRY(const Port* const port, words_.PortOf(node));
      if (port != nullptr) ending.node = port->node;
    }
    if (target != 0) {
      AMONT_TRY(const Port* const port, words_.PortOf(target));
      if (port != nullptr) ending.to = port->node;
    }
    ending.at = TimeOf(row[5]);
    sink_.ending(ending);
    return {};
  }

  Connection& connection_;
  const LineageSink& sink_;
  WordReader words_;
  Edge edge_;  // one for all: its texts keep their room
};

constexpr std::string_view kStatements =
    "SELECT key, ended, reason, origin, subject, unresolved, seen FROM lineage_statement WHERE ";
constexpr std::string_view kBefore = "(seen, key) < ($1, $2) ORDER BY seen DESC, key DESC LIMIT ";
constexpr std::string_view kOfEnd = "ended = $3 AND ";

// "MICROSECONDS:KEY"
Result<std::pair<int64_t, std::string>> PlaceOf(const std::string& after) {
  std::pair<int64_t, std::string> place(std::numeric_limits<int64_t>::max(), "");
  if (after.empty()) return place;
  const size_t colon = after.find(':');
  const char* end = after.data() + std::min(colon, after.size());
  const auto [rest, error] = std::from_chars(after.data(), end, place.first);
  if (colon == std::string::npos || error != std::errc() || rest != end) {
    return MakeError(ErrorCode::kInvalid, "this page token is none that a listing gave");
  }
  place.second = after.substr(colon + 1);
  return place;
}

ReadStatement StatementOf(std::span<const Value> row) {
  ReadStatement statement;
  statement.key = TextOf(row[0]);
  statement.end = static_cast<StatementEnd>(AsInteger(row[1]).value_or(0));
  statement.reason = TextOf(row[2]);
  statement.origin = TextOf(row[3]);
  statement.subject = TextOf(row[4]);
  const std::string unresolved = TextOf(row[5]);
  if (const Result<JsonDocument> names = ParseJson(unresolved); names) {
    for (const JsonValue& name : names->Root()) statement.unresolved.emplace_back(name.String());
  }
  statement.seen = TimeOf(row[6]);
  return statement;
}

}  // namespace

Result<int64_t> ReadSequenceOf(Connection& connection) {
  AMONT_TRY(const auto rows, Collect(connection, "SELECT sequence FROM lineage_clock", {}));
  return rows.empty() ? int64_t{0} : AsInteger(rows[0][0]).value_or(0);
}

Result<int64_t> ReadLineageOf(Connection& connection, const LineageSink& sink) {
  AMONT_TRY(const int64_t sequence, ReadSequenceOf(connection));
  AMONT_TRY_VOID(LineageReading(connection, sink).Read());
  return sequence;
}

Result<StatementPage> ListStatementsOf(Connection& connection, const StatementQuery& query) {
  AMONT_TRY(const auto place, PlaceOf(query.after));
  const size_t limit = std::clamp<size_t>(query.limit, 1, limits::kListedMax);
  StatementPage page;
  const auto read = [&](std::optional<StatementEnd> end) -> Result<void> {
    std::vector<Value> params = {place.first, place.second};
    if (end) params.emplace_back(static_cast<int64_t>(*end));
    const std::string sql = fmt::format("{}{}{}{}", kStatements, end ? kOfEnd : "", kBefore, limit + 1);
    AMONT_TRY_VOID(connection.Query(sql, params, {}, {}, [&](std::span<const Value> row) {
      page.statements.push_back(StatementOf(row));
      return Result<void>();
    }));
    return {};
  };
  if (query.ends.empty()) AMONT_TRY_VOID(read(std::nullopt));
  for (const StatementEnd end : query.ends) AMONT_TRY_VOID(read(end));
  std::sort(page.statements.begin(), page.statements.end(),
            [](const ReadStatement& a, const ReadStatement& b) {
              return std::tie(a.seen, a.key) > std::tie(b.seen, b.key);
            });
  if (page.statements.size() > limit) {
    page.statements.resize(limit);
    page.next = fmt::format("{}:{}", Micros(page.statements.back().seen), page.statements.back().key);
  }
  for (ReadStatement& statement : page.statements) statement.key.clear();
  return page;
}

std::vector<std::string> LineageQueries() {
  return {PageOf(kEdges), PageOf(kFacts), PageOf(kEndings), fmt::format("{}{}1", kStatements, kBefore),
          fmt::format("{}{}{}1", kStatements, kOfEnd, kBefore)};
}

std::string_view Word(StatementEnd end) {
  switch (end) {
    case StatementEnd::kResolved:
      return "resolved";
    case StatementEnd::kPartial:
      return "partial";
    case StatementEnd::kFailed:
      return "failed";
  }
  return "failed";
}

}  // namespace amont
