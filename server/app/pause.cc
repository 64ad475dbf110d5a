#include "server/app/pause.h"

#include <chrono>

#include "core/guarded.h"

namespace amont {

bool Pause(Duration span, const std::stop_token& stop) {
  Guarded<bool> woken;
  std::stop_callback wake(stop, [&woken] { woken.Wake(); });
  return !woken.WaitUntil(std::chrono::steady_clock::now() + span,
                          [&](bool) { return stop.stop_requested(); });
}

}  // namespace amont
