// A run on a service, as the report that a run of our own gives.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "core/diagnostic.h"
#include "core/result.h"
#include "server/cli/report.h"
#include "server/config/selection.h"
#include "server/rpc/client.h"

namespace amont {

struct ServiceOrder {
  Selection selection;
  std::string request_id;  // the same id joins the run, or gives its verdicts again
  std::string server;      // for people
};

struct ServiceRun {
  RunReport report;
  Diagnostics diagnostics;           // of wildcards
  std::map<std::string, Error> cut;  // sources whose run ended early
  std::optional<Error> ended;        // the stream broke off: the report holds what came before
};

// Blocks; a stop cancels the call and gives what came so far, marked as interrupted. An error where the
// service refused the run or nothing came of it.
Result<ServiceRun> RunOnService(const Client& client, const ServiceOrder& order,
                                const std::function<void(const std::string&)>& progress,
                                std::stop_token stop);

}  // namespace amont
