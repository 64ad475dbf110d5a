// Follower: keeps a replica up with what the others record in the same store, and says that its own requested
// runs live.
//
// While this process leads, what requested runs of others recorded goes into the state map, and a run whose
// holder was silent for a term is ended, so that its request may be made again. While it does not, it reads
// how every check stands, and the tables that wildcards matched, every few seconds. Nobody compares wall
// clocks: silence is measured on one's own steady clock, by looks that followed each other closely.
//
// Step is for one thread; Begin for any.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "core/guarded.h"
#include "server/app/configuration.h"
#include "server/app/leadership.h"
#include "server/app/wildcard_checks.h"
#include "server/store/store.h"
#include "server/telemetry/state_map.h"

namespace amont {

class Follower {
 public:
  using Clock = std::chrono::steady_clock;
  // Gives the time; a test gives its own.
  using Now = std::function<Clock::time_point()>;

  // All outlive it. `term`: how long a holder may be silent.
  Follower(Store& store, const Leadership& leadership, const Configuration& configuration, StateMap& states,
           Duration term, Now now = &Clock::now);

  // A requested run of this process, which beats until the object goes. The follower outlives it.
  class Beating {
   public:
    Beating(Guarded<std::set<RunId>>& mine, RunId run);
    ~Beating();
    Beating(const Beating&) = delete;
    Beating& operator=(const Beating&) = delete;

   private:
    Guarded<std::set<RunId>>& mine_;
    const RunId run_;
  };
  std::unique_ptr<Beating> Begin(RunId run) { return std::make_unique<Beating>(mine_, run); }

  // One look. An error is the store's, and changes nothing.
  Result<void> Step();
  // How long until Step is due again.
  Duration pause() const;

 private:
  struct Seen {
    int64_t beat = 0;
    bool finished = false;
    Clock::time_point since;  // when this very beat was first seen
  };

  Result<void> Beat();
  Result<void> Lead(int64_t epoch);
  Result<void> Take(const AskedRun& run, bool is_new);
  Result<void> EndIfSilent(const AskedRun& run, int64_t epoch);
  Result<void> StandBy();

  Store& store_;
  const Leadership& leadership_;
  const Configuration& configuration_;
  StateMap& states_;
  const Duration term_;
  const Now now_;
  Guarded<std::set<RunId>> mine_;

  // Of whoever steps.
  std::optional<int64_t> epoch_;             // under which it looked last
  std::optional<Clock::time_point> looked_;  // and when; nullopt: in vain
  RunId after_ = 0;
  std::map<RunId, Seen> seen_;
  std::optional<Clock::time_point> stood_by_;
  std::shared_ptr<const Generation> shown_;
  WildcardTables tables_;
};

}  // namespace amont
