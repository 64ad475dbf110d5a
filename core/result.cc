#include "core/result.h"

namespace amont {

std::string_view ToString(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return "invalid";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kUnreachable:
      return "unreachable";
    case ErrorCode::kPermission:
      return "permission";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kData:
      return "data";
    case ErrorCode::kLimit:
      return "limit";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kFenced:
      return "fenced";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

}  // namespace amont
