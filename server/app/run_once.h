// RunOnce: all selected checks of a configuration, measured and judged once, without a server.
//
// Owns everything for the length of the call: a thread, a pool and a run for each source, sources in
// parallel, and the store it records into. Blocks; ends within 200 ms of a stop as far as engines let it.
#pragma once

#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "server/app/drive.h"
#include "server/config/config.h"
#include "server/config/selection.h"
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

struct RunOutcome : Driven {
  std::vector<Conclusion> tables;
  std::vector<std::string> notes;  // why nothing was recorded, and the like
};

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
// The store to look into: the same, but where none is configured the file that was written last, for `amont
// serve` has its own by default.
std::string StoreUrlToRead(const Config& config, const std::string& named);

}  // namespace amont
