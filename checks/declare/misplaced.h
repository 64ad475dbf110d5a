// Misplaced keys: a key of [[table]] written after [table.freshness] belongs, to TOML, to freshness. Such
// keys are called out with the line to move them above, and taken out of the tree so that no kind calls them
// unknown once more.
#pragma once

#include <string_view>

#include "core/toml_reader.h"

namespace amont {

// `root` is what the node was opened by: "table" ([[table]]) or "defaults" ([defaults]).
void TakeOutMisplaced(TomlNode& node, std::string_view root, Diagnostics& diagnostics);

}  // namespace amont
