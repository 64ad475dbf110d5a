// Expectation: how to judge what was measured. Closed: the judge sees only these, never a check kind.
//
// A bound always states what is good; `fail` bounds are the promise, `warn` bounds the tighter wish. Spans in
// microseconds; ratios are fractions of 1.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "checks/baseline_options.h"
#include "checks/column_type.h"
#include "core/schedule.h"
#include "core/sql/value.h"

namespace amont {

struct Bounds {
  Value min;  // null: open
  Value max;
  bool empty() const { return IsNull(min) && IsNull(max); }
  bool operator==(const Bounds&) const = default;
};

struct Between {
  Bounds fail;
  Bounds warn;
  std::map<std::string, Bounds> groups;  // fail bounds of named groups, instead of `fail`
  bool as_ratio = false;                 // observed and bounds are fractions, shown as percentages
};

enum class FuturePolicy { kIgnore, kWarn, kFail };

struct MaxAge {
  std::optional<Duration> warn;
  std::optional<Duration> fail;
  FuturePolicy future = FuturePolicy::kWarn;
};

// At each deadline + grace the newest row must be at or after the start of the deadline's local day, or
// `since`.
struct ArrivedBy {
  Schedule deadline;
  Duration grace{};
  std::optional<Duration> since;  // this long before the deadline, instead of its local midnight
  FuturePolicy future = FuturePolicy::kWarn;
};

struct ChangeBounds {
  std::optional<double> min;  // -0.30 where relative, else an absolute difference
  std::optional<double> max;
  bool relative = true;
  bool empty() const { return !min && !max; }
};

struct ChangeWithin {
  Duration versus{};
  ChangeBounds fail;
  ChangeBounds warn;
};

struct ExpectedColumn {
  std::string name;
  std::optional<ColumnType> type;
  std::optional<bool> nullable;  // false: the database must forbid NULL; true: it must allow it
};

struct ColumnsMatch {
  enum class Mode { kContains, kExact, kOrdered };
  Mode mode = Mode::kContains;
  std::vector<ExpectedColumn> columns;
  std::vector<std::string> forbid;  // patterns with * and ?
};

struct NoDrift {
  bool fail = false;                  // else warn
  std::optional<Duration> drift_for;  // after this long the new schema is accepted by itself
};

struct Exists {
  std::vector<std::string> columns;  // every column the table's declarations name, sorted
};

// As the check's own history teaches.
struct NearBaseline {
  std::optional<BaselineSeason> season;  // unset: what the window says, else weekdays
  BaselineDirection direction = BaselineDirection::kBoth;
  BaselineSensitivity sensitivity = BaselineSensitivity::kNormal;
};

struct NotEmptied {};  // had rows at the last measurement, has none now

using Expectation = std::variant<Between, MaxAge, ArrivedBy, ChangeWithin, NearBaseline, ColumnsMatch,
                                 NoDrift, Exists, NotEmptied>;

// One line for people: "at most 26 h old", "between 1,000 and 5,000", "columns contain id bigint, …".
std::string ToText(const Expectation& expectation);

}  // namespace amont
