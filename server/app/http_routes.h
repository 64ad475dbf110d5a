// The routes of a service: /metrics, /-/healthy, /-/ready and /-/reload.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/http/http_server.h"
#include "server/telemetry/metrics_page.h"

namespace amont {

struct HttpHooks {
  // Whether the service may be sent work: its states are loaded and it is not draining. A standby is ready.
  std::function<bool()> ready;

  enum class Access { kGranted, kUnknown, kForbidden };
  // What the token of a request that changes something may do.
  std::function<Access(const std::string& token)> administer;

  struct Reloaded {
    bool whole = false;  // every file was taken
    std::string text;    // what was wrong, for people
  };
  std::function<Reloaded()> reload;
};

// `page` must outlive the server; the hooks are called from its threads, `reload` from one at a time.
std::vector<HttpRoute> ServiceRoutes(const MetricsPage& page, HttpHooks hooks);

}  // namespace amont
