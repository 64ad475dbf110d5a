// Status: what goes wrong in a call, as gRPC's status with google.rpc details in grpc-status-details-bin.
//
// Each refused has a `reason` (ErrorInfo, domain "amont") that never changes its meaning; docs/api.md lists
// them. Texts are cut so that all of it fits a client's 8 KiB of trailers. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <grpcpp/support/status.h>

#include "core/result.h"
#include "core/time.h"

namespace amont {

struct Violation {
  std::string field;  // "selection.tables[1]"
  std::string description;
};

struct CallError {
  grpc::StatusCode code = grpc::StatusCode::INTERNAL;
  std::string message;
  std::string reason;                           // "SCOPE_MISSING"
  std::map<std::string, std::string> metadata;  // of the reason
  std::vector<Violation> violations;
  std::string resource_type;  // empty: no ResourceInfo
  std::string resource_name;
  std::optional<Duration> retry_after;
};

grpc::Status ToStatus(const CallError& refused);
// INVALID_ARGUMENT, reason BAD_REQUEST; the message lists the first violation.
grpc::Status BadRequest(std::vector<Violation> violations);
// An Error of the service itself: kNotFound → NOT_FOUND, kUnreachable → UNAVAILABLE, and so on; its reason is
// the error's code in capitals. kInvalid is the caller's.
grpc::Status FromError(const Error& error);

// "NOT_FOUND": how gRPC spells a code.
std::string_view ToString(grpc::StatusCode code);

}  // namespace amont
