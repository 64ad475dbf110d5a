// A canary: a data race planted in what two calls share. Were it not found under the thread sanitizer,
// neither would a real one in a handler be, and the sanitizer's silence on this folder would mean nothing.

#include <atomic>
#include <cstdlib>
#include <thread>

#include "tests/server/rpc/service_fixture.h"

#if defined(__SANITIZE_THREAD__)
#define AMONT_TSAN 1
#else
#define AMONT_TSAN 0
#endif

namespace amont::testing {
namespace {

class RaceCanary : public ServiceFixture {
 protected:
  void Race() {
    Start();
    int shared = 0;
    std::atomic<int> inside = 0;
    validate_ = [&](const std::vector<std::shared_ptr<const SourceText>>&) {
      inside.fetch_add(1, std::memory_order_relaxed);  // orders nothing: both are inside before either writes
      while (inside.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
      ++shared;
      return Diagnostics();
    };
    std::vector<std::jthread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([&] {
        v1::ValidateRequest request;
        request.add_files()->set_name("a.toml");
        v1::ValidateResponse response;
        Call(&v1::CheckService::Stub::Validate, request, response);
      });
    }
  }
};

TEST_F(RaceCanary, IsFoundByTheThreadSanitizer) {
  if (!AMONT_TSAN) GTEST_SKIP() << "only the thread sanitizer can find it";
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        Race();
        Stop();
        std::exit(0);
      },
      ::testing::ExitedWithCode(66), "data race");
}

}  // namespace
}  // namespace amont::testing
