// The keys of amont.toml, as the JSON Schema and the reference say them. Constants.
#pragma once

#include <span>

#include "checks/kinds/kind.h"

namespace amont {

// Those of the file itself, with everything below them.
std::span<const Key> ConfigKeys();

}  // namespace amont
