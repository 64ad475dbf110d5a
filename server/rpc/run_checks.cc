// RunChecks: begin, join or replay a run, and send what it says.

#include <array>

#include <openssl/rand.h>

#include "core/log.h"
#include "core/quoted.h"
#include "server/rpc/messages.h"
#include "server/rpc/requests.h"
#include "server/rpc/serve_call.h"

namespace amont {

namespace {

std::string NewRequestId() {
  std::array<unsigned char, 16> bytes = {};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  std::string id;
  for (const unsigned char byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

std::string Words(const Selection& selection) {
  std::string text;
  const auto add = [&](const char* flag, const std::vector<std::string>& words) {
    for (const std::string& word : words) text += fmt::format("{}{}{}", text.empty() ? "" : " ", flag, word);
  };
  add("", selection.tables);
  add("tag=", selection.tags);
  add("owner=", selection.owners);
  add("source=", selection.sources);
  return text.empty() ? "everything" : text;
}

// Why there is no run to watch.
grpc::Status NotJoined(const Error& error) {
  CallError refused;
  refused.message = error.message;
  switch (error.code) {
    case ErrorCode::kLimit:
      refused.code = grpc::StatusCode::RESOURCE_EXHAUSTED;
      refused.reason = "TOO_MANY_RUNS";
      refused.retry_after = std::chrono::seconds(5);
      break;
    case ErrorCode::kBusy:
      refused.code = grpc::StatusCode::ABORTED;
      refused.reason = "RUN_STOPPING";
      refused.retry_after = std::chrono::seconds(1);
      break;
    case ErrorCode::kInvalid:
      return BadRequest({{"request_id", error.message}});
    default:
      refused.code = grpc::StatusCode::UNAVAILABLE;
      refused.reason = "SHUTTING_DOWN";
  }
  return ToStatus(refused);
}

}  // namespace

grpc::Status CheckService::Run(const Caller& caller, grpc::ServerContext& context,
                               const v1::RunChecksRequest& request, RunWriter& writer) {
  Violations violations;
  CheckSelection(request.selection(), violations);
  CheckRequestId(request.request_id(), violations);
  if (!violations.empty()) return BadRequest(std::move(violations));
  RunOrder order;
  order.selection = FromMessage(request.selection());
  if (grpc::Status denied = caller.Narrow(order.selection); !denied.ok()) return denied;
  order.request_id = request.request_id().empty() ? NewRequestId() : request.request_id();
  order.actor = caller.name;

  auto watch = feeds_.Join(order);
  if (!watch) return NotJoined(watch.error());
  Log(LogLevel::kInfo, watch->joined() ? "requested run joined" : "run requested",
      {{"token", caller.name}, {"request_id", order.request_id}, {"selection", Words(order.selection)}});
  return Follow(std::move(*watch), order.request_id, caller, context, writer);
}

grpc::Status CheckService::Follow(RunFeeds::Watch watch, const std::string& request_id, const Caller& caller,
                                  grpc::ServerContext& context, RunWriter& writer) {
  while (true) {
    RunFeeds::Watch::News news = watch.Next();
    for (const RunEvent& event : news.events) {
      if (context.IsCancelled()) return GivenUp(context);
      bool sent = false;
      if (event->has_accepted() && watch.joined()) {
        v1::RunChecksResponse joined = *event;
        joined.mutable_accepted()->set_joined(true);
        sent = writer.Write(joined);
      } else {
        sent = writer.Write(*event);
      }
      if (!sent) return GivenUp(context);
    }
    if (context.IsCancelled()) return GivenUp(context);
    if (!news.ended) continue;
    if (!news.error) return grpc::Status::OK;
    if (news.error->code == ErrorCode::kBusy) return Replay(request_id, caller, context, writer);
    if (news.error->code == ErrorCode::kNotFound) {
      CallError refused;
      refused.code = grpc::StatusCode::NOT_FOUND;
      refused.reason = "NOTHING_SELECTED";
      refused.message = news.error->message;
      refused.resource_type = "amont.v1.Selection";
      return ToStatus(refused);
    }
    return FromError(*news.error);
  }
}

grpc::Status CheckService::Replay(const std::string& request_id, const Caller& caller,
                                  grpc::ServerContext& context, RunWriter& writer) {
  const auto run = backend_.store.ReadRun(std::string(kRequestTrigger), request_id);
  if (!run) return FromError(run.error());
  if (!*run || !(*run)->finished) {
    CallError refused;
    refused.code = grpc::StatusCode::ABORTED;
    refused.reason = "RUN_ELSEWHERE";
    refused.message = "another replica runs this request_id, or ended while it did";
    refused.retry_after = std::chrono::seconds(5);
    return ToStatus(refused);
  }
  const RunRow& row = **run;
  v1::RunChecksResponse event;
  event.mutable_accepted()->set_request_id(request_id);
  event.mutable_accepted()->set_run_id(row.id);
  *event.mutable_accepted()->mutable_start_time() = ToMessage(row.started);
  event.mutable_accepted()->set_joined(true);
  if (!writer.Write(event)) return GivenUp(context);

  RunSummary summary;
  summary.run = row.id;
  summary.started = row.started;
  summary.finished = *row.finished;
  summary.notes = {"this run ended before; its recorded verdicts are given again"};
  VerdictQuery query;
  query.run = row.id;
  query.page.limit = limits::kPageSizeMax;
  do {
    const auto page = backend_.store.ListVerdicts(query);
    if (!page) return FromError(page.error());
    for (const VerdictRow& verdict : page->rows) {
      if (!caller.Sees(verdict.check)) continue;
      *event.mutable_verdict() = ToMessage(verdict);
      if (!writer.Write(event)) return GivenUp(context);
      ++summary.checks;
      ++summary.statuses[verdict.status];
    }
    query.page.after = page->next;
  } while (!query.page.after.empty() && !context.IsCancelled());
  if (context.IsCancelled()) return GivenUp(context);
  *event.mutable_summary() = ToMessage(summary);
  return writer.Write(event) ? grpc::Status::OK : GivenUp(context);
}

}  // namespace amont
