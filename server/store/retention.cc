#include "server/store/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/limits.h"
#include "server/store/reading.h"

namespace amont {

namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr auto kFull = days(30);    // every point
constexpr auto kHourly = days(90);  // then one an hour, then one a day

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

// The old verdicts of one run, but for the last sentence told of each check; then the run, unless it is the
// newest of all.
Result<void> TrimRun(StoreSession& session, int64_t run, Timestamp oldest) {
  const std::array<Value, 2> old = {run, Micros(oldest)};
  AMONT_TRY_VOID(session.Execute(
      "DELETE FROM verdict WHERE run = $1 AND at < $2 AND (sentence IS NULL OR run < (SELECT max(told.run) FROM "
      "verdict AS told WHERE told.check_id = verdict.check_id AND told.sentence IS NOT NULL))",
      old));
  const std::array<Value, 1> params = {run};
  AMONT_TRY_VOID(session.Execute(
      "DELETE FROM run WHERE id = $1 AND id < (SELECT max(newest.id) FROM run AS newest) AND NOT EXISTS "
      "(SELECT 1 FROM verdict WHERE verdict.run = run.id)",
      params));
  return {};
}

// Trims what `sql` names, a batch after the other: it gives the next ids above $1, in their order.
Result<void> TrimEach(const Batch& batch, const std::string& sql, std::vector<Value> params,
                      const std::function<Result<void>(StoreSession&, int64_t)>& trim) {
  params.insert(params.begin(), int64_t{0});
  std::vector<std::vector<Value>> ids;
  const auto next = [&](StoreSession& session) -> Result<void> {
    AMONT_TRY(ids, Collect(session, sql, params));
    for (const auto& row : ids) AMONT_TRY_VOID(trim(session, AsInteger(row.at(0)).value_or(0)));
    return {};
  };
  do {
    AMONT_TRY_VOID(batch(next));
    if (!ids.empty()) params.front() = ids.back().at(0);
  } while (!ids.empty());
  return {};
}

}  // namespace

Result<void> TrimStore(const Batch& batch, const Retention& keep, Timestamp now) {
  const std::string series =
      fmt::format("SELECT id FROM series WHERE id > $1 ORDER BY id LIMIT {}", limits::kTrimmedSeriesPerBatch);
  AMONT_TRY_VOID(TrimEach(batch, series, {}, [&](StoreSession& session, int64_t id) {
    return TrimSeries(session, id, keep, now);
  }));
  const Timestamp oldest = now - keep.verdicts;
  const std::string runs = fmt::format(
      "SELECT id FROM run WHERE id > $1 AND started < $2 ORDER BY id LIMIT {}", limits::kTrimmedRunsPerBatch);
  return TrimEach(batch, runs, {Micros(oldest)},
                  [&](StoreSession& session, int64_t id) { return TrimRun(session, id, oldest); });
}

Result<bool> IsFirstOfDay(Connection& session, RunId run, Timestamp now) {
  const std::array<Value, 2> params = {run, Micros(Timestamp(DayOf(now)))};
  AMONT_TRY(const auto rows,
            Collect(session, "SELECT 1 FROM run WHERE id <> $1 AND started >= $2 LIMIT 1", params));
  return rows.empty();
}

}  // namespace amont
