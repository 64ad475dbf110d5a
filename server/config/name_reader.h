// [calendar.NAME] and [owner.NAME] of amont.toml: what declarations refer to by name.
#pragma once

#include <string>

#include "checks/declare/declarations.h"
#include "core/toml_reader.h"

namespace amont {

void ReadCalendar(const std::string& name, const TomlNode& node, Surroundings& surroundings,
                  Diagnostics& diagnostics);
void ReadOwner(const std::string& name, const TomlNode& node, Surroundings& surroundings,
               Diagnostics& diagnostics);

}  // namespace amont
