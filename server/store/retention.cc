#include "server/store/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/limits.h"
#include "server/store/lineage_retention.h"
#include "server/store/reading.h"

namespace amont {

namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr auto kFull = days(30);          // every point
constexpr auto kHourly = days(90);        // then one an hour, then one a day
constexpr int kVerdictsPerBatch = 2'000;  // at most
constexpr int kRunsPerBatch = 1'000;
// A batch that took longer keeps other writers waiting: it ends here, or the next one is smaller.
constexpr auto kLongBatch = std::chrono::milliseconds(60);

using Clock = std::chrono::steady_clock;

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

// Trims series after series, a batch after the other.
Result<void> TrimPoints(const Batch& batch, const Retention& keep, Timestamp now) {
  const std::string sql =
      fmt::format("SELECT id FROM series WHERE id > $1 ORDER BY id LIMIT {}", limits::kTrimmedSeriesPerBatch);
  int64_t last = 0;
  int64_t reached = 0;
  do {
    const Result<void> done = batch([&](StoreSession& session) -> Result<void> {
      reached = last;
      const Clock::time_point until = Clock::now() + kLongBatch;
      const std::array<Value, 1> after = {last};
      AMONT_TRY(const auto ids, Collect(session, sql, after));
      for (const auto& row : ids) {
        reached = AsInteger(row.at(0)).value_or(0);
        AMONT_TRY_VOID(TrimSeries(session, reached, keep, now));
        if (Clock::now() >= until) break;
      }
      return {};
    });
    AMONT_TRY_VOID(done);
  } while (std::exchange(last, reached) != reached);
  return {};
}

// A place among verdicts, ordered by run and check.
struct Place {
  int64_t run = 0;
  std::string check;
};

// The last of the next verdicts of runs that started before `oldest`; nullopt: there are none.
Result<std::optional<Place>> NextPlace(StoreSession& session, const Place& after, Timestamp oldest,
                                       int most) {
  const std::array<Value, 3> params = {after.run, after.check, Micros(oldest)};
  AMONT_TRY(
      const auto rows,
      Collect(
          session,
          fmt::format("SELECT run, check_id FROM (SELECT run, check_id FROM verdict WHERE (run, check_id) > "
                      "($1, $2) AND run <= (SELECT max(id) FROM run WHERE started < $3) ORDER BY run, "
                      "check_id LIMIT {}) AS next ORDER BY run DESC, check_id DESC LIMIT 1",
                      most),
          params));
  if (rows.empty()) return std::optional<Place>();
  return std::optional(Place{AsInteger(rows[0][0]).value_or(0), TextOf(rows[0][1])});
}

// Runs without any verdict, unless it is the newest of all. Those that the last trim emptied: finding out
// that nothing is left is slow while PostgreSQL still keeps what was just deleted.
Result<void> TrimRuns(const Batch& batch, Timestamp oldest) {
  int64_t removed = 0;
  do {
    const Result<void> done = batch([&](StoreSession& session) -> Result<void> {
      const std::array<Value, 1> params = {Micros(oldest)};
      AMONT_TRY(
          removed,
          session.Execute(fmt::format("DELETE FROM run WHERE id IN (SELECT old.id FROM run AS old WHERE "
                                      "old.started < $1 AND old.id < (SELECT max(newest.id) FROM run AS "
                                      "newest) AND (SELECT min(verdict.run) FROM verdict WHERE verdict.run = "
                                      "old.id) IS NULL LIMIT {})",
                                      kRunsPerBatch),
                          params));
      return {};
    });
    AMONT_TRY_VOID(done);
  } while (removed == kRunsPerBatch);
  return {};
}

// Old verdicts go, but for the last sentence told of each check.
Result<void> TrimVerdicts(const Batch& batch, Timestamp oldest) {
  Place reached;
  std::optional<Place> next;
  int most = kVerdictsPerBatch / 8;
  do {
    const Clock::time_point before = Clock::now();
    const Result<void> done = batch([&](StoreSession& session) -> Result<void> {
      AMONT_TRY(next, NextPlace(session, reached, oldest, most));
      if (!next) return {};
      const std::array<Value, 5> between = {reached.run, reached.check, next->run, next->check,
                                            Micros(oldest)};
      AMONT_TRY_VOID(session.Execute(
          "DELETE FROM verdict WHERE (run, check_id) > ($1, $2) AND (run, check_id) <= ($3, $4) AND at < $5 AND "
          "(sentence IS NULL OR run < (SELECT max(told.run) FROM verdict AS told WHERE told.check_id = "
          "verdict.check_id AND told.sentence IS NOT NULL))",
          between));
      return {};
    });
    AMONT_TRY_VOID(done);
    if (next) reached = *next;
    most =
        Clock::now() - before > kLongBatch ? std::max(most / 2, 50) : std::min(most * 2, kVerdictsPerBatch);
  } while (next);
  return {};
}

}  // namespace

Result<void> TrimStore(const Batch& batch, const Retention& keep, Timestamp now) {
  AMONT_TRY_VOID(TrimPoints(batch, keep, now));
  AMONT_TRY_VOID(TrimRuns(batch, now - keep.verdicts));
  AMONT_TRY_VOID(TrimVerdicts(batch, now - keep.verdicts));
  return TrimLineage(batch, now - keep.events);
}

Result<bool> IsFirstOfDay(Connection& session, RunId run, Timestamp now) {
  const std::array<Value, 2> params = {run, Micros(Timestamp(DayOf(now)))};
  AMONT_TRY(const auto rows,
            Collect(session, "SELECT 1 FROM run WHERE id <> $1 AND started >= $2 LIMIT 1", params));
  return rows.empty();
}

}  // namespace amont
