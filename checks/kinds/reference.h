// The reference of everything that may be written, as Markdown, from the key tables: docs/reference.md. Pure.
#pragma once

#include <span>
#include <string>

#include "checks/kinds/kind.h"

namespace amont {

// `config`: the keys of amont.toml; those of declaration files are known here.
std::string ReferenceText(std::span<const Key> config);

}  // namespace amont
