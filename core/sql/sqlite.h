// SQLite behind Connection: a database file, read only. Connect (core/sql/connection.h) calls this for
// sqlite: URLs; the store's side is OpenSqliteStore there.
//
// Fenced in five ways, each enough against most of what it forbids: the file is opened read-only, query_only
// is on, ATTACH has no room, an authorizer lets through SELECT and the pragmas that describe tables and
// nothing else, and a text holds one statement. Extensions are off, the schema is not trusted, and "a quoted
// name" that is no column is an error, never a text.
//
// Values are as stored: INTEGER, REAL, TEXT; a BLOB is its hex digits; times are whatever the column holds.
// Parameters: bool as 0 or 1, Decimal as a number, Timestamp as microseconds since 1970, LocalTime and Date
// as ISO text. SQLite lacks some functions that checks need: core/sql/sqlite_functions.h adds them.
#pragma once

#include <memory>
#include <stop_token>

#include "core/sql/connection.h"

namespace amont {

// Opens a session; waits for a writer's lock at most options.lock_timeout. kUnreachable, kInvalid (not a
// database), kBusy, kPermission, kCancelled.
Result<std::unique_ptr<Connection>> ConnectSqlite(const ConnectOptions& options, std::stop_token stop);

}  // namespace amont
