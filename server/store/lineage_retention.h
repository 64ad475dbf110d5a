// What a store forgets of lineage.
#pragma once

#include "core/time.h"
#include "server/store/retention.h"

namespace amont {

// Events of runs and statements that were last seen before `oldest`, and edges, facts and endings that had
// ended or expired by then. An edge that a rename carries on is kept until it expires.
Result<void> TrimLineage(const Batch& batch, Timestamp oldest);

}  // namespace amont
