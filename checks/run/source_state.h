// The inside of a SourceRun: what it knows of its checks and tables while statements come and go. For the
// files of this folder only; one thread, as SourceRun itself.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "checks/run/bisection.h"
#include "checks/run/source_run.h"

namespace amont {

struct SourceRun::State {
  enum class Phase { kTables, kCatalog, kChecks, kMeasuring };  // the first and third recall these
  enum class Purpose { kRecall, kCatalog, kEstimate, kMeasure, kSamples };

  struct Pending {
    Purpose purpose = Purpose::kMeasure;
    Statement statement;
    size_t root = 0;   // kMeasure: the planned statement it stems from
    size_t check = 0;  // kSamples: whose rows it lists
  };
  struct CheckState {
    std::vector<Measurement> measurements;
    std::string proof;
    bool missing_column = false;
    bool reused = false;
    Verdict verdict;
  };
  struct TableState {
    std::shared_ptr<const Table> table;
    bool matched = false;
    std::vector<size_t> checks;
    std::vector<std::string> apart;
    size_t outstanding = 0;  // statements it waits for
    bool judged = false;
    bool concluded = false;
  };

  State(const std::string& source_name, const Declarations& all, const Surroundings& around,
        const Dialect& spelling, RunMemory store, RunOptions chosen)
      : source(source_name),
        declarations(all),
        surroundings(around),
        dialect(spelling),
        memory(std::move(store)),
        options(std::move(chosen)) {}

  void Begin();
  void AskCatalog();
  void ExpandPatterns();
  void RecallChecks();
  std::function<Result<Recollection>(const std::stop_token&)> Question() const;
  void Plan(Result<Recollection> recalled);
  void AddTable(std::shared_ptr<const Table> table, bool matched);
  void AddCheck(const CheckPtr& check);
  void Enqueue(Pending pending);
  void Measured(Pending pending, Result<Rows> rows);
  void Narrow(size_t root, Bisection::Failure failure);
  void Release(const std::set<size_t>& served);
  void Estimated(Pending pending, const Result<Rows>& rows);
  void FailSlots(const Statement& statement, const Error& error);
  void Settle(size_t table);
  void JudgeTable(TableState& table);
  void Conclude(TableState& table);
  std::set<size_t> TablesOf(const Statement& statement) const;
  // The engine's clock; the run's own where no catalog statement came back to tell it (all files missing).
  Timestamp Now() const {
    if (options.as_of) return *options.as_of;
    return catalog.now == Timestamp() ? options.started : catalog.now;
  }

  const std::string source;
  const Declarations& declarations;
  const Surroundings& surroundings;
  const Dialect& dialect;
  const RunMemory memory;
  const RunOptions options;

  Phase phase = Phase::kTables;
  CatalogRequest request;
  std::vector<TableName> known_tables;
  size_t catalog_left = 0;
  Catalog catalog;
  std::vector<CheckPtr> checks;
  std::vector<CheckPtr> by_wildcards;  // what they gave, selected or not
  std::vector<TableName> read_whole;   // --as-of found no time column of theirs
  std::optional<Error> aborted;
  std::vector<CheckState> check_states;  // one a check
  std::vector<History> histories;        // one a check
  PlanOptions plan_options;
  std::vector<TableState> tables;
  std::map<TableName, size_t> table_index;
  std::vector<size_t> table_of;         // by check
  std::map<uint64_t, Pending> pending;  // handed out or ready
  std::vector<uint64_t> ready;
  uint64_t next_id = 1;
  Bisection bisection;
  std::vector<Conclusion> concluded;
  Diagnostics diagnostics;
  size_t statements_done = 0;
  size_t tables_done = 0;
};

// A measurement that could not be made.
Measurement Failed(Role role, Timestamp at, Timestamp now, Error error);

}  // namespace amont
