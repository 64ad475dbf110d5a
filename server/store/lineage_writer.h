// Writing lineage inside the caller's transaction, on SQLite and PostgreSQL alike.
#pragma once

#include <cstdint>
#include <memory>

#include "core/sql/connection.h"
#include "server/store/lineage_store.h"

namespace amont {

// Takes the lineage lock, which everybody who writes lineage holds until its transaction ends; gives the
// transaction's sequence number.
Result<int64_t> HoldLineage(StoreSession& session);

// What WriteLineage hands to its caller. The lock is held.
std::unique_ptr<LineageTransaction> MakeLineageTransaction(StoreSession& session);

}  // namespace amont
