#include "server/rpc/check_service.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/quoted.h"
#include "server/clock/wall_clock.h"
#include "server/rpc/messages.h"
#include "server/rpc/page_token.h"
#include "server/rpc/requests.h"
#include "server/rpc/serve_call.h"

namespace amont {

namespace {

constexpr size_t kListStep = 500;  // checks looked at between two looks at the page

grpc::Status NoSuchCheck(const Config& config, const std::string& id) {
  std::vector<std::string> near;  // of the same table: looking at all would take too long
  for (const CheckPtr& check : config.declarations.checks) {
    if (id.starts_with(check->table->name.Full() + ":")) near.push_back(check->id);
  }
  const std::string hint = DidYouMean(id, near);
  CallError refused;
  refused.code = grpc::StatusCode::NOT_FOUND;
  refused.reason = "CHECK_UNKNOWN";
  refused.message = fmt::format("there is no check {}{}{}", Quoted(id), hint.empty() ? "" : "; ", hint);
  refused.resource_type = "amont.v1.Check";
  refused.resource_name = id;
  return ToStatus(refused);
}

grpc::Status MayNotSee(const Caller& caller, const std::string& id) {
  CallError refused;
  refused.code = grpc::StatusCode::PERMISSION_DENIED;
  refused.reason = "SOURCE_DENIED";
  refused.message = fmt::format("token {} may not see {}", Quoted(caller.name), Quoted(id));
  refused.metadata = {{"token", caller.name}};
  return ToStatus(refused);
}

// Reads `page_size` and `page_token` of a request whose other fields were checked.
template <class Request>
grpc::Status ReadPage(const Request& request, Page& page, Violations& violations) {
  grpc::Status size = ReadPageSize(request.page_size(), page.limit, violations);
  if (!size.ok()) return size;
  if (auto place = ReadPageToken(ListingOf(request), request.page_token())) {
    page.after = std::move(*place);
  } else {
    violations.push_back({"page_token", "is not of a page of this listing"});
  }
  return violations.empty() ? grpc::Status::OK : BadRequest(violations);
}

}  // namespace

grpc::Status CheckService::List(const Caller& caller, const v1::ListChecksRequest& request,
                                v1::ListChecksResponse& response) {
  Violations violations;
  CheckSelection(request.selection(), violations);
  CheckFilter filter;
  filter.statuses = ReadStatuses(request.statuses(), violations);
  Page page;
  if (grpc::Status bad = ReadPage(request, page, violations); !bad.ok()) return bad;
  Selection selection = FromMessage(request.selection());
  if (grpc::Status denied = caller.Narrow(selection); !denied.ok()) return denied;
  if (selection.sources.size() == 1) filter.source = selection.sources.front();

  if (page.after.empty() && caller.sources.empty() && backend_.invalid_files) {
    for (const InvalidFile& file : backend_.invalid_files()) *response.add_invalid_files() = ToMessage(file);
  }
  const Timestamp now = WallClock();
  std::string last = page.after;  // the check looked at last
  size_t found = 0;
  while (true) {
    const auto known = backend_.states.List(filter, last, kListStep);
    for (const KnownCheckPtr& check : known) {
      if (!selection.Selects(*check->check)) {
        last = check->check->id;
        continue;
      }
      if (found == page.limit) {  // there is one more
        response.set_next_page_token(MakePageToken(ListingOf(request), last));
        return FitMessage(response, "ask for smaller pages");
      }
      last = check->check->id;
      *response.add_checks() = ToMessage(*check, now);
      ++found;
    }
    if (known.size() < kListStep) return FitMessage(response, "ask for smaller pages");
  }
}

grpc::Status CheckService::Get(const Caller& caller, const v1::GetCheckRequest& request,
                               v1::GetCheckResponse& response) {
  if (request.id().empty()) return BadRequest({{"id", "is empty"}});
  if (!caller.Sees(request.id())) return MayNotSee(caller, request.id());
  const KnownCheckPtr known = backend_.states.Find(request.id());
  if (!known) return NoSuchCheck(*backend_.config.Get(), request.id());
  *response.mutable_check() = ToMessage(*known, WallClock());
  return grpc::Status::OK;
}

grpc::Status CheckService::List(const Caller& caller, const v1::ListVerdictsRequest& request,
                                v1::ListVerdictsResponse& response) {
  using Subject = v1::ListVerdictsRequest::SubjectCase;
  Violations violations;
  VerdictQuery query;
  if (request.subject_case() == Subject::kCheck) {
    query.check = request.check();
    if (query.check.empty()) violations.push_back({"check", "is empty"});
  } else if (request.subject_case() == Subject::kTable) {
    const auto table = ParseTableName(request.table(), "");
    if (!table) {
      violations.push_back({"table", table.error().message});
    } else if (table->source.empty()) {
      violations.push_back({"table", "names no source: source/schema.table"});
    } else {
      query.table = table->Full();
    }
  } else if (request.subject_case() == Subject::kRunId) {
    query.run = request.run_id();
  }
  ReadSpan(request, query.since, query.until, violations);
  query.statuses = ReadStatuses(request.statuses(), violations);
  if (grpc::Status bad = ReadPage(request, query.page, violations); !bad.ok()) return bad;
  const std::string& named = query.check.empty() ? query.table : query.check;
  if (!named.empty() && !caller.Sees(named)) return MayNotSee(caller, named);

  const auto page = backend_.store.ListVerdicts(query);
  if (!page) return FromError(page.error());
  if (page->rows.empty() && query.page.after.empty() && !query.check.empty() &&
      !backend_.states.Find(query.check)) {
    return NoSuchCheck(*backend_.config.Get(), query.check);
  }
  for (const VerdictRow& row : page->rows) {
    if (caller.Sees(row.check)) *response.add_verdicts() = ToMessage(row);
  }
  response.set_next_page_token(MakePageToken(ListingOf(request), page->next));
  return FitMessage(response, "ask for smaller pages");
}

grpc::Status CheckService::List(const Caller& caller, const v1::ListMeasurementsRequest& request,
                                v1::ListMeasurementsResponse& response) {
  Violations violations;
  MeasurementQuery query;
  query.check = request.check();
  if (query.check.empty()) violations.push_back({"check", "is empty"});
  if (request.has_group()) query.group = request.group();
  ReadSpan(request, query.since, query.until, violations);
  if (grpc::Status bad = ReadPage(request, query.page, violations); !bad.ok()) return bad;
  if (!caller.Sees(query.check)) return MayNotSee(caller, query.check);

  const auto page = backend_.store.ListMeasurements(query);
  if (!page) return FromError(page.error());
  if (page->rows.empty() && query.page.after.empty() && !backend_.states.Find(query.check)) {
    return NoSuchCheck(*backend_.config.Get(), query.check);
  }
  for (const MeasurementRow& row : page->rows) *response.add_measurements() = ToMessage(query.check, row);
  response.set_next_page_token(MakePageToken(ListingOf(request), page->next));
  return FitMessage(response, "ask for smaller pages");
}

grpc::Status CheckService::Explain(const Caller& caller, grpc::ServerContext& context,
                                   const v1::ExplainPlanRequest& request, v1::ExplainPlanResponse& response) {
  Violations violations;
  CheckSelection(request.selection(), violations);
  CheckPasses(request.disabled_passes(), violations);
  if (!violations.empty()) return BadRequest(std::move(violations));
  Selection selection = FromMessage(request.selection());
  if (grpc::Status denied = caller.Narrow(selection); !denied.ok()) return denied;
  const std::set<std::string> disabled = {request.disabled_passes().begin(), request.disabled_passes().end()};

  // On a thread of its own: it may wait for a source, and this one looks after the caller.
  Guarded<std::optional<Result<Explanation>>> answer;
  std::jthread explaining([&](std::stop_token stop) {
    Result<Explanation> made = MakeError(ErrorCode::kInternal, "");
    try {
      made = backend_.explain(selection, disabled, std::move(stop));
    } catch (const std::exception& thrown) {
      made = MakeError(ErrorCode::kInternal, thrown.what());
    }
    answer.With([&](auto& slot) { slot = std::move(made); });
    answer.Notify();
  });
  while (!answer.WaitUntil(std::chrono::steady_clock::now() + limits::kPollStep,
                           [](const auto& slot) { return slot.has_value(); })) {
    if (context.IsCancelled()) return GivenUp(context);
  }
  explaining.join();
  const Result<Explanation> explanation = answer.With([](auto& slot) { return std::move(*slot); });
  if (!explanation) return FromError(explanation.error());
  response.set_text(explanation->text);
  for (const PlannedSql& statement : explanation->statements)
    *response.add_statements() = ToMessage(statement);
  for (const Diagnostic& diagnostic : explanation->diagnostics.list()) {
    *response.add_diagnostics() = ToMessage(diagnostic);
  }
  return FitMessage(response, "select fewer tables");
}

grpc::Status CheckService::ListChecks(grpc::ServerContext* context, const v1::ListChecksRequest* request,
                                      v1::ListChecksResponse* response) {
  return Serve("ListChecks", Scope::kRead, *context,
               [&](const Caller& caller) { return List(caller, *request, *response); });
}

grpc::Status CheckService::GetCheck(grpc::ServerContext* context, const v1::GetCheckRequest* request,
                                    v1::GetCheckResponse* response) {
  return Serve("GetCheck", Scope::kRead, *context,
               [&](const Caller& caller) { return Get(caller, *request, *response); });
}

grpc::Status CheckService::RunChecks(grpc::ServerContext* context, const v1::RunChecksRequest* request,
                                     RunWriter* writer) {
  return Serve("RunChecks", Scope::kRun, *context,
               [&](const Caller& caller) { return Run(caller, *context, *request, *writer); });
}

grpc::Status CheckService::ListVerdicts(grpc::ServerContext* context, const v1::ListVerdictsRequest* request,
                                        v1::ListVerdictsResponse* response) {
  return Serve("ListVerdicts", Scope::kRead, *context,
               [&](const Caller& caller) { return List(caller, *request, *response); });
}

grpc::Status CheckService::ListMeasurements(grpc::ServerContext* context,
                                            const v1::ListMeasurementsRequest* request,
                                            v1::ListMeasurementsResponse* response) {
  return Serve("ListMeasurements", Scope::kRead, *context,
               [&](const Caller& caller) { return List(caller, *request, *response); });
}

grpc::Status CheckService::ExplainPlan(grpc::ServerContext* context, const v1::ExplainPlanRequest* request,
                                       v1::ExplainPlanResponse* response) {
  return Serve("ExplainPlan", Scope::kRead, *context,
               [&](const Caller& caller) { return Explain(caller, *context, *request, *response); });
}

grpc::Status CheckService::Validate(grpc::ServerContext* context, const v1::ValidateRequest* request,
                                    v1::ValidateResponse* response) {
  return Serve("Validate", Scope::kRead, *context, [&](const Caller&) {
    Violations violations;
    std::vector<std::shared_ptr<const SourceText>> files;
    CheckFiles(request->files(), violations);
    if (!violations.empty()) return BadRequest(std::move(violations));
    for (const v1::DeclarationFile& file : request->files()) {
      files.push_back(std::make_shared<const SourceText>(SourceText{file.name(), file.content()}));
    }
    Diagnostics diagnostics = backend_.validate(files);
    diagnostics.Sort();
    response->set_valid(!diagnostics.HasErrors());
    for (const Diagnostic& diagnostic : diagnostics.list())
      *response->add_diagnostics() = ToMessage(diagnostic);
    return FitMessage(*response, "send fewer files");
  });
}

}  // namespace amont
