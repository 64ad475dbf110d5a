// RecordedRun: a run of the service from its claim to its end: driven, recorded table by table, and shown in
// the state map once the store has it.
//
// A store that is away is waited for, as long as the stop lets it: what was measured is kept meanwhile and
// nothing is lost. A store that says another replica leads (kFenced) ends the run. Blocks; one call a run,
// any thread.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "server/app/drive.h"
#include "server/app/generation.h"
#include "server/store/store.h"
#include "server/telemetry/instruments.h"
#include "server/telemetry/state_map.h"

namespace amont {

// What a run is written to and shown by; all outlive it.
struct RunLedger {
  Store& store;
  StateMap& states;
  Instruments& instruments;
  // Whether a run of this generation may make a wildcard's tables known: no reload came since.
  std::function<bool(int64_t generation)> is_current;
};

struct RecordedOrder {
  RunClaim claim;
  bool waits_for_store = true;  // for the claim too; false: kUnreachable
  bool wildcards = false;       // expands them; otherwise declared tables only
  std::vector<std::string> sources;
  std::function<bool(const Check&)> selects;  // empty: all
};

struct RecordedHooks {
  std::function<void(const ClaimedRun&)> claimed;
  ProgressHook progress;
  std::function<void(const Conclusion&)> concluded;  // after it was recorded
};

struct RecordedRun {
  ClaimedRun run;
  Driven driven;
  Timestamp finished;
  size_t tables = 0;
  std::map<Status, size_t> statuses;   // verdicts
  std::vector<std::string> measured;   // ids of checks that got a verdict
  std::vector<std::string> timed_out;  // of these, ids
  std::vector<std::string> failed;     // not measured for another reason
};

// kBusy: the run was claimed before; kFenced; kCancelled: the stop came before the end, and what was recorded
// until then stays (a run under a lease can be taken up again, the key of any other claimed anew); else the
// store's.
Result<RecordedRun> RunRecorded(const Generation& generation, const RecordedOrder& order,
                                const RunLedger& ledger, const RecordedHooks& hooks, std::stop_token stop);

}  // namespace amont
