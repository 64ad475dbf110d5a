#include "core/guarded.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace amont {
namespace {

using namespace std::chrono_literals;

// A waiter that has looked, and does not sleep yet: a stop's callback changes no guarded value and notifies
// right then.
TEST(Guarded, AWakeBetweenTheLookAndTheSleepIsNotLost) {
  Guarded<int> guarded;
  std::atomic<bool> looked = false;
  std::atomic<bool> stopped = false;
  std::atomic<bool> notified = false;
  std::jthread other([&] {
    looked.wait(false);
    stopped = true;
    guarded.Wake();
    notified = true;
  });
  const auto give_up = std::chrono::steady_clock::now() + 60s;
  guarded.WaitUntil(give_up, [&](int) {
    const bool before = stopped;
    looked = true;
    looked.notify_all();
    // A wake that needs the lock waits for us to sleep.
    const auto until = std::chrono::steady_clock::now() + 100ms;
    while (!before && !notified && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return before;
  });
  EXPECT_LT(std::chrono::steady_clock::now(), give_up);
}

}  // namespace
}  // namespace amont
