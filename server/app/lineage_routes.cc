#include "server/app/lineage_routes.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "core/json.h"
#include "core/log.h"
#include "server/app/lineage_view.h"

namespace amont {

namespace {

constexpr size_t kEventBytesMax = 4u << 20;   // as one message of gRPC
constexpr size_t kBatchBytesMax = 16u << 20;  // a few thousand events

HttpResponse JsonResponse(int status, const JsonWriter& json) {
  HttpResponse response = TextResponse(status, json.Text(-1) + "\n");
  response.content_type = "application/json";
  return response;
}

HttpResponse Failure(int status, std::string_view reason) {
  JsonWriter json;
  json.BeginObject().Key("error").String(reason).EndObject();
  return JsonResponse(status, json);
}

HttpResponse Failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalid:
      return Failure(400, error.message);
    case ErrorCode::kPermission:
      return Failure(403, error.message);
    case ErrorCode::kNotFound:
      return Failure(404, error.message);
    case ErrorCode::kLimit: {
      HttpResponse response = Failure(429, error.message);
      response.headers.emplace_back("Retry-After", "1");
      return response;
    }
    default: {
      HttpResponse response = Failure(503, error.message);
      response.headers.emplace_back("Retry-After", "5");
      return response;
    }
  }
}

// 204 where every event was taken; else which were not, as the standard has it.
HttpResponse BatchResponse(const IngestReport& report) {
  if (report.failures.empty()) return TextResponse(204, "");
  JsonWriter json;
  const auto failed = static_cast<int64_t>(report.failures.size());
  json.BeginObject().Key("status").String("partial_success");
  json.Key("summary").BeginObject();
  json.Key("received").Integer(static_cast<int64_t>(report.received));
  json.Key("successful").Integer(static_cast<int64_t>(report.received) - failed);
  json.Key("failed").Integer(failed);
  json.Key("retriable").Integer(0).Key("non_retriable").Integer(failed).EndObject();
  json.Key("failed_events").BeginArray();
  for (const IngestFailure& failure : report.failures) {
    json.BeginObject().Key("index").Integer(static_cast<int64_t>(failure.index));
    json.Key("reason").String(failure.reason).Key("retriable").Boolean(false).EndObject();
  }
  json.EndArray().EndObject();
  return JsonResponse(200, json);
}

// A page of another site can make a browser send texts and forms here, but no JSON.
bool IsJson(const HttpRequest& request) {
  const std::string_view type = request.Header("content-type");
  return type.empty() || type.find("json") != std::string_view::npos;
}

void Ingest(const Admit& admit, const LineageHooks& hooks, bool batch, HttpRequest request, HttpReply reply) {
  const Admitted admitted = admit(request.token, Scope::kLineage);
  if (auto denial = Denial(admitted, Scope::kLineage)) return reply(std::move(*denial));
  if (!IsJson(request)) return reply(Failure(415, "lineage comes as application/json"));
  IngestOrder order;
  order.text = std::move(request.body);
  order.batch = batch;
  order.token = admitted.name;
  order.sources = admitted.sources;
  const auto shared = std::make_shared<HttpReply>(std::move(reply));
  const Result<void> added =
      hooks.ingest(std::move(order), [shared, batch](const Result<IngestReport>& report) {
        if (!report) return (*shared)(Failure(report.error()));
        (*shared)(batch ? BatchResponse(*report) : TextResponse(201, ""));
      });
  if (!added) (*shared)(Failure(added.error()));
}

// nullopt: it is no number from 0 on.
std::optional<int> NumberOf(const HttpRequest& request, const std::string& name) {
  const auto given = request.query.find(name);
  if (given == request.query.end() || given->second.empty()) return 0;
  int number = 0;
  const char* end = given->second.data() + given->second.size();
  const auto [rest, failed] = std::from_chars(given->second.data(), end, number);
  if (failed != std::errc() || rest != end || number < 0) return std::nullopt;
  return number;
}

std::string WordOf(const HttpRequest& request, const std::string& name) {
  const auto given = request.query.find(name);
  return given == request.query.end() ? std::string() : given->second;
}

HttpResponse Graph(const Admit& admit, const LineageHooks& hooks, const HttpRequest& request) {
  const Admitted admitted = admit(request.token, Scope::kRead);
  if (auto denial = Denial(admitted, Scope::kRead)) return *denial;
  GraphView view;
  view.node = WordOf(request, "table");
  if (view.node.empty()) return Failure(400, "which table? ?table=source/schema.table");
  view.default_source = hooks.default_source ? hooks.default_source() : std::string();
  view.sources = admitted.sources;
  const std::string direction = WordOf(request, "direction");
  if (!direction.empty() && direction != "upstream" && direction != "downstream" && direction != "both") {
    return Failure(400, "direction is upstream, downstream or both");
  }
  view.upstream = direction != "downstream";
  view.downstream = direction != "upstream";
  const std::optional<int> depth = NumberOf(request, "depth");
  const std::optional<int> limit = NumberOf(request, "limit");
  if (!depth || !limit) return Failure(400, "depth and limit are whole numbers from 0 on");
  view.depth = *depth;
  view.limit = *limit > 0 ? std::min<size_t>(static_cast<size_t>(*limit), kNodesShownMax) : kNodesShown;
  const std::shared_ptr<const LineageGraph> graph = hooks.graph();
  const Result<std::string> text = GrafanaText(*graph, view);
  if (!text) return Failure(text.error());
  HttpResponse response = TextResponse(200, *text);
  response.content_type = "application/json";
  return response;
}

}  // namespace

std::vector<HttpRoute> LineageRoutes(Admit admit, LineageHooks hooks) {
  if (!hooks.ingest) return {};
  const auto shared =
      std::make_shared<const std::pair<Admit, LineageHooks>>(std::move(admit), std::move(hooks));
  std::vector<HttpRoute> routes(3);
  for (const bool batch : {false, true}) {
    HttpRoute& route = routes[batch ? 1 : 0];
    route.method = "POST";
    route.path = batch ? "/api/v1/lineage/batch" : "/api/v1/lineage";
    route.body_bytes_max = batch ? kBatchBytesMax : kEventBytesMax;
    route.later = [shared, batch](HttpRequest request, HttpReply reply) {
      Ingest(shared->first, shared->second, batch, std::move(request), std::move(reply));
    };
  }
  routes[2].method = "GET";
  routes[2].path = "/api/v1/lineage/graph";
  routes[2].handle = [shared](const HttpRequest& request) {
    return Graph(shared->first, shared->second, request);
  };
  return routes;
}

}  // namespace amont
