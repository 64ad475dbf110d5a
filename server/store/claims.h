// Claims of runs, and the lease that fences them.
//
// Free of state; each function works inside its caller's transaction, on one thread at a time.
#pragma once

#include <string>

#include "core/sql/connection.h"
#include "server/store/store.h"

namespace amont {

// kFenced where `epoch` is not that of the lease any more; else nobody takes the lease before the transaction
// ends. An epoch of 0 needs no lease.
Result<void> HoldLease(StoreSession& session, int64_t epoch);

// Nobody else records into the run before the transaction ends.
Result<void> HoldRun(StoreSession& session, RunId run);

// `doubtful`: an earlier claim of ours may have come through, though its answer did not.
Result<ClaimedRun> ClaimRunIn(StoreSession& session, const RunClaim& claim, bool doubtful);
Result<std::vector<RunRow>> ReadRunsOf(Connection& connection, const std::string& trigger, Timestamp since);
Result<std::optional<RunRow>> ReadRunOf(Connection& connection, const std::string& trigger,
                                        const std::string& key);

Result<std::optional<Lease>> ReadLeaseOf(Connection& connection, const std::string& name);
Result<int64_t> TakeLeaseIn(StoreSession& session, const std::string& name, const std::string& holder,
                            int64_t seen_epoch);
Result<void> BeatLeaseIn(StoreSession& session, const std::string& name, int64_t epoch);

}  // namespace amont
