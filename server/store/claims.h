// Claims of runs, and the lease that fences them.
//
// Free of state; each function works inside its caller's transaction, on one thread at a time.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/sql/connection.h"
#include "server/store/store.h"

namespace amont {

// kFenced where `epoch` is not that of the lease any more; else nobody takes the lease before the transaction
// ends. An epoch of 0 needs no lease.
Result<void> HoldLease(StoreSession& session, int64_t epoch);

// Nobody else records into the run before the transaction ends, in which these tables are; the run beats.
// kFenced where it has no epoch and was ended.
Result<void> HoldRun(StoreSession& session, const ClaimedRun& run, std::span<const Conclusion> tables);

// Frees the run's key, unless it is finished or, where `beat` says which was seen, beat since; whether it
// did.
Result<bool> EndRunIn(StoreSession& session, RunId run, std::optional<int64_t> beat, Timestamp ended);

// `doubtful`: an earlier claim of ours may have come through, though its answer did not.
Result<ClaimedRun> ClaimRunIn(StoreSession& session, const RunClaim& claim, bool doubtful);
Result<std::vector<RunRow>> ReadRunsOf(Connection& connection, const std::string& trigger, Timestamp since);
Result<std::optional<RunRow>> ReadRunOf(Connection& connection, const std::string& trigger,
                                        const std::string& key);

Result<AskedRuns> ReadAskedRunsOf(Connection& connection, RunId after);

Result<std::optional<Lease>> ReadLeaseOf(Connection& connection, const std::string& name);
Result<int64_t> TakeLeaseIn(StoreSession& session, const std::string& name, const std::string& holder,
                            int64_t seen_epoch);
Result<void> BeatLeaseIn(StoreSession& session, const std::string& name, int64_t epoch);

}  // namespace amont
