// Leadership: whether this process is the one that schedules and announces, by a lease in the store.
//
// The leader beats; a candidate takes over after it saw the same beat for a whole term on its own steady
// clock. The leader counts its term from before each beat that the store took, so the two never overlap, and
// nobody compares wall clocks. Whoever was stopped or cut off for longer finds its epoch past, and the store
// refuses its writes. A store that cannot be reached ends a term without giving the lease away: once it is
// back, the same epoch goes on where nobody else took it.
//
// Step is for one thread; epoch and lost are for any.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/guarded.h"
#include "core/time.h"
#include "server/store/store.h"

namespace amont {

class Leadership {
 public:
  using Clock = std::chrono::steady_clock;
  // Gives the time; a test gives its own.
  using Now = std::function<Clock::time_point()>;

  // `alone`: no other process can have the store open (SQLite), so what an earlier one left is taken at once.
  Leadership(Store& store, std::string holder, Duration term, bool alone, Now now = &Clock::now);

  // Beats, or looks whether the lease is free; blocks as long as the store does. An error is the store's, and
  // changes nothing by itself.
  Result<void> Step();
  // How long until Step is due again: three beats a term.
  Duration pause() const { return term_ / 3; }

  // The epoch under which this process leads now; nullopt: it does not, or cannot know any more.
  std::optional<int64_t> epoch() const;
  // Whether `epoch` is over for good: another one was seen since.
  bool Lost(int64_t epoch) const;
  // Who leads as far as is known: "host:pid", empty: nobody yet.
  std::string holder() const;

 private:
  struct Seen {
    Lease lease;
    Clock::time_point since;  // when this very beat was first seen
  };
  struct State {
    std::optional<int64_t> mine;
    Clock::time_point beaten;  // before the last beat that the store took
    std::optional<Seen> seen;
  };

  Result<void> Beat(int64_t epoch);
  Result<void> Look();
  Result<void> Take(int64_t seen_epoch);

  Store& store_;
  const std::string me_;
  const Duration term_;
  const bool alone_;
  const Now now_;
  Guarded<State> state_;
};

}  // namespace amont
