#include "server/store/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "server/store/reading.h"

namespace amont {

namespace {

// Where rows are locked one by one, `mode` keeps this one as it is until the transaction ends. SQLite locks
// its writers' whole file.
std::string Locking(const StoreSession& session, std::string_view mode) {
  return session.engine() == Engine::kPostgres ? fmt::format(" FOR {}", mode) : "";
}

Result<Error> Fenced(Connection& connection, const std::string& name) {
  AMONT_TRY(const auto lease, ReadLeaseOf(connection, name));
  return MakeError(ErrorCode::kFenced, lease ? fmt::format("another replica leads since: {}, epoch {}",
                                                           lease->holder, lease->epoch)
                                             : "nobody holds the lease");
}

Result<std::set<std::string>> JudgedIn(Connection& connection, RunId run) {
  const std::array<Value, 1> params = {run};
  AMONT_TRY(const auto rows, Collect(connection, "SELECT check_id FROM verdict WHERE run = $1", params));
  std::set<std::string> judged;
  for (const auto& row : rows) judged.insert(TextOf(row[0]));
  return judged;
}

// The run that somebody claimed before.
Result<ClaimedRun> TakeOver(StoreSession& session, const RunClaim& claim, bool doubtful) {
  const std::array<Value, 2> key = {claim.trigger, claim.key};
  AMONT_TRY(const auto rows,
            Collect(session,
                    "SELECT id, finished, epoch FROM run WHERE trigger_kind = $1 AND trigger_key = $2" +
                        Locking(session, "UPDATE"),
                    key));
  if (rows.empty()) return MakeError(ErrorCode::kBusy, "the run was claimed and forgotten meanwhile");
  const RunId id = AsInteger(rows[0][0]).value_or(0);
  const int64_t epoch = AsInteger(rows[0][2]).value_or(0);
  const bool orphaned = epoch != 0 && epoch < claim.epoch;
  const bool ours = doubtful && epoch == claim.epoch;
  if (!IsNull(rows[0][1]) || (!orphaned && !ours)) {
    return MakeError(ErrorCode::kBusy,
                     fmt::format("run {}:{} was claimed before, as run {}", claim.trigger, claim.key, id));
  }
  const std::array<Value, 2> params = {id, claim.epoch};
  AMONT_TRY_VOID(session.Execute("UPDATE run SET epoch = $2 WHERE id = $1", params));
  AMONT_TRY(std::set<std::string> judged, JudgedIn(session, id));
  return ClaimedRun{id, claim.epoch, std::move(judged)};
}

RunRow RunOf(const std::vector<Value>& row) {
  RunRow run;
  run.id = AsInteger(row[0]).value_or(0);
  run.key = TextOf(row[1]);
  run.started = Timestamp(Duration(AsInteger(row[2]).value_or(0)));
  if (const auto finished = AsInteger(row[3])) run.finished = Timestamp(Duration(*finished));
  return run;
}

}  // namespace

Result<void> HoldLease(StoreSession& session, int64_t epoch) {
  if (epoch == 0) return {};
  const std::array<Value, 2> params = {std::string(kLeaderLease), epoch};
  AMONT_TRY(
      const auto rows,
      Collect(session, "SELECT 1 FROM lease WHERE name = $1 AND epoch = $2" + Locking(session, "KEY SHARE"),
              params));
  if (!rows.empty()) return {};
  AMONT_TRY(const Error fenced, Fenced(session, std::string(kLeaderLease)));
  return fenced;
}

Result<void> HoldRun(StoreSession& session, const ClaimedRun& run, std::span<const Conclusion> tables) {
  std::optional<Timestamp> first, last;  // of the verdicts
  for (const Conclusion& table : tables) {
    for (const Verdict& verdict : table.verdicts) {
      first = std::min(first.value_or(verdict.at), verdict.at);
      last = std::max(last.value_or(verdict.at), verdict.at);
    }
  }
  if (!first) return {};
  const std::array<Value, 3> params = {run.id, Micros(*first), Micros(*last)};
  AMONT_TRY(
      const int64_t held,
      session.Execute("UPDATE run SET beat = beat + 1, first_at = CASE WHEN first_at < CAST($2 AS "
                      "BIGINT) THEN first_at ELSE CAST($2 AS BIGINT) END, last_at = CASE WHEN last_at > "
                      "CAST($3 AS BIGINT) THEN last_at ELSE CAST($3 AS BIGINT) END WHERE id = $1 AND "
                      "(finished IS NULL OR epoch <> 0)",
                      params));
  if (held > 0) return {};
  return MakeError(ErrorCode::kFenced, fmt::format("run {} was ended: its holder was silent", run.id));
}

Result<bool> EndRunIn(StoreSession& session, RunId run, std::optional<int64_t> beat, Timestamp ended) {
  std::vector<Value> params = {Micros(ended), run};
  if (beat) params.emplace_back(*beat);
  AMONT_TRY(const int64_t freed,
            session.Execute(fmt::format("UPDATE run SET finished = $1, trigger_key = trigger_key || '#' || "
                                        "CAST(id AS TEXT) WHERE id = $2 AND finished IS NULL{}",
                                        beat ? " AND beat = $3" : ""),
                            params));
  return freed > 0;
}

Result<ClaimedRun> ClaimRunIn(StoreSession& session, const RunClaim& claim, bool doubtful) {
  AMONT_TRY_VOID(HoldLease(session, claim.epoch));
  AMONT_TRY(const std::vector<int64_t> ids, NewIds(session, "run", 1));
  const RunId id = ids.at(0);
  const std::array<Value, 6> params = {id,          claim.trigger,
                                       claim.key,   Micros(claim.started),
                                       claim.epoch, claim.holder.empty() ? Value() : Value(claim.holder)};
  AMONT_TRY(const int64_t added,
            session.Execute("INSERT INTO run (id, trigger_kind, trigger_key, started, epoch, holder) VALUES "
                            "($1, $2, $3, $4, $5, $6) ON CONFLICT (trigger_kind, trigger_key) DO NOTHING",
                            params));
  if (added == 0) return TakeOver(session, claim, doubtful);
  return ClaimedRun{id, claim.epoch, {}};
}

Result<std::vector<RunRow>> ReadRunsOf(Connection& connection, const std::string& trigger, Timestamp since) {
  const std::array<Value, 2> params = {trigger, Micros(since)};
  AMONT_TRY(const auto rows,
            Collect(connection,
                    "SELECT id, trigger_key, started, finished FROM run WHERE trigger_kind = "
                    "$1 AND started >= CAST($2 AS BIGINT) ORDER BY id",
                    params));
  std::vector<RunRow> runs;
  runs.reserve(rows.size());
  for (const auto& row : rows) runs.push_back(RunOf(row));
  return runs;
}

Result<std::optional<RunRow>> ReadRunOf(Connection& connection, const std::string& trigger,
                                        const std::string& key) {
  const std::array<Value, 2> params = {trigger, key};
  AMONT_TRY(const auto rows,
            Collect(connection,
                    "SELECT id, trigger_key, started, finished FROM run WHERE trigger_kind = "
                    "$1 AND trigger_key = $2",
                    params));
  return rows.empty() ? std::optional<RunRow>() : RunOf(rows[0]);
}

Result<AskedRuns> ReadAskedRunsOf(Connection& connection, RunId after) {
  const std::array<Value, 1> params = {after};
  AskedRuns asked;
  AMONT_TRY(const auto newest, Collect(connection, "SELECT coalesce(max(id), 0) FROM run", {}));
  asked.newest = AsInteger(newest.at(0).at(0)).value_or(0);
  AMONT_TRY(
      const auto rows,
      Collect(connection,
              "SELECT id, holder, beat, finished FROM run WHERE trigger_kind <> 'slot' AND id > $1 UNION "
              "SELECT id, holder, beat, finished FROM run WHERE trigger_kind <> 'slot' AND finished IS "
              "NULL ORDER BY id",
              params));
  for (const auto& row : rows) {
    asked.runs.push_back(
        {AsInteger(row[0]).value_or(0), TextOf(row[1]), AsInteger(row[2]).value_or(0), !IsNull(row[3])});
  }
  return asked;
}

Result<std::optional<Lease>> ReadLeaseOf(Connection& connection, const std::string& name) {
  const std::array<Value, 1> params = {name};
  AMONT_TRY(const auto rows,
            Collect(connection, "SELECT holder, epoch, beat FROM lease WHERE name = $1", params));
  if (rows.empty()) return std::optional<Lease>();
  return std::optional<Lease>(
      Lease{TextOf(rows[0][0]), AsInteger(rows[0][1]).value_or(0), AsInteger(rows[0][2]).value_or(0)});
}

Result<int64_t> TakeLeaseIn(StoreSession& session, const std::string& name, const std::string& holder,
                            int64_t seen_epoch) {
  const int64_t epoch = seen_epoch + 1;
  const std::array<Value, 3> fresh = {name, holder, epoch};
  AMONT_TRY(int64_t taken,
            session.Execute("INSERT INTO lease (name, holder, epoch, beat) VALUES ($1, $2, $3, 0) "
                            "ON CONFLICT (name) DO NOTHING",
                            fresh));
  if (taken == 0) {
    // First locked, so that a transaction which holds the lease ends before.
    const std::array<Value, 1> key = {name};
    AMONT_TRY_VOID(Collect(session, "SELECT 1 FROM lease WHERE name = $1" + Locking(session, "UPDATE"), key));
    const std::array<Value, 4> params = {name, holder, epoch, seen_epoch};
    AMONT_TRY(taken, session.Execute("UPDATE lease SET holder = $2, epoch = $3, beat = 0 "
                                     "WHERE name = $1 AND epoch = $4",
                                     params));
  } else if (seen_epoch != 0) {
    return MakeError(ErrorCode::kBusy, "the lease that was seen is not there any more");
  }
  if (taken == 0) return MakeError(ErrorCode::kBusy, "another replica took the lease first");
  return epoch;
}

Result<void> BeatLeaseIn(StoreSession& session, const std::string& name, int64_t epoch) {
  const std::array<Value, 2> params = {name, epoch};
  AMONT_TRY(const int64_t beaten,
            session.Execute("UPDATE lease SET beat = beat + 1 WHERE name = $1 AND epoch = $2", params));
  if (beaten > 0) return {};
  AMONT_TRY(const Error fenced, Fenced(session, name));
  return fenced;
}

}  // namespace amont
