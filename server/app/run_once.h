// RunOnce: all selected checks of a configuration, measured and judged once, without a server.
//
// Owns everything for the length of the call: a thread, a pool and a run for each source, sources in
// parallel, and the store it records into. Blocks; ends within 200 ms of a stop as far as engines let it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "checks/run/source_run.h"
#include "server/config/selection.h"
#include "server/config/config.h"
#include "server/store/store.h"

namespace amont {

// The store that remembers nothing.
inline constexpr std::string_view kNoStore = "none";

enum class Record { kAuto, kYes, kNo };

struct RunRequest {
  Selection selection;
  std::optional<Timestamp> as_of;
  std::set<std::string> disabled;  // planner passes
  std::string store;               // "" : the configured one, "none", or a URL
  Record record = Record::kAuto;
  Timestamp started;  // the wall clock
  std::string key;    // unique: of the run in the store
};

struct RunOutcome {
  std::vector<Conclusion> tables;
  Diagnostics diagnostics;           // of wildcards
  std::vector<CheckPtr> matched;     // the checks that wildcards gave, selected or not
  std::map<std::string, Error> cut;  // sources whose run ended early, and why: unreachable, stopped
  size_t statements = 0;
  std::vector<std::string> notes;  // why nothing was recorded, and the like
};

struct RunProgress {
  size_t tables = 0;
  size_t concluded = 0;
  size_t statements = 0;
};

// Called by worker threads, one at a time, with the sum over all sources; may be empty.
using ProgressHook = std::function<void(const RunProgress&)>;
// Called after each statement (any thread, one at a time); may be empty.
using StatementHook =
    std::function<void(const std::string& source, const Statement&, Duration took, const Result<void>&)>;

struct RunHooks {
  ProgressHook progress;
  StatementHook statement;
};

// An error only where --record=yes or a named store cannot be had; everything else is in the verdicts.
Result<RunOutcome> RunOnce(const Config& config, const RunRequest& request, const RunHooks& hooks,
                           std::stop_token stop);

// The store a command of this configuration uses: `named` ("" : the configured one, else .amont/history.db
// beside amont.toml; "none"; or a URL).
std::string StoreUrl(const Config& config, const std::string& named);

}  // namespace amont
