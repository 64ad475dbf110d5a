// Measurement, History and Verdict: what was measured, what was measured before, and what it means. Values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "checks/catalog.h"
#include "checks/check.h"
#include "core/result.h"
#include "core/sql/value.h"

namespace amont {

// What a value is to the check that asked for it.
enum class Role {
  kValue,      // the metric itself
  kPer,        // the metric it is divided by
  kRows,       // how many rows were examined (the check's where, scope and window): zero is never a pass
  kFuture,     // newest value beyond now + limits::kFuture, or null
  kReference,  // the metric over the past window, where `change` has no history
};
std::string_view ToString(Role role);

struct Measurement {
  Role role = Role::kValue;
  std::string group;     // empty where the check has no group_by; see group_name.h
  Timestamp at;          // when it was measured: the run's clock
  Timestamp source_now;  // the engine's clock then (or --as-of)
  Value value;                           // without facts: a text why, where that can be told
  std::optional<Error> error;            // why there is no value
  const CatalogTable* facts = nullptr;   // Columns and ChangeMark: the catalog's answer; null: no such table
  std::optional<Timestamp> window_from;  // the window it covers, where there is one: [from, to)
  std::optional<Timestamp> window_to;
};

// One remembered measurement of a (check, group), with what was said of it.
struct PastPoint {
  Timestamp at;  // source_now of the measurement
  std::string group;
  Value value;  // what the verdict observed
  Status status = Status::kPass;
  std::string mark;  // observed freshness: the change mark then
  std::optional<Timestamp> window_to;
  int measured = 1;  // closed windows: how often this window was measured
  Timestamp first_measured;
  bool accepted = false;  // somebody said that this value is right: `change` starts from it
};

struct AcceptedSchema {
  std::vector<CatalogColumn> columns;
  Timestamp accepted_at;
};

struct PendingSchema {  // seen, different from the accepted one, since when
  std::vector<CatalogColumn> columns;
  Timestamp first_seen;
};

// What the judge may know of the past of one check; oldest point first. Empty on a first run.
struct History {
  std::vector<PastPoint> points;
  std::optional<AcceptedSchema> accepted;
  std::optional<PendingSchema> pending;
};

struct GroupVerdict {
  std::string group;
  Status status = Status::kPass;
  Value observed;
  std::string sentence;
};

// Rows shown of a failure: to the terminal and the JSON report only, never stored.
struct Samples {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

struct Verdict {
  CheckPtr check;
  Status status = Status::kError;
  Value observed;                      // of the worst group
  std::string expected;                // for people: "at most 26 h"
  std::optional<double> expected_min;  // as numbers where they are numbers (ages in seconds)
  std::optional<double> expected_max;
  std::string sentence;              // one an on-call person can act on
  std::string proof;                 // "unique index orders_pkey": passed without measuring
  std::string group;                 // the worst one
  std::vector<GroupVerdict> groups;  // where the check has a group_by
  std::optional<Error> error;        // status kError: why
  bool suppressed = false;           // an `exists` failure of its table already says it
  bool pilot = false;
  Timestamp at;      // source_now
  std::string mark;  // observed freshness: to remember
  std::optional<Timestamp> window_to;
  bool reused = false;                 // a closed window's value from the store
  std::optional<Timestamp> deadline;   // freshness: when it turns fail if nothing arrives
  std::vector<CatalogColumn> columns;  // drift, schema: what the catalog said
  bool accept_schema = false;  // drift: remember `columns` as accepted (first sight, or drift_for passed)
  Samples samples;
};

}  // namespace amont
