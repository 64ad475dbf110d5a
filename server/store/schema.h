// The store's tables, as migrations that only add. Applied in order, each in its own transaction.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/result.h"
#include "core/sql/connection.h"

namespace amont {

// The newest version this release writes; it reads stores one version newer too (releases N and N+1 share a store).
inline constexpr int64_t kStoreVersion = 1;

// Statements of version 1…kStoreVersion, in order.
std::span<const std::span<const std::string_view>> Migrations();

// The version of the open store: 0 for an empty file; kInvalid where the file is another program's database.
Result<int64_t> ReadStoreVersion(Connection& session);

// Brings the store to kStoreVersion. kInvalid for one of a later release that this one cannot read.
Result<void> Migrate(StoreSession& session);

}  // namespace amont
