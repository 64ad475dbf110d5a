#include "server/executor/big_stack.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "core/guarded.h"

namespace amont {
namespace {

// Each call needs a little more than a kilobyte.
int Deep(int calls) {
  volatile char room[1024];
  room[0] = static_cast<char>(calls);
  return calls == 0 ? 0 : Deep(calls - 1) + 1 + room[0] - room[0];
}

TEST(BigStack, HoldsWhatAnOrdinaryStackDoesNot) {
  int depth = 0;
  RunOnBigStack([&] { depth = Deep(30'000); });
  EXPECT_EQ(depth, 30'000);
}

TEST(BigStack, ManyCallersShareAFixedPool) {
  Guarded<std::set<std::thread::id>> workers;
  std::atomic<int> done = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 16; ++i) {
    callers.emplace_back([&] {
      for (int j = 0; j < 20; ++j) {
        RunOnBigStack([&] {
          workers.With([](auto& ids) { ids.insert(std::this_thread::get_id()); });
          ++done;
        });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(done, 320);
  EXPECT_LE(workers.With([](const auto& ids) { return ids.size(); }), static_cast<size_t>(kBigStacks));
}

}  // namespace
}  // namespace amont
