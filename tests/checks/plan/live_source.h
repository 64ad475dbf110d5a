// A real source for tests of the planner: tables made by SQL, a session of ours to read them, and plans run
// to the end.
//
// Writes go around our own connections, which only read. One thread. What fails that should not fails the
// current test.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "checks/plan/planner.h"
#include "core/sql/connection.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {

// What a plan gave for one (check id, role, group): the value, or "error: …" as text.
using Measured = std::map<std::tuple<std::string, Role, std::string>, Value>;

class LiveSource {
 public:
  // A fresh database; nullptr where the engine is not here (see Unavailable).
  static std::unique_ptr<LiveSource> Create(Engine engine);
  static std::string Unavailable(Engine engine);
  virtual ~LiveSource() = default;

  virtual Engine engine() const = 0;
  // Runs any statements, writing ones too.
  virtual void Execute(const std::string& script) = 0;
  // File tables by glob, for DuckDB; the next session sees them.
  virtual void SetFiles(const std::map<std::string, std::string>&) {}

  const std::string& Url() { return url_; }  // PostgreSQL's

  Connection& connection();  // opened at first use, closed by Execute where the engine needs that
  const Dialect& dialect();
  Result<Rows> Run(const Statement& statement);
  // The catalog of these tables, by the dialect's own statements.
  Catalog ReadCatalog(const std::vector<std::string>& tables, const std::vector<NamePattern>& patterns = {});
  // Runs a plan, splitting what fails on data, and collects the answers, proofs ("proven") and refusals.
  Measured Measure(const Plan& plan, std::span<const CheckPtr> checks, const PlanOptions& options);
  // The same of the plan that is made of these checks, with the catalog of their tables and of `also`.
  Measured Measure(std::span<const CheckPtr> checks, const PlanOptions& options,
                   std::vector<std::string> also = {});

 protected:
  virtual ConnectOptions Options() = 0;
  std::string url_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<const Dialect> dialect_;
};

Result<Rows> RunStatement(Connection& connection, const Statement& statement);

// "12", "0.5", "NULL", "2026-11-24T05:31:18Z"
std::string Text(const Measured& measured, const std::string& check, Role role = Role::kValue,
                 const std::string& group = "");

}  // namespace amont::testing
