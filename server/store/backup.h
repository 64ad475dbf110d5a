// Backing up a store: a whole copy of a SQLite store, made while a service or a run writes it.
//
// Blocks for as long as copying takes; writers go on meanwhile. Any thread.
#pragma once

#include <string>

#include "core/result.h"

namespace amont {

// Copies the store at `url` to `file`, whole or not at all: what was committed when it began, in one file
// that is a store itself. kNotFound: there is no store; kInvalid: the file is none; kBusy: `file` exists
// already; kUnsupported: a PostgreSQL store, which its own tools copy; kPermission, kLimit: `file` cannot be
// written.
Result<void> BackUpStore(const std::string& url, const std::string& file);

}  // namespace amont
