// Executor: runs the statements of a SourceRun over a pool of connections, at most `connections` at once.
//
// The memory of a run is asked by a worker too, without holding up the others: a store may be silent.
// Owns its worker threads for the length of Execute and the pool of its source for its own life. Execute
// blocks; one call a source at a time; several sources' executors run in parallel, sharing one Canceller.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "checks/run/source_run.h"
#include "core/guarded.h"
#include "core/sql/pool.h"
#include "server/executor/canceller.h"

namespace amont {

struct ExecutorHooks {
  // Called by a worker, one at a time, whenever tables concluded.
  std::function<void(std::vector<Conclusion>)> concluded;
  // Called by a worker, one at a time, after each statement.
  std::function<void(const SourceRun::Progress&)> progress;
  // Called after each statement with what it took, for figures; may be empty.
  std::function<void(const Statement&, Duration took, const Result<void>&)> statement;
};

class Executor {
 public:
  Executor(ConnectOptions options, int connections, Canceller* canceller);

  // Drives `run` until it is done or stopped. After a stop, what is left concludes as `error: cancelled`. A
  // source that cannot be reached concludes everything as `error`.
  void Execute(SourceRun& run, const ExecutorHooks& hooks, std::stop_token stop);

 private:
  struct Shared;
  void Work(Guarded<Shared>& shared, const ExecutorHooks& hooks, std::stop_token stop);
  static std::optional<Task> Take(Guarded<Shared>& shared, const std::stop_token& stop);
  void Measure(const Task& task, Guarded<Shared>& shared, const ExecutorHooks& hooks,
               const std::stop_token& stop);
  static void Report(Shared& state, const ExecutorHooks& hooks);
  Result<Rows> RunStatement(Pool::Lease& connection, const Statement& statement, std::stop_token stop);

  const Duration timeout_;
  const int connections_;
  Pool pool_;
  Canceller* canceller_;
};

}  // namespace amont
