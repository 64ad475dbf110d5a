// Serving one call: admission, its duration, and exceptions; and what all calls answer with. For the files of
// this folder.
#pragma once

#include <chrono>
#include <exception>

#include <fmt/format.h>

#include "core/limits.h"
#include "server/rpc/check_service.h"
#include "server/rpc/status.h"

namespace amont {

// Admits the call and answers it with fn(caller); its end goes to the metrics as `method`.
template <class Fn>
grpc::Status ServeCall(const Backend& backend, Admission& admission, const char* method, Scope scope,
                       grpc::ServerContext& context, Fn fn) {
  const auto began = std::chrono::steady_clock::now();
  Caller caller;
  grpc::Status status = admission.Enter(context, scope, caller);
  if (status.ok()) {
    try {
      status = fn(caller);
    } catch (const std::exception& thrown) {
      status = FromError(MakeError(ErrorCode::kInternal, thrown.what()));
    }
    admission.Leave();
  }
  if (backend.handled) {
    backend.handled(method, ToString(status.error_code()),
                    std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began));
  }
  return status;
}

template <class Fn>
grpc::Status CheckService::Serve(const char* method, Scope scope, grpc::ServerContext& context, Fn fn) {
  return ServeCall(backend_, admission_, method, scope, context, std::move(fn));
}

// The call was given up: by its caller, or by its deadline.
inline grpc::Status GivenUp(const grpc::ServerContext& context) {
  const bool late = context.deadline() <= std::chrono::system_clock::now();
  return late ? FromError(MakeError(ErrorCode::kTimeout, "the call's deadline passed"))
              : FromError(MakeError(ErrorCode::kCancelled, "the call was cancelled"));
}

// RESOURCE_EXHAUSTED where the answer is larger than clients take; `advice` says what to ask for instead.
template <class Response>
grpc::Status FitMessage(const Response& response, std::string_view advice) {
  const size_t bytes = response.ByteSizeLong();
  if (bytes <= limits::kRpcMessageBytesMax) return grpc::Status::OK;
  CallError refused;
  refused.code = grpc::StatusCode::RESOURCE_EXHAUSTED;
  refused.reason = "MESSAGE_TOO_LARGE";
  refused.message =
      fmt::format("the answer has {} bytes, more than {}: {}", bytes, limits::kRpcMessageBytesMax, advice);
  return ToStatus(refused);
}

}  // namespace amont
