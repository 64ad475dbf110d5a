#include "server/app/leadership.h"

#include <utility>

namespace amont {

Leadership::Leadership(Store& store, std::string holder, Duration term, bool alone, Now now)
    : store_(store), me_(std::move(holder)), term_(term), alone_(alone), now_(std::move(now)) {}

Result<void> Leadership::Step() {
  const std::optional<int64_t> mine = state_.With([](const State& state) { return state.mine; });
  return mine ? Beat(*mine) : Look();
}

Result<void> Leadership::Beat(int64_t epoch) {
  const Clock::time_point before = now_();
  const Result<void> beaten = store_.BeatLease(std::string(kLeaderLease), epoch);
  if (beaten) {
    state_.With([&](State& state) { state.beaten = before; });
    return {};
  }
  if (beaten.error().code != ErrorCode::kFenced) return beaten.error();
  state_.With([](State& state) {
    state.mine.reset();
    state.seen.reset();
  });
  return Look();
}

Result<void> Leadership::Look() {
  AMONT_TRY(const std::optional<Lease> lease, store_.ReadLease(std::string(kLeaderLease)));
  if (!lease) return Take(0);
  const Clock::time_point now = now_();
  const bool free = state_.With([&](State& state) {
    const bool same =
        state.seen && state.seen->lease.epoch == lease->epoch && state.seen->lease.beat == lease->beat;
    if (!same) state.seen = Seen{*lease, now};
    return alone_ || now - state.seen->since >= term_;
  });
  return free ? Take(lease->epoch) : Result<void>();
}

Result<void> Leadership::Take(int64_t seen_epoch) {
  const Clock::time_point before = now_();
  const Result<int64_t> taken = store_.TakeLease(std::string(kLeaderLease), me_, seen_epoch);
  if (!taken) {
    // Somebody was faster: the next look sees who.
    return taken.error().code == ErrorCode::kBusy ? Result<void>() : Result<void>(taken.error());
  }
  state_.With([&](State& state) {
    state.mine = *taken;
    state.beaten = before;
    state.seen = Seen{Lease{me_, *taken, 0}, before};
  });
  return {};
}

std::optional<int64_t> Leadership::epoch() const {
  const Clock::time_point now = now_();
  return state_.With([&](const State& state) -> std::optional<int64_t> {
    if (!state.mine || now - state.beaten >= term_) return std::nullopt;
    return state.mine;
  });
}

bool Leadership::Lost(int64_t epoch) const {
  return state_.With([&](const State& state) { return state.mine != epoch; });
}

std::string Leadership::holder() const {
  return state_.With(
      [](const State& state) { return state.seen ? state.seen->lease.holder : std::string(); });
}

}  // namespace amont
