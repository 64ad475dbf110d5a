// Sleepers: how many connections of one daemon wait for the slow lane. libmicrohttpd aborts the process where
// a daemon is stopped that has any. Thread-safe.
#pragma once

#include "core/guarded.h"

namespace amont {

class Sleepers {
 public:
  // Before a connection goes to sleep; false: its daemon is being stopped, and it may not.
  bool Enter() {
    return state_.With([](State& state) {
      if (!state.closed) ++state.asleep;
      return !state.closed;
    });
  }
  // After it was woken.
  void Leave() {
    state_.With([](State& state) { --state.asleep; });
  }
  // Lets none sleep from now on; false, and nothing changed, where one does.
  bool CloseIfNone() {
    return state_.With([](State& state) { return state.closed = state.asleep == 0; });
  }

 private:
  struct State {
    int asleep = 0;
    bool closed = false;
  };
  Guarded<State> state_;
};

}  // namespace amont
