// What drift checks remember: the accepted schema of a table, and one that differs from it, seen since when.
#pragma once

#include "checks/verdict.h"
#include "core/sql/connection.h"

namespace amont {

// Of a drift verdict that is no error, inside the caller's transaction.
Result<void> RecordSchema(StoreSession& session, const Verdict& verdict);

}  // namespace amont
