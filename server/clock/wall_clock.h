// WallClock: the time of day, as people and logs read it. Any thread. It steps: waits and leases go by a
// steady clock.
#pragma once

#include <chrono>

#include "core/time.h"

namespace amont {

inline Timestamp WallClock() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace amont
