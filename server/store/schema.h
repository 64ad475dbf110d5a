// The store's tables, as migrations that only add, applied in order.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "core/sql/connection.h"

namespace amont {

// The newest version this release writes; it reads stores one version newer too (releases N and N+1 share a
// store).
inline constexpr int64_t kStoreVersion = 4;

// The version of the open store: 0 for an empty file; kInvalid where the file is another program's database.
Result<int64_t> ReadStoreVersion(Connection& session);

// kInvalid for another program's database and for a store of a later release that this one cannot read.
Result<void> CheckReadable(Connection& connection);

// Brings the store to kStoreVersion, in one transaction. kInvalid as CheckReadable.
Result<void> Migrate(StoreSession& session);

}  // namespace amont
