// Pause: a wait that a stop ends at once.
#pragma once

#include <stop_token>

#include "core/time.h"

namespace amont {

// Whether the time passed; false: stopped.
bool Pause(Duration span, const std::stop_token& stop);

}  // namespace amont
