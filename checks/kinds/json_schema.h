// JSON Schema (draft-07) of a TOML file, made from its key tables: editors such as Taplo complete, explain
// and check with it. TOML dates are strings to it, as Taplo has them. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "checks/kinds/kind.h"

namespace amont {

// `root`: the keys of the file itself, such as DeclarationKeys(). Unknown keys are refused at every level.
std::string JsonSchema(std::string_view title, std::span<const Key> root);

}  // namespace amont
