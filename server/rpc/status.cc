#include "server/rpc/status.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include "core/unicode.h"

namespace amont {

namespace {

constexpr size_t kTextBytes = 600;    // a sentence; percent-encoded it may triple
constexpr size_t kViolationsMax = 8;  // with kTextBytes each, all is below 8 KiB
constexpr size_t kDetailBytes = 300;

// At most `bytes` of it, cut between characters.
std::string Cut(const std::string& text, size_t bytes) {
  const std::string whole = RepairUtf8(text);
  if (whole.size() <= bytes) return whole;
  size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(whole[end]) & 0xC0) == 0x80) --end;
  return whole.substr(0, end) + "…";
}

grpc::StatusCode CodeOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case ErrorCode::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case ErrorCode::kUnreachable:
      return grpc::StatusCode::UNAVAILABLE;
    case ErrorCode::kPermission:
      return grpc::StatusCode::FAILED_PRECONDITION;  // the source refused us, not the caller
    case ErrorCode::kTimeout:
      return grpc::StatusCode::DEADLINE_EXCEEDED;
    case ErrorCode::kCancelled:
      return grpc::StatusCode::CANCELLED;
    case ErrorCode::kData:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case ErrorCode::kLimit:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case ErrorCode::kBusy:
    case ErrorCode::kFenced:
      return grpc::StatusCode::ABORTED;
    case ErrorCode::kUnsupported:
      return grpc::StatusCode::UNIMPLEMENTED;
    default:
      return grpc::StatusCode::INTERNAL;
  }
}

}  // namespace

std::string_view ToString(grpc::StatusCode code) {
  static constexpr std::string_view kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto index = static_cast<size_t>(code);
  return index < std::size(kNames) ? kNames[index] : "UNKNOWN";
}

grpc::Status ToStatus(const CallError& refused) {
  google::rpc::Status status;
  status.set_code(refused.code);
  status.set_message(Cut(refused.message, kTextBytes));
  google::rpc::ErrorInfo info;
  info.set_reason(refused.reason);
  info.set_domain("amont");
  for (const auto& [key, value] : refused.metadata)
    (*info.mutable_metadata())[key] = Cut(value, kDetailBytes);
  status.add_details()->PackFrom(info);
  if (!refused.violations.empty()) {
    google::rpc::BadRequest bad;
    for (size_t i = 0; i < std::min(refused.violations.size(), kViolationsMax); ++i) {
      auto* violation = bad.add_field_violations();
      violation->set_field(Cut(refused.violations[i].field, kDetailBytes));
      violation->set_description(Cut(refused.violations[i].description, kDetailBytes));
    }
    status.add_details()->PackFrom(bad);
  }
  if (!refused.resource_type.empty()) {
    google::rpc::ResourceInfo resource;
    resource.set_resource_type(refused.resource_type);
    resource.set_resource_name(Cut(refused.resource_name, kDetailBytes));
    resource.set_description(Cut(refused.message, kDetailBytes));
    status.add_details()->PackFrom(resource);
  }
  if (refused.retry_after) {
    google::rpc::RetryInfo retry;
    const auto whole = std::chrono::floor<std::chrono::seconds>(*refused.retry_after);
    retry.mutable_retry_delay()->set_seconds(whole.count());
    retry.mutable_retry_delay()->set_nanos(
        static_cast<int32_t>(std::chrono::nanoseconds(*refused.retry_after - whole).count()));
    status.add_details()->PackFrom(retry);
  }
  return {refused.code, status.message(), status.SerializeAsString()};
}

grpc::Status BadRequest(std::vector<Violation> violations) {
  CallError refused;
  refused.code = grpc::StatusCode::INVALID_ARGUMENT;
  refused.reason = "BAD_REQUEST";
  if (!violations.empty()) {
    refused.message = fmt::format("{}: {}", violations.front().field, violations.front().description);
  }
  refused.violations = std::move(violations);
  return ToStatus(refused);
}

grpc::Status FromError(const Error& error) {
  CallError refused;
  refused.code = CodeOf(error.code);
  refused.message = error.message;
  refused.reason = amont::ToString(error.code);
  std::transform(refused.reason.begin(), refused.reason.end(), refused.reason.begin(),
                 [](unsigned char c) { return c == ' ' ? '_' : static_cast<char>(std::toupper(c)); });
  if (!error.sqlstate.empty()) refused.metadata["sqlstate"] = error.sqlstate;
  return ToStatus(refused);
}

}  // namespace amont
