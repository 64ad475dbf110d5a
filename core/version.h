// The program's own version, as printed by `amont --version` and stored with what it writes.
// Linked only by server/: a new commit then rebuilds nothing below it. Any thread; the views never expire.
#pragma once

#include <string_view>

namespace amont {

// The release, "0.1.0".
std::string_view Version();

// The commit it was built from, twelve hex digits, or "unknown" outside a git clone.
std::string_view GitRevision();

}  // namespace amont
