// Simulation: a scheduler in a world of its own, with a clock that may step, sources that are slow, fail and
// time out, reloads and restarts. Every invariant stated in simulation_test.cc is checked at every step, by a
// model that knows only what was declared and what happened. Deterministic in its seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/time.h"
#include "server/scheduler/slot.h"

namespace amont::testing {

struct SimulationPlan {
  uint64_t seed = 1;
  int days = 400;
  bool slow = true;      // sources have hours in which runs take longer than their intervals
  bool timeouts = true;  // checks have days on which they time out
  bool reloads = true;
  bool restarts = true;
  bool clock_steps = true;
};

struct SimulationReport {
  std::vector<std::string> broken;                      // invariants, with when and what
  std::map<std::string, std::vector<Timestamp>> slots;  // started, by group
  int64_t started = 0;
  int64_t missed = 0;
  int64_t rested = 0;
  int64_t timeouts = 0;
  int64_t absences = 0;  // a check sat out a slot of its group
  int64_t resumed = 0;   // slots whose run a restart had interrupted
  int64_t reloads = 0;
  int64_t restarts = 0;
  int64_t turns = 0;   // groups whose due times came again
  Duration lag_max{};  // between being able to start and starting
};

SimulationReport Simulate(const SimulationPlan& plan);

}  // namespace amont::testing
