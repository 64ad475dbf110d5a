// max_scan_rows: how many rows a statement would read, and the words for one that would read too many. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.h"

namespace amont {

// kLimit: "would read 5.0e9 rows; max_scan_rows is 1.0e8".
Error TooManyRows(int64_t rows, int64_t max_scan_rows);

// What a line of PostgreSQL's EXPLAIN (VERBOSE) says it reads: a sequential scan reads the whole of its
// relation
// (`leaf_rows` by printed name, else what the planner expects to come out), another scan what comes out; 0
// for nodes that read no table.
int64_t RowsReadBy(std::string_view line, const std::map<std::string, int64_t>& leaf_rows);

}  // namespace amont
