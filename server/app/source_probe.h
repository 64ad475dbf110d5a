// SourceProbe: whether each source answers, asked once a minute by the leader, for amont_source_up.
//
// A thread of its own, and one a source while it asks. Ends within 200 ms of its destruction.
#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "server/app/configuration.h"
#include "server/app/leadership.h"
#include "server/telemetry/state_map.h"

namespace amont {

class SourceProbe {
 public:
  // All outlive it.
  SourceProbe(const Configuration& configuration, const Leadership& leadership, StateMap& states);
  ~SourceProbe();

 private:
  void Loop(const std::stop_token& stop);
  void Ask(const std::stop_token& stop);

  const Configuration& configuration_;
  const Leadership& leadership_;
  StateMap& states_;
  std::set<std::string> asked_;
  std::jthread thread_;
};

}  // namespace amont
