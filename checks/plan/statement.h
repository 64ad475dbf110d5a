// Statement and Slot: the SQL that answers many checks; a slot is one named answer in it. Values.
//
// A statement carries enough of its own structure to be rendered again with fewer slots: that is what
// bisecting a failed one is. Slots are found by alias, never by position.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/metric.h"
#include "checks/verdict.h"
#include "core/sql/value.h"
#include "core/table_name.h"

namespace amont {

enum class StatementClass { kCatalog, kProbe, kScan, kGroup, kJoin, kCustom, kSample };
std::string_view ToString(StatementClass cls);

// Which check asked, by its index among the checks that were planned, and what the answer is to it.
struct Use {
  size_t check = 0;
  Role role = Role::kValue;
  bool operator==(const Use&) const = default;
};

struct Slot {
  std::string alias;       // "m3", unique in its plan; empty: the statement's one value, whatever its name
  std::string metric;      // ToText of the metric and its where, for plans and reports
  std::string expression;  // the SQL after SELECT, without the alias
  bool is_time = false;    // the answer is when something arrived: read by `format` into an instant or a day
  TimeFormat format = TimeFormat::kNative;
  std::vector<Use> uses;
};

struct Statement {
  StatementClass cls = StatementClass::kScan;
  std::vector<TableName> tables;          // those it reads; the first is whose checks it serves
  std::string with;                       // a CTE that user SQL in it reads, or empty
  std::string from;                       // the FROM item
  std::string where;                      // scope AND window, or empty
  std::string group_by;                   // the quoted column, or empty
  int groups_max = 0;                     // the largest ones keep their name, the rest is "(other)"
  std::vector<std::string> named_groups;  // these keep theirs however small
  std::vector<Value> params;              // $1…$n, all of them used by `where`
  std::vector<Slot> slots;
  std::string sql;  // rendered
  std::optional<Timestamp> window_from;
  std::optional<Timestamp> window_to;
  std::optional<int64_t> estimated_rows;     // read in all, where the catalog could tell
  std::map<std::string, int64_t> leaf_rows;  // otherwise: what it may scan, by the name EXPLAIN prints
  bool foreign_sql = false;                  // holds a user's own SQL: the session is reset after it
};

// A result as it came: a few rows; catalogs are the largest.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;
};

}  // namespace amont
