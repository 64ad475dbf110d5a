// SourceRun: one run over the checks of one source, as a state machine: it says which statements to execute,
// takes what came back, isolates errors and concludes tables. Pure: no threads, clocks or sockets.
//
//   recall tables → catalog statements → expand wildcards → recall checks → plan → scans, probes … →
//   (bisect) → judge → (samples) → concluded
//
// Not thread-safe: the executor holds it in a Guarded. What Next hands out is done outside of that, in any
// order and at once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "checks/declare/declarations.h"
#include "checks/plan/dialect.h"
#include "checks/plan/planner.h"
#include "checks/verdict.h"
#include "core/diagnostic.h"

namespace amont {

// The memory a run needs, read through functions so that the run knows no store. They may wait for it, until
// the stop at most (then kCancelled), and are called by any thread.
struct RunMemory {
  std::function<Result<std::vector<History>>(std::span<const CheckPtr>, Timestamp now, std::stop_token)>
      history;
  std::function<Result<std::vector<TableName>>(const std::string& source, std::stop_token)> known_tables;
  std::function<Result<std::set<std::string>>(std::span<const CheckPtr>, std::stop_token)> apart;
};

// What the memory answered to one question.
struct Recollection {
  std::vector<TableName> known_tables;
  std::vector<History> histories;  // one a check, or none at all
  std::set<std::string> apart;
};

struct RunOptions {
  std::optional<Timestamp> as_of;
  Timestamp started;               // the run's clock
  std::set<std::string> disabled;  // planner passes
  int64_t max_scan_rows = limits::kMaxScanRows;
  std::function<bool(const Check&)> selects;  // a filter of the run; empty: all
};

// A table whose checks are all judged.
struct Conclusion {
  std::shared_ptr<const Table> table;
  bool matched = false;            // it came from a wildcard
  std::vector<Verdict> verdicts;   // in order of declaration
  std::vector<std::string> apart;  // checks found guilty of failing a merged statement
};

// A statement to execute, or a question to the memory.
struct Task {
  uint64_t id = 0;
  Statement statement;
  std::function<Result<Recollection>(const std::stop_token&)> recall = {};  // instead of the statement
};

class SourceRun {
 public:
  // `source` names a source of `surroundings`; its checks and patterns are taken from `declarations`. All
  // references must outlive the run.
  SourceRun(const std::string& source, const Declarations& declarations, const Surroundings& surroundings,
            const Dialect& dialect, RunMemory memory, RunOptions options);
  ~SourceRun();

  // What may be done now; each is given once.
  std::vector<Task> Next();
  // What came back for a statement.
  void Complete(uint64_t id, Result<Rows> rows);
  // What came back for a question.
  void Recalled(uint64_t id, Result<Recollection> answer);
  // Nothing more will run (stop, source down): what is not concluded yet concludes as `error`.
  void Abort(const Error& error);

  bool done() const;                        // every table is concluded
  std::vector<Conclusion> TakeConcluded();  // those concluded since the last call
  Diagnostics TakeDiagnostics();            // of wildcards, once expanded
  // The checks that wildcards gave, whether the run selects them or not.
  const std::vector<CheckPtr>& matched() const;
  // --as-of: the tables that could not be cut.
  const std::vector<TableName>& read_whole() const;
  // Why Abort ended the run, where it did.
  const std::optional<Error>& aborted() const;

  struct Progress {
    size_t tables = 0;  // known so far
    size_t concluded = 0;
    size_t statements = 0;  // completed
    size_t checks = 0;
  };
  Progress progress() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace amont
