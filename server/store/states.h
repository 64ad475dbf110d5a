// The table check_state: what is now known of each check, written beside its verdicts.
//
// Free of state; whoever calls sees to it that the connection is used by one thread at a time.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/sql/connection.h"
#include "server/store/check_state.h"
#include "server/store/store.h"

namespace amont {

// A row: the state, and what the recorder needs to go on from it.
struct KeptState {
  CheckState state;
  RunId run = 0;                 // the newest run that judged the check
  Status said = Status::kError;  // what it said, errors included
};

Result<std::vector<CheckState>> ReadAllStates(Connection& connection);
// Those of these checks that there are, by check.
Result<std::map<std::string, KeptState>> ReadStatesOf(Connection& connection,
                                                      std::span<const std::string> checks);
Result<std::vector<CheckState>> ReadStatesOfRun(Connection& connection, RunId run);
Result<void> DeleteStates(StoreSession& session, std::span<const std::string> checks);
// Inside the caller's transaction. A row of a newer run stays as it is.
Result<void> WriteStates(StoreSession& session, std::span<const KeptState> states);

}  // namespace amont
