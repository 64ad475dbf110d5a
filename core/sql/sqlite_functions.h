// SQL functions that SQLite lacks and our checks need, added to a connection:
//
//   regexp(pattern, text)               so that `text REGEXP pattern` works: PCRE2, matching anywhere,
//                                       \d \w \s ASCII
//   amont_stddev(number)                sample standard deviation, as PostgreSQL's stddev; NULL below two
//                                       numbers
//   amont_percentile(number, fraction)  continuous percentile, as percentile_cont; NULL without numbers
//   amont_view_error(name)              why a view's columns cannot be told, or NULL
//
// The aggregates skip NULLs and refuse texts that are no numbers. PCRE2 because it is what people know, is
// kept well, and stops at a bound of steps, so no pattern can hold a statement up; std::regex recurses until
// the stack ends.
#pragma once

#include <sqlite3.h>

#include "core/result.h"

namespace amont {

Result<void> AddSqliteFunctions(sqlite3* database);

}  // namespace amont
