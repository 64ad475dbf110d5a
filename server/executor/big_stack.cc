#include "server/executor/big_stack.h"

#include <fmt/format.h>
#include <pthread.h>

#include <cstdlib>
#include <deque>
#include <vector>

#include "core/guarded.h"
#include "core/log.h"

namespace amont {
namespace {

struct Job {
  const std::function<void()>* work = nullptr;
  bool done = false;
};

class BigStackPool {
 public:
  BigStackPool() {
    pthread_attr_t attributes;
    bool started = pthread_attr_init(&attributes) == 0;
    started = started && pthread_attr_setstacksize(&attributes, kBigStackBytes) == 0;
    for (int i = 0; started && i < kBigStacks; ++i) {
      started = pthread_create(&threads_.emplace_back(), &attributes, &BigStackPool::Loop, this) == 0;
    }
    if (!started) {
      Log(LogLevel::kError, "no thread with a big stack could be started");
      std::abort();
    }
    pthread_attr_destroy(&attributes);
  }
  ~BigStackPool() {
    state_.With([](State& state) { state.ending = true; });
    state_.Notify();
    for (const pthread_t thread : threads_) pthread_join(thread, nullptr);
  }
  BigStackPool(const BigStackPool&) = delete;
  BigStackPool& operator=(const BigStackPool&) = delete;

  void Run(const std::function<void()>& work) {
    Job job{&work};
    state_.With([&](State& state) { state.waiting.push_back(&job); });
    state_.Notify();
    state_.WaitThen([&](const State&) { return job.done; }, [](State&) {});
  }

 private:
  struct State {
    std::deque<Job*> waiting;
    bool ending = false;
  };

  static void* Loop(void* self) {
    Guarded<State>& guarded = static_cast<BigStackPool*>(self)->state_;
    while (true) {
      Job* job = guarded.WaitThen([](const State& state) { return state.ending || !state.waiting.empty(); },
                                  [](State& state) -> Job* {
                                    if (state.waiting.empty()) return nullptr;
                                    Job* next = state.waiting.front();
                                    state.waiting.pop_front();
                                    return next;
                                  });
      if (job == nullptr) return nullptr;
      (*job->work)();
      guarded.With([&](State&) { job->done = true; });
      guarded.Notify();
    }
  }

  Guarded<State> state_;
  std::vector<pthread_t> threads_;
};

}  // namespace

void RunOnBigStack(const std::function<void()>& work) {
  static BigStackPool pool;
  pool.Run(work);
}

}  // namespace amont
