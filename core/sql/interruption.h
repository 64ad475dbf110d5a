// Interruption: whether a statement runs, and whether somebody asked it to end.
//
// Shared by the embedded engines, whose Cancel and Sever are one. Begin and End belong to the querying
// thread, Ask to any thread; the first to ask decides the error. Asking while nothing runs is forgotten, so
// it never hits a later statement.
#pragma once

#include <chrono>
#include <optional>

#include "core/guarded.h"
#include "core/result.h"

namespace amont {

class Interruption {
 public:
  void Begin() {
    state_.With([](State& state) { state = {true, std::nullopt}; });
  }
  // What was asked, if anything, until now.
  std::optional<ErrorCode> End() {
    return state_.With([](State& state) {
      const std::optional<ErrorCode> asked = state.asked;
      state = {};
      return asked;
    });
  }

  // True where a statement runs.
  bool Ask(ErrorCode why) {
    const bool running = state_.With([&](State& state) {
      if (state.running && !state.asked) state.asked = why;
      return state.running;
    });
    state_.Notify();
    return running;
  }
  std::optional<ErrorCode> Asked() const {
    return state_.With([](const State& state) { return state.asked; });
  }
  // Waits `step`, or until somebody asks.
  void Wait(std::chrono::microseconds step) {
    state_.WaitUntil(std::chrono::steady_clock::now() + step,
                     [](const State& state) { return state.asked.has_value(); });
  }

 private:
  struct State {
    bool running = false;
    std::optional<ErrorCode> asked;
  };
  Guarded<State> state_;
};

inline Error InterruptedError(ErrorCode why) {
  return MakeError(why, why == ErrorCode::kTimeout ? "the statement ran longer than its timeout"
                                                   : "the statement was cancelled");
}

}  // namespace amont
