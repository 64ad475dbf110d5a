#include "server/http/slow_lane.h"

#include <utility>

namespace amont {

SlowLane::SlowLane(size_t jobs_max)
    : jobs_max_(jobs_max), thread_([this](const std::stop_token& stop) { Work(stop); }) {}

SlowLane::~SlowLane() { Stop(); }

bool SlowLane::Add(Job job) {
  const bool added = queue_.With([&](Queue& queue) {
    if (queue.stopped || queue.jobs.size() >= jobs_max_) return false;
    queue.jobs.push_back(std::move(job));
    return true;
  });
  queue_.Notify();
  return added;
}

void SlowLane::Stop() {
  thread_.request_stop();
  queue_.With([](Queue& queue) { queue.stopped = true; });
  queue_.Notify();
  if (thread_.joinable()) thread_.join();
}

void SlowLane::Work(const std::stop_token& stop) {
  for (;;) {
    const Job job = queue_.WaitThen([](const Queue& queue) { return queue.stopped || !queue.jobs.empty(); },
                                    [](Queue& queue) {
                                      if (queue.jobs.empty()) return Job();
                                      Job next = std::move(queue.jobs.front());
                                      queue.jobs.pop_front();
                                      return next;
                                    });
    if (!job) return;
    job(stop);
  }
}

}  // namespace amont
