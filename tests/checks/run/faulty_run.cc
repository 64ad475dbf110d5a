#include "tests/checks/run/faulty_run.h"

#include <gtest/gtest.h>

#include <random>

#include "core/sql/connection.h"
#include "tests/core/sql/sqlite_writer.h"

namespace amont::testing {

struct RunCase::Session {
  std::unique_ptr<Connection> connection;
};

Status Driven::Of(const std::string& id) const {
  const auto it = verdicts.find(id);
  if (it != verdicts.end()) return it->second.status;
  ADD_FAILURE() << id << " has no verdict among:\n" << Statuses();
  return Status::kError;
}

std::string Driven::Statuses() const {
  std::string text;
  for (const auto& [id, verdict] : verdicts) text += id + " " + std::string(ToString(verdict.status)) + "\n";
  return text;
}

RunCase::RunCase(const std::string& script, std::string_view declarations)
    : session_(std::make_unique<Session>()) {
  SqliteWriter(dir_.Path("w.db")).Run(script);
  Source source;
  source.name = "warehouse";
  source.engine = Engine::kSqlite;
  surroundings_.sources.emplace("warehouse", source);
  const std::vector<std::shared_ptr<const SourceText>> files = {
      std::make_shared<const SourceText>(SourceText{"checks/t.toml", std::string(declarations)})};
  Diagnostics diagnostics;
  declarations_ = Declare(files, surroundings_, diagnostics);
  EXPECT_FALSE(diagnostics.HasErrors()) << RenderText(diagnostics, false);
  dialect_ = MakeDialect(Engine::kSqlite, "warehouse");
  ConnectOptions connect;
  connect.name = "warehouse";
  connect.url = "sqlite:" + dir_.Path("w.db");
  auto connection = Connect(connect, {});
  EXPECT_TRUE(connection) << (connection ? "" : connection.error().message);
  if (connection) session_->connection = std::move(*connection);
}

RunCase::~RunCase() = default;

Result<Rows> RunCase::Execute(const Statement& statement) const {
  Rows rows;
  AMONT_TRY(
      const std::vector<ResultColumn> columns,
      session_->connection->Query(statement.sql, statement.params, {}, {}, [&](std::span<const Value> row) {
        rows.rows.emplace_back(row.begin(), row.end());
        return Result<void>();
      }));
  for (const ResultColumn& column : columns) rows.columns.push_back(column.name);
  return rows;
}

// Without wildcards the checks of a run are those declared, in their order.
std::set<std::string> RunCase::ServedBy(const Statement& statement) const {
  std::set<std::string> ids;
  for (const Slot& slot : statement.slots) {
    for (const Use& use : slot.uses) ids.insert(declarations_.checks.at(use.check)->id);
  }
  return ids;
}

Driven RunCase::Drive(unsigned seed, const Fault& fault, std::optional<int> abort_after) const {
  SourceRun run("warehouse", declarations_, surroundings_, *dialect_, memory, options);
  std::mt19937 random(seed);
  std::vector<Task> waiting;
  Driven driven;
  const auto take = [&] {
    for (Conclusion& table : run.TakeConcluded()) {
      ++driven.tables;
      for (Verdict& verdict : table.verdicts) {
        const std::string id = verdict.check->id;
        EXPECT_TRUE(driven.verdicts.emplace(id, std::move(verdict)).second) << id << " concluded twice";
      }
    }
  };
  while (!run.done()) {
    for (Task& task : run.Next()) waiting.push_back(std::move(task));
    if (waiting.empty()) {
      ADD_FAILURE() << "the run is not done and has nothing to do";
      break;
    }
    if (abort_after && driven.statements >= *abort_after) {
      run.Abort(MakeError(ErrorCode::kCancelled, "stopped"));
      EXPECT_TRUE(run.done());
      for (Task& task : waiting) run.Complete(task.id, Rows());  // they come back all the same, too late
      take();
      break;
    }
    std::swap(waiting.back(), waiting[seed == 0 ? 0 : random() % waiting.size()]);
    const Task task = std::move(waiting.back());
    waiting.pop_back();
    if (task.recall) {
      run.Recalled(task.id, task.recall({}));
      take();
      continue;
    }
    const std::optional<Error> error = fault ? fault(task.statement) : std::nullopt;
    ++driven.statements;
    run.Complete(task.id, error ? Result<Rows>(*error) : Execute(task.statement));
    take();
  }
  EXPECT_TRUE(run.Next().empty());
  driven.aborted = run.aborted();
  return driven;
}

std::vector<Statement> RunCase::Statements() const {
  std::vector<Statement> statements;
  Drive(0, [&](const Statement& statement) {
    statements.push_back(statement);
    return std::optional<Error>();
  });
  return statements;
}

}  // namespace amont::testing
