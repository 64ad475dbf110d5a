// ${NAME} in the strings of amont.toml, and what of the file may be printed. Pure but for the Environment
// given.
#pragma once

#include <memory>
#include <vector>

#include "core/toml_reader.h"
#include "server/config/config.h"

namespace amont {

// Replaces every ${NAME} in every string below `node`; one that is not set is an error at the string, or,
// where secrets are not needed, a warning: it stays as it is written. `$${` is a plain `${`. What was put in
// is not looked at again. Gives the places of strings in which one stayed.
std::vector<Span> ExpandEnvironment(TomlNode& node, const Environment& environment, Secrets secrets,
                                    Diagnostics& diagnostics);

// The file with passwords in URLs overwritten by asterisks, byte for byte, so that places stay the same.
std::shared_ptr<const SourceText> MaskPasswords(const std::shared_ptr<const SourceText>& file);

// Lets every place below `node`, or in `diagnostics`, that points into `from` point into `to`.
void Repoint(TomlNode& node, const std::shared_ptr<const SourceText>& from,
             const std::shared_ptr<const SourceText>& to);
Diagnostics Repointed(const Diagnostics& diagnostics, const std::shared_ptr<const SourceText>& from,
                      const std::shared_ptr<const SourceText>& to);

// The diagnostics that stand at none of the places.
Diagnostics Elsewhere(const Diagnostics& diagnostics, const std::vector<Span>& places);

}  // namespace amont
