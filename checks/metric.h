// Metric and Measure: what to measure. Closed: a visitor that forgets one does not compile.
//
// The planner sees only these; it knows no check kind. Column names are as declared (unquoted). Texts in them
// have captures filled in; in SQL (where, sql) {table}, {now} and {today} are still to be replaced.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/sql/value.h"
#include "core/table_name.h"

namespace amont {

// How a freshness column that is a number or a text is read.
enum class TimeFormat { kNative, kUnixSeconds, kUnixMillis, kIso };

struct RowCount {
  bool operator==(const RowCount&) const = default;
};
// The newest value not later than now + limits::kFuture, and whether later ones exist. The first column that
// exists.
struct NewestTimestamp {
  std::vector<std::string> columns;
  TimeFormat format = TimeFormat::kNative;
  bool operator==(const NewestTimestamp&) const = default;
};
struct NullCount {
  std::string column;
  bool operator==(const NullCount&) const = default;
};
struct DistinctCount {  // distinct values, NULL aside
  std::string column;
  bool operator==(const DistinctCount&) const = default;
};
struct DuplicateCount {  // rows beyond the first of each key; keys with a NULL aside
  std::vector<std::string> columns;
  bool operator==(const DuplicateCount&) const = default;
};
struct Aggregate {
  enum class Function { kMin, kMax, kMean, kSum, kStddev };  // stddev of the sample (n − 1)
  Function function = Function::kMin;
  std::string column;
  bool operator==(const Aggregate&) const = default;
};
struct Percentile {  // continuous, linear between neighbours
  std::string column;
  double fraction = 0.5;
  bool operator==(const Percentile&) const = default;
};
struct OutsideAccepted {  // rows whose value is none of these
  std::string column;
  std::vector<Value> values;
  bool operator==(const OutsideAccepted&) const = default;
};
struct PatternMismatch {  // rows whose text does not match the engine's own regex
  std::string column;
  std::string regex;
  bool operator==(const PatternMismatch&) const = default;
};
struct LengthOutside {  // rows whose text is shorter or longer, in characters
  std::string column;
  std::optional<int64_t> min;
  std::optional<int64_t> max;
  bool operator==(const LengthOutside&) const = default;
};
struct Orphans {  // rows whose value stands in no row of the other table
  std::string column;
  TableName other;
  std::string other_column;
  bool operator==(const Orphans&) const = default;
};
struct Columns {  // the table's columns: the catalog's answer
  bool operator==(const Columns&) const = default;
};
struct ChangeMark {  // a text that differs once the table changed: the catalog's answer
  bool operator==(const ChangeMark&) const = default;
};
struct CustomValue {  // one row, one column
  std::string sql;
  bool operator==(const CustomValue&) const = default;
};
struct FailRows {  // how many rows the query gives
  std::string sql;
  bool operator==(const FailRows&) const = default;
};

using Metric = std::variant<RowCount, NewestTimestamp, NullCount, DistinctCount, DuplicateCount, Aggregate,
                            Percentile, OutsideAccepted, PatternMismatch, LengthOutside, Orphans, Columns,
                            ChangeMark, CustomValue, FailRows>;

// The last complete stretch of `last` on `column`, judged once it has been closed for `delay`.
struct Window {
  std::string column;
  Duration last{};
  Duration delay{};
  bool operator==(const Window&) const = default;
};

struct Measure {
  Metric metric;
  std::optional<Metric> per;     // null ratio = NullCount per RowCount
  std::string where;             // of the check; becomes a FILTER
  std::optional<Window> window;  // splits scans
  std::string group_by;          // a column; empty: none
  bool operator==(const Measure&) const = default;
};

// "row_count", "null_count(email)", "duplicates(id,placed_at)", "percentile(amount,0.95)": shown in plans;
// equal metrics give equal texts and different ones different texts.
std::string ToText(const Metric& metric);
// The columns it reads, in order, without those inside SQL texts.
std::vector<std::string> ColumnsOf(const Metric& metric);

}  // namespace amont
