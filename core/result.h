// Result<T>: a value, or one Error that says why there is none.
//
// Errors travel by value; exceptions stop in the adapter whose library throws. Mistakes a user made in a
// declaration are Diagnostics (many, each with its place), not an Error (one). Propagate with AMONT_TRY;
// never dereference a Result that was not tested.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace amont {

// What went wrong, in the terms the run must tell apart: who is at fault and what may be tried next.
enum class ErrorCode {
  kInvalid,      // an argument, a file or a declaration makes no sense
  kNotFound,     // a table, file, column or id is not there
  kUnreachable,  // no connection to the source, or it was lost
  kPermission,   // the source refused for lack of a privilege
  kTimeout,      // the deadline passed
  kCancelled,    // somebody asked to stop
  kData,         // SQL evaluation failed on data or expressions: the only class that is bisected
  kLimit,        // one of our own limits (rows, bytes, max_scan_rows) was reached
  kBusy,         // a file or lock is held by another process
  kFenced,       // another replica leads since: what was to be written is not ours to write
  kUnsupported,  // this engine cannot do it
  kInternal,     // anything else, including the engine's own failures
};

std::string_view ToString(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;   // one line, for people; without values from the user's data
  std::string sqlstate;  // the engine's five letters, empty where there are none

  bool operator==(const Error&) const = default;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  // NOLINTNEXTLINE(google-explicit-constructor): an Error is a Result
  Result(Error error) : tl::expected<T, Error>(tl::unexpected<Error>(std::move(error))) {}
};

inline Error MakeError(ErrorCode code, std::string message, std::string sqlstate = {}) {
  return Error{code, std::move(message), std::move(sqlstate)};
}

}  // namespace amont

#define AMONT_CONCAT_INNER(a, b) a##b
#define AMONT_CONCAT(a, b) AMONT_CONCAT_INNER(a, b)

// AMONT_TRY(auto rows, Read());   declares rows, or returns the error of Read().
// AMONT_TRY_VOID(Write());        goes on, or returns the error.
#define AMONT_TRY(declaration, ...)                                                                      \
  auto AMONT_CONCAT(amont_try_, __LINE__) = (__VA_ARGS__);                                               \
  if (!AMONT_CONCAT(amont_try_, __LINE__)) return std::move(AMONT_CONCAT(amont_try_, __LINE__)).error(); \
  declaration = std::move(*AMONT_CONCAT(amont_try_, __LINE__))

#define AMONT_TRY_VOID(...) \
  if (auto amont_try = (__VA_ARGS__); !amont_try) return std::move(amont_try).error()
