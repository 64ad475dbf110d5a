// ScheduleLoop: the thread that asks the scheduler what to start, and the threads of the runs it starts.
//
// Works only while this process leads. Becoming the leader, it reads from the store where the last one stood;
// losing the lease for good, it stops its runs. All waits end within 200 ms of a stop.
#pragma once

#include <functional>
#include <memory>

#include "server/app/configuration.h"
#include "server/app/leadership.h"
#include "server/app/recorded_run.h"

namespace amont {

class ScheduleLoop {
 public:
  // All outlive it. `led`: called by the loop's thread when it begins (its states are loaded) or ceases to
  // lead.
  ScheduleLoop(const Configuration& configuration, const Leadership& leadership, const RunLedger& ledger,
               std::function<void(bool)> led);
  ~ScheduleLoop();
  ScheduleLoop(const ScheduleLoop&) = delete;
  ScheduleLoop& operator=(const ScheduleLoop&) = delete;

  // Something changed: another configuration is in force, or leadership.
  void Wake();
  // Starts nothing more, gives runs in flight `patience` to end and stops the others. Blocks.
  void Drain(Duration patience);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace amont
