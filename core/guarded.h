// Guarded<T>: a value and its mutex as one object, so that the value cannot be reached without the lock.
// Published<T>: an immutable snapshot that readers take without waiting for writers.
//
// Thread-safe, both. The old snapshot of a Published is destroyed outside the lock. There are no bare mutex
// members anywhere else in the project. (std::atomic<std::shared_ptr> is a data race in g++ 12's library.)
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace amont {

template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  // Runs fn(value) under the lock and returns what it returns.
  template <class Fn>
  decltype(auto) With(Fn&& fn) {
    std::lock_guard lock(mutex_);
    return std::forward<Fn>(fn)(value_);
  }
  template <class Fn>
  decltype(auto) With(Fn&& fn) const {
    std::lock_guard lock(mutex_);
    return std::forward<Fn>(fn)(value_);
  }

  // Waits until ready(value) holds, then runs fn(value) under the same lock. Whoever changes the value wakes
  // waiters with Notify().
  template <class Ready, class Fn>
  decltype(auto) WaitThen(Ready&& ready, Fn&& fn) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready(value_); });
    return std::forward<Fn>(fn)(value_);
  }

  // As WaitThen, but gives up at `until`; returns whether ready(value) held.
  template <class TimePoint, class Ready>
  bool WaitUntil(TimePoint until, Ready&& ready) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, until, [&] { return ready(value_); });
  }

  void Notify() { changed_.notify_all(); }
  // Notify where what changed is no part of the value, as a stop is: taking the lock first, it also reaches a
  // waiter that has just looked and does not sleep yet.
  void Wake() {
    { std::lock_guard lock(mutex_); }
    changed_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  T value_{};
};

template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> first) : current_(std::move(first)) {}

  std::shared_ptr<const T> Get() const {
    std::lock_guard lock(mutex_);
    return current_;
  }
  void Set(std::shared_ptr<const T> next) {
    {
      std::lock_guard lock(mutex_);
      current_.swap(next);
    }
    // `next` now holds the old snapshot; it dies here, outside the lock.
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> current_;
};

}  // namespace amont
