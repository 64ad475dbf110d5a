// The routes of a service: /metrics, /-/healthy, /-/ready, /-/reload, and those of lineage.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/app/http_access.h"
#include "server/app/lineage_routes.h"
#include "server/http/http_server.h"
#include "server/telemetry/metrics_page.h"

namespace amont {

struct HttpHooks {
  // Whether the service may be sent work: its states are loaded and it is not draining. A standby is ready.
  std::function<bool()> ready;

  Admit admit;

  struct Reloaded {
    bool whole = false;  // every file was taken
    std::string text;    // what was wrong, for people
  };
  std::function<Reloaded()> reload;
  LineageHooks lineage;
};

// `page` must outlive the server; the hooks are called from its threads, `reload` from one at a time.
std::vector<HttpRoute> ServiceRoutes(const MetricsPage& page, HttpHooks hooks);

}  // namespace amont
