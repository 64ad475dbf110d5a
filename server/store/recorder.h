// Recording what tables concluded, inside the caller's transaction.
#pragma once

#include <span>

#include "core/sql/connection.h"
#include "server/store/store.h"

namespace amont {

// What `run` recorded of a check before stays as it was, and so does a second verdict of it in one batch.
Result<void> RecordBatch(StoreSession& session, RunId run, std::span<const Conclusion> tables);

}  // namespace amont
