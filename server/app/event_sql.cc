#include "server/app/event_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "lineage/sql/edges.h"
#include "lineage/sql/script.h"
#include "server/app/statement_end.h"
#include "server/executor/big_stack.h"
#include "server/store/digest.h"

namespace amont {

namespace {

constexpr size_t kKnownMax = 2'000;        // texts whose reading is kept
constexpr size_t kSqlBytesMax = 1u << 20;  // of one event: more is a dump

bool IsPostgres(const std::string& dialect) {
  if (dialect.empty()) return true;
  std::string lower = dialect;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower.starts_with("postgres") || lower == "redshift" || lower == "ansi";
}

}  // namespace

std::optional<EventLineage> EventSql::Read(const OpenLineageEvent& event) {
  if (!event.job || event.job->sql.empty() || event.job->sql.size() > kSqlBytesMax) return std::nullopt;
  if (!IsPostgres(event.job->sql_dialect)) return std::nullopt;
  std::string source;
  for (const auto* datasets : {&event.outputs, &event.inputs}) {
    for (const OpenLineageDataset& dataset : *datasets) {
      const DatasetNaming::Named named = naming_.Name(dataset.id);
      if (named.ours && source.empty()) source = named.node.space;
    }
  }
  if (source.empty()) return std::nullopt;
  const NodeName job = NodeName::Job(event.job->id.space, event.job->id.name);
  const int64_t digest = DigestOf(fmt::format("{}\n{}\n{}", source, job.Text(), event.job->sql));
  if (known_.size() > kKnownMax) known_.clear();
  const auto [place, fresh] = known_.try_emplace(digest);
  EventLineage& known = place->second;
  if (fresh) {
    SqlCatalog catalog;
    std::vector<SqlStatement> statements;
    RunOnBigStack([&] { statements = AnalyseSql(event.job->sql, catalog, {}); });
    SqlOrigin origin;
    origin.source = source;
    origin.origin = ProducerOrigin(event.producer);
    origin.job = job;
    origin.at = event.at;
    known.extract = ExtractOfSql(statements, origin);
    for (size_t i = 0; i < statements.size(); ++i) {
      ReadStatement read;
      read.key = fmt::format("event\n{:x}\n{}", static_cast<uint64_t>(digest), i);
      read.end = EndOf(statements[i].status);
      read.reason = read.end != StatementEnd::kFailed
                        ? statements[i].reason
                        : fmt::format("line {}, column {}: {}", statements[i].line, statements[i].column,
                                      statements[i].reason);
      read.origin = origin.origin;
      read.subject = job.Text();
      read.unresolved = statements[i].unresolved;
      known.statements.push_back(std::move(read));
    }
  }
  EventLineage lineage = known;
  lineage.extract.at = event.at;
  for (Edge& edge : lineage.extract.edges) edge.first_seen = edge.last_seen = event.at;
  for (ReadStatement& statement : lineage.statements) statement.seen = event.at;
  return lineage;
}

}  // namespace amont
