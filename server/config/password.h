// `password_file` of a [source.NAME] or of [store]: the password it holds.
#pragma once

#include <string>
#include <string_view>

#include "core/diagnostic.h"
#include "core/toml_reader.h"
#include "server/config/config.h"

namespace amont {

// Empty where there is none. `refused`, where it is not empty, is why there may be none here. A relative file
// is relative to `directory`; one that cannot be read is a mistake where secrets are needed.
std::string ReadPasswordFile(TomlReader& reader, const std::string& directory, std::string_view refused,
                             Secrets secrets, Diagnostics& diagnostics);

}  // namespace amont
