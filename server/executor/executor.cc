#include "server/executor/executor.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace amont {

// What the workers of one Execute share: the run, and how many statements are out.
struct Executor::Shared {
  SourceRun* run = nullptr;
  std::vector<Task> ready;  // taken from the run, not yet by a worker
  size_t in_flight = 0;
  bool aborted = false;
};

Executor::Executor(ConnectOptions options, int connections, Canceller* canceller)
    : timeout_(options.statement_timeout),
      connections_(std::max(1, connections)),
      pool_(std::move(options), connections_),
      canceller_(canceller) {}

void Executor::Execute(SourceRun& run, const ExecutorHooks& hooks, std::stop_token stop) {
  Guarded<Shared> shared(Shared{&run, {}, 0, false});
  {
    // A waiting worker holds no task; wake it so that it sees the stop. Without the lock, as a hook may stop
    // the run: one that misses this is woken by whoever holds the task it waits for.
    std::stop_callback wake(stop, [&shared] { shared.Notify(); });
    std::vector<std::jthread> workers;
    workers.reserve(static_cast<size_t>(connections_));
    try {
      for (int i = 0; i < connections_; ++i) workers.emplace_back([&] { Work(shared, hooks, stop); });
    } catch (const std::system_error&) {
      // The system gives no more threads: fewer work, or this one does.
    }
    if (workers.empty()) Work(shared, hooks, stop);
  }
  shared.With([&](Shared& state) {
    if (!state.run->done())
      state.run->Abort(MakeError(ErrorCode::kCancelled, "stopped before it was measured"));
    Report(state, hooks);
  });
}

void Executor::Report(Shared& state, const ExecutorHooks& hooks) {
  auto concluded = state.run->TakeConcluded();
  if (!concluded.empty() && hooks.concluded) hooks.concluded(std::move(concluded));
  if (hooks.progress) hooks.progress(state.run->progress());
}

void Executor::Work(Guarded<Shared>& shared, const ExecutorHooks& hooks, std::stop_token stop) {
  while (std::optional<Task> task = Take(shared, stop)) {
    if (task->recall) {
      Result<Recollection> answer = task->recall(stop);
      shared.With([&](Shared& state) {
        --state.in_flight;
        state.run->Recalled(task->id, std::move(answer));
        Report(state, hooks);
      });
    } else {
      Measure(*task, shared, hooks, stop);
    }
    shared.Notify();
  }
  shared.Notify();  // the others have nothing to wait for either
}

// Waits for something to do; nullopt: there will be nothing.
std::optional<Task> Executor::Take(Guarded<Shared>& shared, const std::stop_token& stop) {
  return shared.WaitThen(
      [&](Shared& state) {
        if (state.ready.empty()) {
          state.ready = state.run->Next();
          std::reverse(state.ready.begin(), state.ready.end());  // taken from the back
        }
        return !state.ready.empty() || state.in_flight == 0 || state.aborted || stop.stop_requested();
      },
      [&](Shared& state) -> std::optional<Task> {
        if (state.ready.empty() || state.aborted || stop.stop_requested()) return std::nullopt;
        Task next = std::move(state.ready.back());
        state.ready.pop_back();
        ++state.in_flight;
        return next;
      });
}

void Executor::Measure(const Task& task, Guarded<Shared>& shared, const ExecutorHooks& hooks,
                       const std::stop_token& stop) {
  const auto before = std::chrono::steady_clock::now();
  Result<Pool::Lease> connection = pool_.Take(stop);
  Result<Rows> rows = connection ? RunStatement(*connection, task.statement, stop) : connection.error();
  const auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - before);
  shared.With([&](Shared& state) {
    --state.in_flight;
    if (hooks.statement) {
      hooks.statement(task.statement, took, rows ? Result<void>() : Result<void>(rows.error()));
    }
    if (!connection) {
      // Nothing of this source can be measured now: do not knock once a statement.
      state.aborted = true;
      state.run->Abort(connection.error());
    } else {
      state.run->Complete(task.id, std::move(rows));
    }
    Report(state, hooks);
  });
}

Result<Rows> Executor::RunStatement(Pool::Lease& connection, const Statement& statement,
                                    std::stop_token stop) {
  QueryLimits limits;
  limits.timeout = timeout_;
  limits.foreign_sql = statement.foreign_sql;
  limits.label = statement.tables.empty() ? std::string() : statement.tables.front().Local();
  Rows rows;
  const auto watch = canceller_->Begin(connection.shared(), timeout_, stop);
  AMONT_TRY(std::vector<ResultColumn> columns,
            connection->Query(statement.sql, statement.params, limits, stop, [&](std::span<const Value> row) {
              rows.rows.emplace_back(row.begin(), row.end());
              return Result<void>();
            }));
  for (ResultColumn& column : columns) rows.columns.push_back(std::move(column.name));
  return rows;
}

}  // namespace amont
