#include "server/app/http_access.h"

#include <fmt/format.h>

namespace amont {

std::optional<HttpResponse> Denial(const Admitted& admitted, Scope scope) {
  switch (admitted.access) {
    case Access::kGranted:
      return std::nullopt;
    case Access::kUnknown: {
      HttpResponse response = TextResponse(401, "a token is needed\n");
      response.headers.emplace_back("WWW-Authenticate", "Bearer");
      return response;
    }
    case Access::kForbidden:
      return TextResponse(403, fmt::format("the token lacks the scope {}\n", ToString(scope)));
  }
  return std::nullopt;
}

}  // namespace amont
