// SlowLane: one thread that runs what must not hold up the others, one after another. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <stop_token>
#include <thread>

#include "core/guarded.h"

namespace amont {

class SlowLane {
 public:
  // Each job gets the lane's stop token, and is run even when the lane is asked to stop: it says so then.
  using Job = std::function<void(const std::stop_token&)>;

  explicit SlowLane(size_t jobs_max);
  ~SlowLane();

  // False where too many wait already, or the lane has stopped: the job is dropped.
  bool Add(Job job);
  // Returns once every job has run.
  void Stop();

 private:
  struct Queue {
    std::deque<Job> jobs;
    bool stopped = false;
  };

  void Work(const std::stop_token& stop);

  size_t jobs_max_;
  Guarded<Queue> queue_;
  std::jthread thread_;
};

}  // namespace amont
