// ReadStore: a SQLite store that is only looked at. Nothing of it is created, migrated or written, not beside
// it either while no process has it open, and it may be read from a folder nobody may write to.
//
// Thread-safe: each reading opens the file anew. Whatever would write is kPermission.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/store/store.h"

namespace amont {

// kNotFound (no file, or no store in it yet), kInvalid (not a store, corrupt, of a newer release),
// kUnreachable.
Result<std::unique_ptr<Store>> OpenReadStore(const std::string& path);

}  // namespace amont
