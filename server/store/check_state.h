// CheckState: what is now known of one check, one row a check. The store keeps it beside the verdicts, in the
// same transaction; the state map of a service applies the same verdicts to its own copy.
//
// Values and one pure function.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "checks/verdict.h"

namespace amont {

struct CheckState {
  std::string check;               // id
  std::string table;               // source/schema.table
  std::optional<Status> status;    // the last other than error; nullopt: never
  std::optional<Timestamp> since;  // when that status began
  std::string error;               // why the last run could not measure; empty: it did
  Timestamp last_run;
  std::optional<Timestamp> last_success;  // the last run that measured
  std::optional<double> value;            // ages in seconds
  std::optional<double> expected_min;
  std::optional<double> expected_max;
  std::string sentence;               // of `status`
  std::optional<Timestamp> newest;    // freshness: when the table last got something
  std::optional<Timestamp> deadline;  // freshness: when it turns fail if nothing arrives
  std::optional<int64_t> rows;        // where the check counts the whole table
  std::map<Status, int64_t> groups;   // group_by: how many groups stand so
  int64_t schema_changes = 0;         // drift: changes seen so far

  bool operator==(const CheckState&) const = default;
};

// Takes a newer verdict of the same check. An error leaves what was measured before as it was.
void Advance(CheckState& state, const Verdict& verdict);

}  // namespace amont
