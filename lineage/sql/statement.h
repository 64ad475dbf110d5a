// SqlStatement: what one SQL statement reads and writes, column by column.
//
// A source is a column of a relation as the statement itself names relations: a table, or a view (which is
// not looked into); subqueries and CTEs are seen through. Of each output column
//
//   direct    sources whose values become its values: columns, the arguments of functions, operators and
//             aggregates (also WITHIN GROUP), the results of CASE, what COALESCE, GREATEST and LEAST choose
//             from, the output of scalar and ARRAY subqueries, both sides of IN, ANY and ALL
//   indirect  sources that decide which value, row, group or order there is: the conditions of CASE, the
//             second argument of NULLIF, subscripts, an aggregate's FILTER and ORDER BY, a window's PARTITION
//             BY, ORDER BY and frame, everything in EXISTS; and for every column alike, what the whole
//             statement depends on: WHERE, HAVING, ON and USING, GROUP BY, ORDER BY, DISTINCT, LIMIT, the
//             arguments of functions in FROM, and all of that of the subqueries and CTEs below. UNION,
//             INTERSECT and EXCEPT compare rows: what they compare is indirect, and so are the values of the
//             right side of the last two, which never come out
//   origin    the one source it simply is, unchanged, as PostgreSQL reports the origin of a result's column:
//             seen through subqueries, CTEs, aliases, and casts to the type it already has
//
// A column that the statement names but no output depends on (a star's columns that an outer query drops) is
// `unused`: the statement would fail without it, so it counts as indirect of every output, and is listed
// apart for those who ask what data flows. Values; no threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lineage/sql/catalog.h"

namespace amont {

enum class SqlStatus : uint8_t {
  kResolved,  // everything is known
  kPartial,   // `unresolved` says what is not
  kFailed,    // nothing is: `reason` says why, line and column where
};
std::string_view Word(SqlStatus status);  // "resolved", "partial", "failed"

struct SqlSource {
  uint32_t relation = 0;  // of `reads`
  std::string column;     // "*": columns that are not known

  bool operator==(const SqlSource&) const = default;
};

// Numbers are those of `sources`, ascending.
struct SqlOutput {
  std::string name;  // "*": columns that are not known
  std::string type;  // canonical; empty: not known
  std::vector<uint32_t> direct;
  std::vector<uint32_t> indirect;  // its own; those of the whole statement come on top
  std::optional<uint32_t> origin;
};

struct SqlStatement {
  std::string kind;  // select, insert, create_view, …; "utility" for what moves no data
  SqlStatus status = SqlStatus::kResolved;
  std::string reason;  // of partial and failed
  int line = 1;        // where it begins; of a failed one, where it stops making sense
  int column = 1;
  std::string routine;  // the function or block it stands in; empty: none
  std::optional<SqlName> target;
  std::vector<SqlName> reads;
  std::vector<SqlSource> sources;
  std::vector<SqlOutput> columns;  // in order; of UPDATE and MERGE those that are set
  std::vector<uint32_t> indirect;  // of the whole statement
  std::vector<uint32_t> unused;
  std::vector<std::string> unresolved;  // a sentence each
};

}  // namespace amont
