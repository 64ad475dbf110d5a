// Wanted: one thing to measure, on its way from the checks that ask for it to a slot in a statement. Values.
//
// The passes turn a list of these into statements: lower makes one for each (check, role), dedupe joins those
// that are the same, prove drops those that the catalog answers, classify says how each is asked, fold puts
// them together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/catalog.h"
#include "checks/check.h"
#include "checks/plan/dialect.h"
#include "checks/plan/planner.h"
#include "checks/plan/statement.h"

namespace amont {

// The rows a statement reads, and how it divides them.
struct RowSet {
  TableName table;
  std::string from;
  std::string where;          // scope AND window AND --as-of
  std::string with;           // the CTE that a user's SQL reads in place of the table, or empty
  std::vector<Value> params;  // of `where`
  std::string group_by;       // quoted; empty: one row
  int groups_max = 0;
  std::optional<WindowSpan> window;
  bool foreign_sql = false;  // holds a user's own SQL

  // Equal texts where two sets hold the same rows in the same groups.
  std::string Key() const;
};

struct Wanted {
  Metric metric;
  std::optional<Metric> per;  // only where one value must be a ratio: a reference
  std::string filter;         // the check's where, enclosed
  RowSet rows;
  std::optional<TimeColumn> time;  // of NewestTimestamp
  bool future = false;             // the newest beyond now + limits::kFuture, not the newest until then
  bool is_time = false;            // the answer is when something arrived
  std::vector<std::string> named_groups;  // that must not vanish in "(other)"
  std::vector<Use> uses;

  // Set by classify.
  StatementClass cls = StatementClass::kScan;
  std::string expression;

  std::string Key() const;   // equal where the same thing is wanted
  std::string Text() const;  // for plans: "null_count(email) where (…)"
};

// What every pass knows.
struct Planning {
  std::span<const CheckPtr> checks;
  const Catalog* catalog;  // null: offline
  const Dialect& dialect;
  const PlanOptions& options;

  bool Enabled(const std::string& pass) const { return !options.disabled.contains(pass); }
  const CatalogTable* Facts(const TableName& table) const { return catalog ? catalog->Find(table) : nullptr; }
};

}  // namespace amont
