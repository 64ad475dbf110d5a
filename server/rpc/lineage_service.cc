#include "server/rpc/lineage_service.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "core/limits.h"
#include "core/quoted.h"
#include "lineage/find_node.h"
#include "lineage/trace.h"
#include "server/clock/wall_clock.h"
#include "server/rpc/lineage_messages.h"
#include "server/rpc/messages.h"
#include "server/rpc/page_token.h"
#include "server/rpc/requests.h"
#include "server/rpc/serve_call.h"
#include "server/telemetry/state_map.h"

namespace amont {

namespace {

constexpr size_t kNodesMax = 10'000;
constexpr size_t kNodes = 1'000;                // where no limit is asked for
constexpr size_t kImportBytesMax = 256u << 20;  // of a project's files together
constexpr auto kRetry = std::chrono::seconds(1);

grpc::Status Denied(const Caller& caller, const std::string& source) {
  CallError refused;
  refused.code = grpc::StatusCode::PERMISSION_DENIED;
  refused.reason = "SOURCE_DENIED";
  refused.message = fmt::format("token {} may not see the source {}", Quoted(caller.name), Quoted(source));
  refused.metadata = {{"source", source}, {"token", caller.name}};
  return ToStatus(refused);
}

// What lineage says itself: a queue that is full asks to come again.
grpc::Status FromIngest(const Error& error) {
  if (error.code != ErrorCode::kLimit) return FromError(error);
  CallError refused;
  refused.code = grpc::StatusCode::RESOURCE_EXHAUSTED;
  refused.reason = "QUEUE_FULL";
  refused.message = error.message;
  refused.retry_after = kRetry;
  return ToStatus(refused);
}

// One question to a graph, by a caller who may not see all of it.
class Asked {
 public:
  Asked(const Caller& caller, std::shared_ptr<const LineageGraph> graph, std::string source)
      : caller_(caller), graph_(std::move(graph)), source_(std::move(source)) {}

  const LineageGraph& graph() const { return *graph_; }
  bool Sees(NodeId node) const {
    return caller_.sources.empty() || graph_->KindOf(node) != NodeKind::kTable ||
           caller_.sources.contains(graph_->NameOf(node).space);
  }

  // The node that `field` names.
  grpc::Status Find(const char* field, const std::string& text, const std::string& column,
                    NodeId& node) const {
    if (text.empty()) return BadRequest({{field, "is empty"}});
    const Result<NodeId> found = FindNode(*graph_, text, column, source_);
    if (found) {
      node = *found;
      return Sees(node) ? grpc::Status::OK : Denied(caller_, graph_->NameOf(node).space);
    }
    if (found.error().code == ErrorCode::kInvalid) return BadRequest({{field, found.error().message}});
    CallError refused;
    refused.code = grpc::StatusCode::NOT_FOUND;
    refused.reason = "NODE_UNKNOWN";
    refused.message = found.error().message;
    refused.resource_type = "amont.v1.LineageNode";
    refused.resource_name = text;
    return ToStatus(refused);
  }

  // The edges between these nodes, and those from them that reach all columns of a table of which one is
  // among them.
  template <class Response>
  void AddEdges(const std::vector<NodeId>& nodes, Response& response) const {
    std::vector<bool> shown(graph_->node_count());
    for (const NodeId node : nodes) {
      shown[node] = true;
      if (!graph_->IsColumn(node)) continue;
      if (const auto table = graph_->Find(graph_->NameOf(node))) shown[*table] = true;
    }
    for (const NodeId node : nodes) {
      const auto [first, last] = graph_->Leaving(node);
      for (EdgeId id = first; id < last; ++id) {
        const GraphEdge& edge = graph_->edge(id);
        if (shown[edge.downstream]) *response.add_edges() = ToMessage(*graph_, edge);
      }
    }
  }

 private:
  const Caller& caller_;
  std::shared_ptr<const LineageGraph> graph_;
  std::string source_;
};

// `depth` and `limit` of a request.
TraceOptions ReadBounds(int32_t depth, int32_t limit, Violations& violations) {
  TraceOptions options;
  if (depth < 0) violations.push_back({"depth", "is negative"});
  if (limit < 0 || static_cast<size_t>(limit) > kNodesMax) {
    violations.push_back({"limit", fmt::format("is not from 0 to {}", kNodesMax)});
  }
  options.depth = std::max(depth, 0);
  options.limit = limit > 0 ? static_cast<size_t>(limit) : kNodes;
  return options;
}

// Tables that fail now, each since the earliest of its checks.
std::vector<Failing> FailingNow(const StateMap& states, const LineageGraph& graph) {
  CheckFilter filter;
  filter.statuses = {Status::kFail};
  std::vector<Failing> failing;
  for (const KnownCheckPtr& known : states.List(filter, "", std::numeric_limits<size_t>::max())) {
    const auto node = graph.Find(NodeName::Of(known->check->table->name));
    if (node && known->state && known->state->since) failing.push_back({*node, *known->state->since});
  }
  return failing;
}

// Those at or above the node: of a column, the tables of the columns it is made of.
void AddFailing(const Asked& asked, NodeId start, const std::vector<Failing>& failing,
                v1::GetCauseResponse& response) {
  TraceOptions options;
  options.limit = kNodesMax;
  std::set<NodeName> above = {asked.graph().NameOf(start)};
  for (const Reached& reached : TraceFrom(asked.graph(), start, Direction::kUpstream, options).nodes) {
    above.insert(asked.graph().NameOf(reached.node));
  }
  std::map<NodeName, Timestamp> shown;
  for (const Failing& table : failing) {
    const NodeName& name = asked.graph().NameOf(table.node);
    if (!above.contains(name) || !asked.Sees(table.node)) continue;
    const auto [place, fresh] = shown.emplace(name, table.since);
    if (!fresh) place->second = std::min(place->second, table.since);
  }
  for (const auto& [name, since] : shown) {
    v1::FailingNode& message = *response.add_failing();
    message.set_node(name.Text());
    *message.mutable_since_time() = ToMessage(since);
  }
}

int TierOf(const std::map<NodeName, int>& tiers, const NodeName& node) {
  const auto tier = tiers.find(node);
  return tier == tiers.end() ? 0 : tier->second;
}

std::map<NodeName, int> TiersOf(const Config& config) {
  std::map<NodeName, int> tiers;
  for (const auto& table : config.declarations.tables) {
    if (table->tier > 0) tiers.emplace(NodeName::Of(table->name), table->tier);
  }
  return tiers;
}

}  // namespace

grpc::Status LineageService::IngestEvent(grpc::ServerContext* context, const v1::IngestEventRequest* request,
                                         v1::IngestEventResponse* response) {
  return ServeCall(backend_, admission_, "LineageService/IngestEvent", Scope::kLineage, *context,
                   [&](const Caller& caller) {
                     if (request->event().empty()) return BadRequest({{"event", "is empty"}});
                     IngestOrder order;
                     order.text = request->event();
                     order.token = caller.name;
                     order.sources = caller.sources;
                     const Result<IngestReport> report = backend_.lineage.ingest(std::move(order));
                     if (report) {
                       response->set_edges(static_cast<int64_t>(report->edges));
                       return grpc::Status::OK;
                     }
                     if (report.error().code == ErrorCode::kInvalid) {
                       return BadRequest({{"event", report.error().message}});
                     }
                     return FromIngest(report.error());
                   });
}

grpc::Status LineageService::ImportManifest(grpc::ServerContext* context,
                                            grpc::ServerReader<v1::ImportManifestRequest>* reader,
                                            v1::ImportManifestResponse* response) {
  return ServeCall(
      backend_, admission_, "LineageService/ImportManifest", Scope::kAdmin, *context,
      [&](const Caller& caller) -> grpc::Status {
        if (importing_.exchange(true)) {
          return FromIngest(MakeError(ErrorCode::kLimit, "another manifest is being imported"));
        }
        const std::unique_ptr<std::atomic<bool>, void (*)(std::atomic<bool>*)> done(
            &importing_, [](std::atomic<bool>* importing) { *importing = false; });
        ManifestImport import;
        import.token = caller.name;
        size_t bytes = 0;
        for (v1::ImportManifestRequest piece; reader->Read(&piece);) {
          bytes += piece.content().size();
          if (bytes > kImportBytesMax) {
            return FromError(MakeError(ErrorCode::kLimit, "the files have more than 256 MiB together"));
          }
          if (!piece.source().empty()) import.source = piece.source();
          switch (piece.part()) {
            case v1::MANIFEST_PART_MANIFEST:
              import.manifest += piece.content();
              break;
            case v1::MANIFEST_PART_CATALOG:
              import.catalog += piece.content();
              break;
            case v1::MANIFEST_PART_RUN_RESULTS:
              import.run_results += piece.content();
              break;
            default:
              return BadRequest({{"part", "is none that this service knows"}});
          }
        }
        if (context->IsCancelled()) return GivenUp(*context);
        if (import.manifest.empty()) return BadRequest({{"content", "no manifest was sent"}});
        if (!import.source.empty() && !backend_.config.Get()->sources.contains(import.source)) {
          return BadRequest({{"source", fmt::format("there is no source {}", Quoted(import.source))}});
        }
        if (!import.source.empty() && !caller.Sees(import.source + "/")) return Denied(caller, import.source);
        const Result<ImportedManifest> imported = backend_.lineage.import_manifest(import);
        if (!imported && imported.error().code == ErrorCode::kInvalid) {
          return BadRequest({{"content", imported.error().message}});
        }
        if (!imported) return FromIngest(imported.error());
        response->set_origin(imported->project);
        response->set_nodes(static_cast<int64_t>(imported->nodes));
        response->set_edges(static_cast<int64_t>(imported->edges));
        for (const std::string& warning : imported->warnings) response->add_warnings(warning);
        return grpc::Status::OK;
      });
}

grpc::Status LineageService::GetGraph(grpc::ServerContext* context, const v1::GetGraphRequest* request,
                                      v1::GetGraphResponse* response) {
  return ServeCall(
      backend_, admission_, "LineageService/GetGraph", Scope::kRead, *context, [&](const Caller& caller) {
        Violations violations;
        const TraceOptions options = ReadBounds(request->depth(), request->limit(), violations);
        std::optional<Timestamp> at;
        if (request->has_at_time()) {
          at = FromMessage(request->at_time());
          if (!at) violations.push_back({"at_time", "is no time"});
        }
        if (!violations.empty()) return BadRequest(violations);
        std::shared_ptr<const LineageGraph> graph;
        if (at) {
          auto read = backend_.lineage.graph_at(*at);
          if (!read) return FromError(read.error());
          graph = std::move(*read);
        } else {
          graph = backend_.lineage.graph();
        }
        const Asked asked(caller, std::move(graph), backend_.lineage.default_source());
        NodeId start = kNoNode;
        if (auto bad = asked.Find("node", request->node(), request->column(), start); !bad.ok()) return bad;
        std::map<NodeId, int> hops = {{start, 0}};
        size_t cut = 0;
        for (const Direction direction : {Direction::kUpstream, Direction::kDownstream}) {
          const auto other =
              direction == Direction::kUpstream ? v1::DIRECTION_DOWNSTREAM : v1::DIRECTION_UPSTREAM;
          if (request->direction() == other) continue;
          const Trace trace = TraceFrom(asked.graph(), start, direction, options);
          cut += trace.cut.beyond_depth + trace.cut.beyond_limit;
          for (const Reached& reached : trace.nodes) {
            if (!asked.Sees(reached.node)) continue;
            if (hops.size() > options.limit) {
              ++cut;
            } else {
              hops.emplace(reached.node, reached.hops);
            }
          }
        }
        const std::map<NodeName, int> tiers = TiersOf(*backend_.config.Get());
        std::vector<NodeId> nodes;
        for (const auto& [node, hop] : hops) {
          nodes.push_back(node);
          v1::LineageNode& message = *response->add_nodes();
          message = ToMessage(asked.graph(), node, hop);
          message.set_tier(TierOf(tiers, asked.graph().NameOf(node)));
        }
        asked.AddEdges(nodes, *response);
        response->set_nodes_cut(static_cast<int64_t>(cut));
        return FitMessage(*response, "ask for a smaller depth or limit");
      });
}

grpc::Status LineageService::GetImpact(grpc::ServerContext* context, const v1::GetImpactRequest* request,
                                       v1::GetImpactResponse* response) {
  return ServeCall(
      backend_, admission_, "LineageService/GetImpact", Scope::kRead, *context, [&](const Caller& caller) {
        Violations violations;
        const TraceOptions options = ReadBounds(request->depth(), request->limit(), violations);
        if (!violations.empty()) return BadRequest(violations);
        const Asked asked(caller, backend_.lineage.graph(), backend_.lineage.default_source());
        NodeId start = kNoNode;
        if (auto bad = asked.Find("node", request->node(), request->column(), start); !bad.ok()) return bad;
        const Impact impact = ImpactOf(asked.graph(), start, options);
        const std::map<NodeName, int> tiers = TiersOf(*backend_.config.Get());
        std::vector<Impact::Affected> all;
        for (const auto* list : {&impact.tables, &impact.columns, &impact.exposures, &impact.jobs}) {
          all.insert(all.end(), list->begin(), list->end());
        }
        std::erase_if(all, [&](const Impact::Affected& one) { return !asked.Sees(one.node); });
        std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
          return std::tie(a.hops, a.node) < std::tie(b.hops, b.node);
        });
        for (const Impact::Affected& one : all) {
          v1::LineageNode& message = *response->add_nodes();
          message = ToMessage(asked.graph(), one.node, one.hops);
          message.set_tier(TierOf(tiers, asked.graph().NameOf(one.node)));
          if (one.fallback && !asked.graph().IsColumn(one.node)) {
            response->add_tables_without_columns(message.id());
          }
        }
        for (const Impact::OwnerShare& share : impact.owners) response->add_owners(std::string(share.owner));
        response->set_tables(static_cast<int64_t>(impact.table_count));
        response->set_columns(static_cast<int64_t>(impact.column_count));
        response->set_exposures(static_cast<int64_t>(impact.exposure_count));
        response->set_nodes_cut(static_cast<int64_t>(impact.cut.beyond_depth + impact.cut.beyond_limit));
        return FitMessage(*response, "ask for a smaller depth or limit");
      });
}

grpc::Status LineageService::GetCause(grpc::ServerContext* context, const v1::GetCauseRequest* request,
                                      v1::GetCauseResponse* response) {
  return ServeCall(
      backend_, admission_, "LineageService/GetCause", Scope::kRead, *context, [&](const Caller& caller) {
        const Asked asked(caller, backend_.lineage.graph(), backend_.lineage.default_source());
        NodeId start = kNoNode;
        if (auto bad = asked.Find("node", request->node(), request->column(), start); !bad.ok()) return bad;
        const std::vector<Failing> failing = FailingNow(backend_.states, asked.graph());
        AddFailing(asked, start, failing, *response);
        TraceOptions few;
        few.limit = 1;
        for (const CauseRoot& root : CauseOf(asked.graph(), start, failing).roots) {
          if (!asked.Sees(root.node)) continue;
          v1::Cause& cause = *response->add_causes();
          *cause.mutable_node() = ToMessage(asked.graph(), root.node, root.hops);
          *cause.mutable_since_time() = ToMessage(root.since);
          cause.set_impact(static_cast<int64_t>(ImpactOf(asked.graph(), root.node, few).table_count));
          for (const Reached& step : FindPath(asked.graph(), root.node, start)) {
            if (asked.Sees(step.node)) cause.add_path(ToMessage(asked.graph(), step.node, 0).id());
          }
        }
        return FitMessage(*response, "ask for another table");
      });
}

grpc::Status LineageService::GetPath(grpc::ServerContext* context, const v1::GetPathRequest* request,
                                     v1::GetPathResponse* response) {
  return ServeCall(
      backend_, admission_, "LineageService/GetPath", Scope::kRead, *context, [&](const Caller& caller) {
        const Asked asked(caller, backend_.lineage.graph(), backend_.lineage.default_source());
        NodeId from = kNoNode;
        NodeId to = kNoNode;
        if (auto bad = asked.Find("from_node", request->from_node(), request->from_column(), from);
            !bad.ok()) {
          return bad;
        }
        if (auto bad = asked.Find("to_node", request->to_node(), request->to_column(), to); !bad.ok())
          return bad;
        std::vector<NodeId> nodes;
        for (const Reached& step : FindPath(asked.graph(), from, to)) {
          if (!asked.Sees(step.node)) continue;
          nodes.push_back(step.node);
          *response->add_nodes() = ToMessage(asked.graph(), step.node, step.hops);
        }
        asked.AddEdges(nodes, *response);
        return FitMessage(*response, "ask for another path");
      });
}

grpc::Status LineageService::ListStatements(grpc::ServerContext* context,
                                            const v1::ListStatementsRequest* request,
                                            v1::ListStatementsResponse* response) {
  return ServeCall(backend_, admission_, "LineageService/ListStatements", Scope::kRead, *context,
                   [&](const Caller& caller) {
                     Violations violations;
                     StatementQuery query;
                     for (int i = 0; i < request->statuses_size(); ++i) {
                       const auto end = FromMessage(request->statuses(i));
                       if (end) query.ends.push_back(*end);
                       if (!end) violations.push_back({fmt::format("statuses[{}]", i), "is no status"});
                     }
                     if (auto bad = ReadPageSize(request->page_size(), query.limit, violations); !bad.ok())
                       return bad;
                     if (auto place = ReadPageToken(ListingOf(*request), request->page_token())) {
                       query.after = std::move(*place);
                     } else {
                       violations.push_back({"page_token", "is not of a page of this listing"});
                     }
                     if (!violations.empty()) return BadRequest(violations);
                     const auto page = backend_.store.Lineage().ListStatements(query);
                     if (!page) return FromError(page.error());
                     for (const ReadStatement& statement : page->statements) {
                       if (caller.Sees(statement.subject)) *response->add_statements() = ToMessage(statement);
                     }
                     response->set_next_page_token(MakePageToken(ListingOf(*request), page->next));
                     return FitMessage(*response, "ask for smaller pages");
                   });
}

}  // namespace amont
