#include "server/executor/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "checks/plan/dialect.h"
#include "tests/core/sql/sqlite_writer.h"
#include "tests/testing/postgres.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using namespace std::chrono_literals;
using testing::ExecuteSql;
using testing::PostgresServer;

// A source with tables t0 … t7, one row each, and whatever else a test declares.
class ExecutorTest : public ::testing::Test {
 protected:
  void UseSqlite() {
    std::string script;
    for (int i = 0; i < 8; ++i) script += Table("t" + std::to_string(i), "");
    testing::SqliteWriter(dir_.Path("w.db")).Run(script);
    connect_.url = "sqlite:" + dir_.Path("w.db");
    engine_ = Engine::kSqlite;
  }
  void UsePostgres() {
    connect_.url = PostgresServer::Get().CreateDatabase();
    std::string script;
    for (int i = 0; i < 8; ++i) script += Table("t" + std::to_string(i), "public.");
    ExecuteSql(connect_.url, script + "ANALYZE");  // else each statement is estimated first
    engine_ = Engine::kPostgres;
  }
  std::string Table(const std::string& name, const std::string& schema) {
    text_ += "[[table]]\nname = \"" + schema + name + "\"\n[table.volume]\nmin = 1\n";
    return "CREATE TABLE " + name + " (id INTEGER); INSERT INTO " + name + " VALUES (1);";
  }
  void AlsoDeclare(const std::string& text) { text_ += text; }

  void Execute(int connections = 4) {
    connect_.name = "warehouse";
    Source source;
    source.name = "warehouse";
    source.engine = engine_;
    Surroundings surroundings;
    surroundings.sources.emplace("warehouse", source);
    Diagnostics diagnostics;
    const std::vector<std::shared_ptr<const SourceText>> files = {
        std::make_shared<const SourceText>(SourceText{"t.toml", text_})};
    const Declarations declarations = Declare(files, surroundings, diagnostics);
    ASSERT_FALSE(diagnostics.HasErrors()) << RenderText(diagnostics, false);
    const auto dialect = MakeDialect(engine_, "warehouse");
    SourceRun run("warehouse", declarations, surroundings, *dialect, memory_, {});
    Canceller canceller;
    Executor executor(connect_, connections, &canceller);
    ExecutorHooks hooks;
    hooks.concluded = [this](std::vector<Conclusion> tables) {
      EXPECT_EQ(++inside_, 1) << "one at a time";
      for (Conclusion& table : tables) {
        for (Verdict& verdict : table.verdicts) verdicts_.emplace(verdict.check->id, std::move(verdict));
      }
      if (on_concluded_) on_concluded_();
      --inside_;
    };
    hooks.progress = [this](const SourceRun::Progress& progress) {
      progress_ = progress;
      if (on_progress_) on_progress_();
    };
    hooks.statement = [this](const Statement&, Duration took, const Result<void>& done) {
      ++statements_;
      failed_ += done ? 0 : 1;
      EXPECT_GE(took, Duration::zero());
    };
    executor.Execute(run, hooks, stop_.get_token());
    EXPECT_TRUE(run.done());
  }
  int Count(Status status) const {
    return static_cast<int>(std::count_if(verdicts_.begin(), verdicts_.end(),
                                          [&](const auto& each) { return each.second.status == status; }));
  }

  testing::TempDir dir_;
  ConnectOptions connect_;
  Engine engine_ = Engine::kSqlite;
  std::string text_;
  std::stop_source stop_;
  RunMemory memory_;
  std::function<void()> on_concluded_;
  std::function<void()> on_progress_;
  std::map<std::string, Verdict> verdicts_;
  SourceRun::Progress progress_;
  std::atomic<int> inside_ = 0;
  int statements_ = 0;
  int failed_ = 0;
};

TEST_F(ExecutorTest, MeasuresEverythingOverAsManySessionsAsItMay) {
  UseSqlite();
  for (const int connections : {1, 4, 16}) {
    verdicts_.clear();
    statements_ = 0;
    Execute(connections);
    EXPECT_EQ(Count(Status::kPass), 16);
    EXPECT_EQ(statements_, 9) << "a catalog and eight tables";
    EXPECT_EQ(progress_.statements, 9u);
    EXPECT_EQ(progress_.concluded, 8u);
    EXPECT_EQ(progress_.tables, 8u);
  }
}

TEST_F(ExecutorTest, ASourceThatCannotBeReachedIsKnockedAtOnce) {
  UseSqlite();
  connect_.url = "sqlite:" + dir_.Path("gone.db");
  Execute();
  EXPECT_EQ(Count(Status::kError), 16);
  EXPECT_EQ(statements_, 1);
  EXPECT_EQ(failed_, 1);
  EXPECT_EQ(verdicts_.at("warehouse/t0:volume").error->code, ErrorCode::kUnreachable);
}

TEST_F(ExecutorTest, AStopBeforeItBeganConcludesEverythingAsCancelled) {
  UseSqlite();
  stop_.request_stop();
  Execute();
  EXPECT_EQ(verdicts_.size(), 16u);
  for (const auto& [id, verdict] : verdicts_) {
    ASSERT_TRUE(verdict.error) << id;
    EXPECT_EQ(verdict.error->code, ErrorCode::kCancelled) << id;
  }
}

TEST_F(ExecutorTest, AStopMidwayKeepsWhatWasConcluded) {
  UseSqlite();
  on_concluded_ = [this] { stop_.request_stop(); };
  Execute(1);
  EXPECT_EQ(verdicts_.size(), 16u);
  EXPECT_EQ(Count(Status::kPass), 1 + 8) << "one table's volume, and what the catalog said of all";
  EXPECT_EQ(Count(Status::kError), 7);
}

// A store that takes a question and is silent until the stop reaches it.
TEST_F(ExecutorTest, ASilentStoreHoldsUpNeitherProgressNorAStop) {
  UseSqlite();
  AlsoDeclare("[[table]]\nname = \"t*\"\n[table.volume]\nmin = 1\n");
  for (const bool of_tables : {true, false}) {
    Guarded<bool> asked;  // and not answered
    const auto silent = [&](const std::stop_token& stop) {
      const std::stop_callback wake(stop, [&asked] { asked.Wake(); });
      asked.With([](bool& now) { now = true; });
      asked.Notify();
      asked.WaitThen([&](bool) { return stop.stop_requested(); }, [](bool& now) { now = false; });
      return MakeError(ErrorCode::kCancelled, "stopped");
    };
    memory_ = {};
    if (of_tables) {
      memory_.known_tables = [&](const std::string&, const std::stop_token& stop) { return silent(stop); };
    } else {
      memory_.history = [&](std::span<const CheckPtr>, Timestamp, const std::stop_token& stop) {
        return silent(stop);
      };
    }
    Guarded<bool> catalog_told;
    on_progress_ = [&] {
      catalog_told.With([](bool& now) { now = true; });
      catalog_told.Notify();
    };
    stop_ = std::stop_source();
    verdicts_.clear();
    std::jthread run([this] { Execute(); });
    const auto patience = std::chrono::steady_clock::now() + 10s;
    EXPECT_TRUE(asked.WaitUntil(patience, [](bool now) { return now; }));
    if (!of_tables) {
      EXPECT_TRUE(catalog_told.WaitUntil(patience, [](bool now) { return now; }))
          << "the store is waited for";
    }
    const auto stopped = std::chrono::steady_clock::now();
    stop_.request_stop();
    EXPECT_LT(std::chrono::steady_clock::now() - stopped, 1s) << "whoever stops a run waits for the store";
    run.join();
    EXPECT_LT(std::chrono::steady_clock::now() - stopped, 2s);
    EXPECT_GE(verdicts_.size(), 16u);
    for (const auto& [id, verdict] : verdicts_) {
      EXPECT_EQ(verdict.error ? verdict.error->code : ErrorCode::kInternal, ErrorCode::kCancelled) << id;
    }
  }
}

TEST_F(ExecutorTest, ADeadlineEndsAStatementAndTheRestGoesOn) {
  UseSqlite();
  connect_.statement_timeout = 1s;
  AlsoDeclare(
      "[[table.sql]]\nname = \"endless\"\nmin = 0\nvalue = \"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
      "SELECT i + 1 "
      "FROM n) SELECT max(i) FROM n\"\n");
  Execute(2);
  EXPECT_EQ(verdicts_.at("warehouse/t7:sql@endless").error->code, ErrorCode::kTimeout);
  EXPECT_EQ(Count(Status::kPass), 16);
}

TEST_F(ExecutorTest, ALostSessionCostsItsStatementOnly) {
  AMONT_NEEDS_POSTGRES();
  UsePostgres();
  AlsoDeclare(
      "[[table.sql]]\nname = \"suicide\"\nmin = 0\nvalue = \"SELECT "
      "pg_terminate_backend(pg_backend_pid())::int\"\n");
  Execute(1);
  EXPECT_EQ(verdicts_.at("warehouse/public.t7:sql@suicide").error->code, ErrorCode::kUnreachable);
  EXPECT_EQ(Count(Status::kPass), 16);
}

TEST_F(ExecutorTest, AServerThatGoesAwayMidwayIsAnErrorOfTheRest) {
  AMONT_NEEDS_POSTGRES();
  UsePostgres();
  const std::string database = ExecuteSql(connect_.url, "SELECT current_database()");
  std::atomic<bool> gone = false;
  on_concluded_ = [&] {
    if (gone.exchange(true)) return;
    ExecuteSql(PostgresServer::Get().Url("postgres"),
               "ALTER DATABASE " + database +
                   " ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid) FROM "
                   "pg_stat_activity WHERE datname = '" +
                   database + "'");
  };
  Execute(1);
  EXPECT_EQ(verdicts_.size(), 16u);
  EXPECT_EQ(Count(Status::kPass), 1 + 8);
  EXPECT_EQ(Count(Status::kError), 7);
  EXPECT_LE(statements_, 4) << "it does not knock once a table";
}

}  // namespace
}  // namespace amont
