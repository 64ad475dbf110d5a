// Drive: executes runs over several sources at once and hands over what concludes.
//
// A thread a source for the length of the call, on executors that the caller owns; hooks are called by these
// threads, one call at a time, but `concluded`, which the calling thread calls. Blocks until everything
// concluded; ends within 200 ms of a stop as far as engines let it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "checks/plan/dialect.h"
#include "checks/run/source_run.h"
#include "core/diagnostic.h"
#include "server/config/config.h"
#include "server/executor/executor.h"
#include "server/store/store.h"

namespace amont {

// How one source is reached; what outlives a run of it.
struct SourceAccess {
  std::unique_ptr<const Dialect> dialect;
  std::unique_ptr<Executor> executor;
};
SourceAccess AccessTo(const std::string& name, const SourceConfig& source, Canceller& canceller);

struct RunProgress {
  size_t tables = 0;
  size_t concluded = 0;
  size_t statements = 0;
};

// Called with the sum over all sources; may be empty.
using ProgressHook = std::function<void(const RunProgress&)>;
// Called after each statement; may be empty.
using StatementHook =
    std::function<void(const std::string& source, const Statement&, Duration took, const Result<void>&)>;

struct DriveHooks {
  ProgressHook progress;
  StatementHook statement;
  std::function<void(std::vector<Conclusion>)> concluded;  // since the last call, some 50 ms late
};

// What runs read of a store, which outlives it.
RunMemory MemoryOf(Store& store);

struct DriveOrder {
  const Config& config;
  const Declarations& declarations;  // of `config`, or a part of them
  RunMemory memory;
  std::map<std::string, SourceAccess*> sources;
  RunOptions options;  // max_scan_rows is each source's own
};

struct Driven {
  Diagnostics diagnostics;           // of wildcards
  std::vector<CheckPtr> matched;     // the checks that wildcards gave, selected or not
  std::vector<TableName> whole;      // tables that `as_of` could not cut
  std::map<std::string, Error> cut;  // sources whose run ended early, and why: unreachable, stopped
  size_t statements = 0;
};

Driven Drive(const DriveOrder& order, const DriveHooks& hooks, std::stop_token stop);

}  // namespace amont
