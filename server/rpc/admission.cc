#include "server/rpc/admission.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "core/quoted.h"
#include "server/rpc/status.h"

namespace amont {

namespace {

grpc::Status Unauthenticated(std::string reason, std::string message) {
  CallError refused;
  refused.code = grpc::StatusCode::UNAUTHENTICATED;
  refused.reason = std::move(reason);
  refused.message = std::move(message);
  return ToStatus(refused);
}

// The common name of the client's certificate, or "".
std::string CertificateName(const grpc::ServerContext& context) {
  const auto auth = context.auth_context();
  if (!auth || !auth->IsPeerAuthenticated()) return "";
  const auto names = auth->FindPropertyValues("x509_common_name");
  return names.empty() ? "" : std::string(names.front().data(), names.front().size());
}

grpc::Status Authenticate(const Tokens& tokens, const grpc::ServerContext& context, Scope scope,
                          Caller& caller) {
  const auto& metadata = context.client_metadata();
  const auto headers = metadata.equal_range("authorization");
  if (headers.first == headers.second) {
    return Unauthenticated("TOKEN_MISSING", "this server asks for a token: authorization: Bearer TOKEN");
  }
  if (std::next(headers.first) != headers.second) {
    return Unauthenticated("TOKEN_MALFORMED", "a call carries one authorization header");
  }
  const auto token = BearerToken({headers.first->second.data(), headers.first->second.size()});
  if (!token) return Unauthenticated("TOKEN_MALFORMED", "the authorization header is not `Bearer TOKEN`");
  const Token* known = tokens.Find(*token);
  if (!known) return Unauthenticated("TOKEN_UNKNOWN", "this token is not known here");
  if (!known->scopes.contains(scope)) {
    CallError refused;
    refused.code = grpc::StatusCode::PERMISSION_DENIED;
    refused.reason = "SCOPE_MISSING";
    refused.message = fmt::format("token {} lacks the scope `{}`", Quoted(known->name), ToString(scope));
    refused.metadata = {{"scope", std::string(ToString(scope))}, {"token", known->name}};
    return ToStatus(refused);
  }
  caller.name = known->name;
  caller.sources = known->sources;
  return grpc::Status::OK;
}

}  // namespace

bool Caller::Sees(std::string_view id) const {
  return sources.empty() || std::any_of(sources.begin(), sources.end(), [&](const std::string& source) {
           return id.starts_with(source) && id.substr(source.size()).starts_with('/');
         });
}

grpc::Status Caller::Narrow(Selection& selection) const {
  if (sources.empty()) return grpc::Status::OK;
  for (const std::string& source : selection.sources) {
    if (sources.contains(source)) continue;
    CallError refused;
    refused.code = grpc::StatusCode::PERMISSION_DENIED;
    refused.reason = "SOURCE_DENIED";
    refused.message = fmt::format("token {} may not see the source {}", Quoted(name), Quoted(source));
    refused.metadata = {{"source", source}, {"token", name}};
    return ToStatus(refused);
  }
  if (selection.sources.empty()) selection.sources = {sources.begin(), sources.end()};
  return grpc::Status::OK;
}

Admission::Admission(std::shared_ptr<const Tokens> tokens) : tokens_(std::move(tokens)) {}

grpc::Status Admission::Enter(const grpc::ServerContext& context, Scope scope, Caller& caller) {
  if (const auto tokens = tokens_.Get()) {
    grpc::Status refused = Authenticate(*tokens, context, scope, caller);
    if (!refused.ok()) return refused;
  } else {
    caller.name = CertificateName(context);
  }
  const bool draining = calls_.With([](Calls& calls) {
    if (!calls.draining) ++calls.inside;
    return calls.draining;
  });
  if (!draining) return grpc::Status::OK;
  CallError refused;
  refused.code = grpc::StatusCode::UNAVAILABLE;
  refused.reason = "SHUTTING_DOWN";
  refused.message = "the service is stopping";
  return ToStatus(refused);
}

void Admission::Leave() {
  calls_.With([](Calls& calls) { --calls.inside; });
  calls_.Notify();
}

void Admission::Drain(Duration grace) {
  calls_.With([](Calls& calls) { calls.draining = true; });
  calls_.WaitUntil(std::chrono::steady_clock::now() + grace,
                   [](const Calls& calls) { return calls.inside == 0; });
}

}  // namespace amont
