// Who a request over HTTP is from, and what is answered to those who may not.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "server/http/http_server.h"
#include "server/rpc/tokens.h"

namespace amont {

enum class Access { kGranted, kUnknown, kForbidden };

struct Admitted {
  Access access = Access::kGranted;
  std::string name;               // of the token; empty where nobody is asked for one
  std::set<std::string> sources;  // that it may see or write; empty: all
};

// What the bearer of a token may do. Any thread.
using Admit = std::function<Admitted(const std::string& token, Scope scope)>;

// 401 or 403; nothing where it is granted.
std::optional<HttpResponse> Denial(const Admitted& admitted, Scope scope);

}  // namespace amont
