// A SourceRun over a real SQLite file, driven to its end by a test: statements complete in a seeded order,
// and fail where the test wants them to. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "checks/declare/declarations.h"
#include "checks/run/source_run.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {

// What a statement fails with instead of being run; nothing: it is run.
using Fault = std::function<std::optional<Error>(const Statement&)>;

struct Driven {
  std::map<std::string, Verdict> verdicts;  // by id
  int tables = 0;
  int statements = 0;  // completed, catalog included
  std::optional<Error> aborted;

  Status Of(const std::string& id) const;  // one that is not there fails the current test
  std::string Statuses() const;            // "id status" a line
};

class RunCase {
 public:
  // The tables, by SQL, and what is declared of them (source `warehouse`).
  RunCase(const std::string& script, std::string_view declarations);
  ~RunCase();

  RunMemory memory;
  RunOptions options;
  // Which checks a statement answers, by id.
  std::set<std::string> ServedBy(const Statement& statement) const;
  // Runs to the end; after `abort_after` completed statements the rest is aborted as cancelled.
  Driven Drive(unsigned seed = 0, const Fault& fault = {}, std::optional<int> abort_after = {}) const;
  // The statements of a run without faults, in the order of seed 0.
  std::vector<Statement> Statements() const;
  const Declarations& declarations() const { return declarations_; }

 private:
  struct Session;
  Result<Rows> Execute(const Statement& statement) const;

  TempDir dir_;
  Surroundings surroundings_;
  Declarations declarations_;
  std::unique_ptr<const Dialect> dialect_;
  std::unique_ptr<Session> session_;
};

}  // namespace amont::testing
