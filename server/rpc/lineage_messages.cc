#include "server/rpc/lineage_messages.h"

#include "core/unicode.h"
#include "server/rpc/messages.h"

namespace amont {

namespace {

v1::Provenance ToMessage(Provenance provenance) {
  switch (provenance) {
    case Provenance::kDeclared:
      return v1::PROVENANCE_DECLARED;
    case Provenance::kDbt:
      return v1::PROVENANCE_DBT;
    case Provenance::kOpenLineage:
      return v1::PROVENANCE_OPENLINEAGE;
    case Provenance::kSql:
      return v1::PROVENANCE_SQL;
    case Provenance::kCatalog:
      return v1::PROVENANCE_CATALOG;
  }
  return v1::PROVENANCE_UNSPECIFIED;
}

v1::NodeKind ToMessage(NodeKind kind) {
  switch (kind) {
    case NodeKind::kTable:
      return v1::NODE_KIND_TABLE;
    case NodeKind::kJob:
      return v1::NODE_KIND_JOB;
    case NodeKind::kExposure:
      return v1::NODE_KIND_EXPOSURE;
  }
  return v1::NODE_KIND_UNSPECIFIED;
}

v1::EdgeKind ToMessage(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::kDirect:
      return v1::EDGE_KIND_DIRECT;
    case EdgeKind::kIndirect:
      return v1::EDGE_KIND_INDIRECT;
    case EdgeKind::kHint:
      return v1::EDGE_KIND_HINT;
  }
  return v1::EDGE_KIND_UNSPECIFIED;
}

v1::StatementStatus ToMessage(StatementEnd end) {
  switch (end) {
    case StatementEnd::kResolved:
      return v1::STATEMENT_STATUS_RESOLVED;
    case StatementEnd::kPartial:
      return v1::STATEMENT_STATUS_PARTIAL;
    case StatementEnd::kFailed:
      return v1::STATEMENT_STATUS_FAILED;
  }
  return v1::STATEMENT_STATUS_UNSPECIFIED;
}

}  // namespace

v1::LineageNode ToMessage(const LineageGraph& graph, NodeId node, int hops) {
  v1::LineageNode message;
  const NodeId table = graph.TableOf(node);
  message.set_id(RepairUtf8(graph.TextOf(table)));
  message.set_kind(ToMessage(graph.KindOf(node)));
  message.set_hop(hops);
  if (graph.IsColumn(node)) {
    message.set_column(RepairUtf8(graph.ColumnOf(node)));
    message.set_owner(RepairUtf8(graph.OwnerOf(node)));
    return message;
  }
  const NodeFacts facts = graph.Shown(node);
  message.set_form(RepairUtf8(facts.form));
  message.set_owner(RepairUtf8(facts.owner));
  message.set_description(RepairUtf8(facts.description));
  message.set_url(RepairUtf8(facts.url));
  for (const std::string& tag : facts.tags) message.add_tags(RepairUtf8(tag));
  for (const std::string& test : facts.tests) message.add_tests(RepairUtf8(test));
  return message;
}

v1::LineageEdge ToMessage(const LineageGraph& graph, const GraphEdge& edge) {
  v1::LineageEdge message;
  message.set_upstream(RepairUtf8(graph.TextOf(graph.TableOf(edge.upstream))));
  message.set_upstream_column(RepairUtf8(graph.ColumnOf(edge.upstream)));
  message.set_downstream(RepairUtf8(graph.TextOf(graph.TableOf(edge.downstream))));
  message.set_downstream_column(RepairUtf8(graph.ColumnOf(edge.downstream)));
  message.set_kind(ToMessage(edge.kind));
  message.set_provenance(ToMessage(edge.provenance));
  message.set_origin(RepairUtf8(graph.OriginText(edge.origin)));
  if (edge.job != kNoNode) message.set_job(RepairUtf8(graph.TextOf(edge.job)));
  message.set_confidence(edge.confidence);
  *message.mutable_first_seen() = ToMessage(edge.first_seen);
  *message.mutable_last_seen() = ToMessage(edge.last_seen);
  return message;
}

v1::LineageStatement ToMessage(const ReadStatement& statement) {
  v1::LineageStatement message;
  message.set_status(ToMessage(statement.end));
  message.set_reason(RepairUtf8(statement.reason));
  message.set_origin(RepairUtf8(statement.origin));
  message.set_subject(RepairUtf8(statement.subject));
  for (const std::string& name : statement.unresolved) message.add_unresolved(RepairUtf8(name));
  *message.mutable_seen_time() = ToMessage(statement.seen);
  return message;
}

std::optional<StatementEnd> FromMessage(v1::StatementStatus status) {
  for (const StatementEnd end : {StatementEnd::kResolved, StatementEnd::kPartial, StatementEnd::kFailed}) {
    if (ToMessage(end) == status) return end;
  }
  return std::nullopt;
}

}  // namespace amont
