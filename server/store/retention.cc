#include "server/store/retention.h"

#include <algorithm>
#include <array>
#include <functional>

#include "core/limits.h"
#include "server/store/reading.h"

namespace amont {

namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr auto kFull = days(30);    // every point
constexpr auto kHourly = days(90);  // then one an hour, then one a day

// All of `write`, or none of it.
Result<void> InTransaction(StoreSession& session, const std::function<Result<void>()>& write) {
  AMONT_TRY_VOID(session.BeginWrite());
  Result<void> done = write();
  if (done) done = session.Commit();
  if (!done) session.Rollback();
  return done;
}

// Keeps the first point of every `step` between two instants.
Result<void> Thin(StoreSession& session, int64_t series, Timestamp from, Timestamp to, Duration step) {
  const std::array<Value, 4> params = {series, Micros(from), Micros(to), step.count()};
  AMONT_TRY_VOID(session.Execute(
      "DELETE FROM point WHERE series = $1 AND at >= $2 AND at < $3 AND windowed = 0 AND accepted = 0 AND at NOT IN "
      "(SELECT min(kept.at) FROM point AS kept WHERE kept.series = $1 AND kept.at >= $2 AND kept.at < $3 "
      "GROUP BY kept.at / $4)",
      params));
  return {};
}

Result<void> TrimSeries(StoreSession& session, int64_t series, const Retention& keep, Timestamp now) {
  const Timestamp oldest = now - keep.measurements;
  const std::array<Value, 2> params = {series, Micros(oldest)};
  AMONT_TRY_VOID(session.Execute("DELETE FROM point WHERE series = $1 AND at < $2 AND accepted = 0", params));
  if (keep.measurements > kHourly) AMONT_TRY_VOID(Thin(session, series, oldest, now - kHourly, days(1)));
  if (keep.measurements > kFull) {
    AMONT_TRY_VOID(Thin(session, series, std::max(oldest, now - kHourly), now - kFull, hours(1)));
  }
  return {};
}

Result<void> TrimVerdicts(StoreSession& session, const Retention& keep, Timestamp now) {
  const std::array<Value, 1> params = {Micros(now - keep.verdicts)};
  AMONT_TRY_VOID(session.Execute(
      "DELETE FROM verdict WHERE at < $1 AND (sentence IS NULL OR run < (SELECT max(told.run) FROM verdict AS told WHERE "
      "told.check_id = verdict.check_id AND told.sentence IS NOT NULL))",
      params));
  AMONT_TRY_VOID(session.Execute(
      "DELETE FROM run WHERE started < $1 AND id < (SELECT max(newest.id) FROM run AS newest) AND NOT EXISTS "
      "(SELECT 1 FROM verdict WHERE verdict.run = run.id)",
      params));
  return {};
}

}  // namespace

Result<void> TrimStore(StoreSession& session, const Retention& keep, Timestamp now) {
  AMONT_TRY(const auto all, Collect(session, "SELECT id FROM series ORDER BY id", {}));
  for (size_t begin = 0; begin < all.size(); begin += limits::kTrimmedSeriesPerBatch) {
    const size_t end = std::min(all.size(), begin + limits::kTrimmedSeriesPerBatch);
    const auto batch = [&]() -> Result<void> {
      for (size_t i = begin; i < end; ++i) {
        AMONT_TRY_VOID(TrimSeries(session, AsInteger(all[i].at(0)).value_or(0), keep, now));
      }
      return {};
    };
    AMONT_TRY_VOID(InTransaction(session, batch));
  }
  return InTransaction(session, [&] { return TrimVerdicts(session, keep, now); });
}

Result<bool> IsFirstOfDay(Connection& session, RunId run, Timestamp now) {
  const std::array<Value, 2> params = {run, Micros(Timestamp(DayOf(now)))};
  AMONT_TRY(const auto rows,
            Collect(session, "SELECT 1 FROM run WHERE id <> $1 AND started >= $2 LIMIT 1", params));
  return rows.empty();
}

}  // namespace amont
