// Says in the log what is in force, a line each: sources, store, listeners, declarations. Without secrets.
#pragma once

#include <cstddef>

#include "server/config/config.h"

namespace amont {

void LogInForce(const Config& config, size_t invalid_files);

}  // namespace amont
