// Retention: what a store forgets, and how it thins what it keeps.
//
// Points are full for 30 days, then one an hour up to 90 days, then one a day, until `keep.measurements`;
// accepted points and closed windows are not thinned. Verdicts go after `keep.verdicts`, but for the last
// sentence told of each check.
#pragma once

#include <functional>

#include "core/result.h"
#include "core/sql/connection.h"
#include "core/time.h"
#include "server/store/store.h"

namespace amont {

// Runs what it is given in a transaction of its own, maybe twice.
using Batch = std::function<Result<void>(const std::function<Result<void>(StoreSession&)>&)>;

// Deletes what `keep` no longer keeps at `now`, in batches of at most limits::kTrimmedSeriesPerBatch series
// or some thousand verdicts, fewer where they take long, so that no other writer waits for more than a
// moment. An error leaves the batches that were committed.
Result<void> TrimStore(const Batch& batch, const Retention& keep, Timestamp now);

// Whether `run` is the first of its UTC day in the store: when a store without a service is trimmed.
Result<bool> IsFirstOfDay(Connection& session, RunId run, Timestamp now);

}  // namespace amont
