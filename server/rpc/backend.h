// Backend: what the RPCs need of the rest of the service. Filled by the composition root; outlives the
// RpcServer.
//
// Every function is called by gRPC's threads, several at once. Errors become google.rpc statuses
// (server/rpc/status.h); none may throw. Nothing here knows gRPC.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "checks/run/source_run.h"
#include "core/diagnostic.h"
#include "core/guarded.h"
#include "core/result.h"
#include "server/config/config.h"
#include "server/config/selection.h"
#include "server/config/settle.h"
#include "server/rpc/lineage_backend.h"
#include "server/store/store.h"

namespace amont {

class StateMap;

// The trigger that a requested run is claimed with; its key is the request's id.
inline constexpr std::string_view kRequestTrigger = "request";

struct RunOrder {
  Selection selection;
  std::string request_id;  // never empty
  std::string actor;       // the token's name, or "" where nobody is asked for one: for the log
};

struct RunStep {
  size_t tables = 0;  // known so far
  size_t concluded = 0;
  size_t statements = 0;
};

// What a run tells while it goes on; by any of its threads, one call at a time.
struct RunSink {
  std::function<void(RunId, Timestamp started)>
      accepted;  // first, once the run is claimed; 0: it is not recorded
  std::function<void(const RunStep&)> progress;
  std::function<void(const Conclusion&)> concluded;  // a table: after its verdicts were recorded
};

struct RunSummary {
  RunId run = 0;  // 0: not recorded
  Timestamp started;
  Timestamp finished;
  size_t tables = 0;
  size_t checks = 0;
  size_t statements = 0;
  std::map<Status, size_t> statuses;  // verdicts
  std::map<std::string, Error> cut;   // sources whose run ended early, and why
  Diagnostics diagnostics;            // of wildcards
  std::vector<std::string> notes;
};

struct PlannedSql {
  std::string source;
  StatementClass cls = StatementClass::kScan;
  std::string sql;
  std::vector<std::string> checks;  // ids it serves
};

struct Explanation {
  std::string text;  // as `amont plan` prints it
  std::vector<PlannedSql> statements;
  Diagnostics diagnostics;
};

struct Backend {
  const Published<Config>& config;  // what holds now
  const StateMap& states;           // what is known now
  Store& store;                     // what was

  // Blocks until the run ended; within 200 ms of a stop, as far as engines let it (kCancelled). kBusy: a run
  // of this request_id was claimed before; kNotFound: the selection selects nothing; kUnreachable: the store.
  std::function<Result<RunSummary>(const RunOrder&, const RunSink&, std::stop_token)> run;
  // The plan of the selected checks now; blocks.
  std::function<Result<Explanation>(const Selection&, const std::set<std::string>& disabled, std::stop_token)>
      explain;
  // What is wrong with these declaration files, in place of those that hold now.
  std::function<Diagnostics(const std::vector<std::shared_ptr<const SourceText>>&)> validate;
  // After every call: for the metrics. `method` of another service than CheckService has its name before it:
  // "LineageService/GetGraph". `code` as gRPC spells it: "OK", "NOT_FOUND". May be empty.
  std::function<void(std::string_view method, std::string_view code, Duration took)> handled;
  // The declaration files whose text of now does not apply. May be empty: there are none.
  std::function<std::vector<InvalidFile>()> invalid_files = {};
  LineageBackend lineage = {};
};

}  // namespace amont
