// TOML judged by a JSON Schema, as an editor would: by Python's jsonschema, dates being strings.
// One Python process a call. Where the machine has no python3 with tomllib and jsonschema there is no answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace amont::testing {

// For each text the first complaint, or nothing; what is no TOML is a complaint too.
std::optional<std::vector<std::string>> ValidateToml(const std::string& schema,
                                                     const std::vector<std::string>& texts);

}  // namespace amont::testing
