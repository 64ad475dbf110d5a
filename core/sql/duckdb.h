// DuckDB behind Connection: embedded, for Parquet, CSV and JSON files as tables (`duckdb:` with
// options.files) and for database files (`duckdb:FILE`, read-only). Connect (core/sql/connection.h) calls
// this for duckdb: URLs.
//
// What a statement says
//   · A table of options.files is simply named: SELECT … FROM "flights", DESCRIBE "flights", joins of two of
//   them. It
//     is not in information_schema; a table whose glob matches nothing is kNotFound when it is read. (The
//     reader may also be spelled out, with the table's own glob made absolute: FROM read_csv('/data/x-*.csv',
//     header = true).)
//   · Exactly one SELECT (or VALUES, DESCRIBE, SUMMARIZE). It runs inside BEGIN TRANSACTION READ ONLY …
//   ROLLBACK, and
//     only table functions that read are let through: among DuckDB's own are some that write files from a
//     SELECT.
//   · Time zone UTC; nested types, enums, UUIDs and intervals come as DuckDB's text of them.
//
// The library is opened at the first call (core/sql/duckdb_library.h). The session holds its file open: keep
// it no longer than a run. Files are matched when it opens; a file that comes later is seen by the next
// session. Cancel and Sever set a flag that DuckDB reads between pieces of work: usually within 100 ms,
// seconds inside a sort.
#pragma once

#include <memory>
#include <stop_token>

#include "core/limits.h"
#include "core/sql/connection.h"

namespace amont {

// Opens a session with at most `memory_bytes_max` (and never more than a quarter of what DuckDB would take by
// itself); what outgrows it is spilled to a private temporary folder. A file held by a writer is tried again
// until options.statement_timeout has passed in waiting. kUnsupported without the library, kUnreachable,
// kBusy, kInvalid, kPermission, kLimit, kCancelled.
Result<std::unique_ptr<Connection>> ConnectDuckdb(const ConnectOptions& options, std::stop_token stop,
                                                  int64_t memory_bytes_max = limits::kDuckdbMemoryBytes);

}  // namespace amont
