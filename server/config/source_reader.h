// [source.NAME] of amont.toml: read and checked; nothing is connected to. Reads the password file.
#pragma once

#include <string>

#include "core/toml_reader.h"
#include "server/config/config.h"

namespace amont {

// Adds the source called `name` to `config`, for whoever connects and for whoever declares.
// `config.directory` is known.
void ReadSource(const std::string& name, const TomlNode& node, Secrets secrets, Config& config,
                Diagnostics& diagnostics);

}  // namespace amont
