#include "server/store/sql_store.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "server/store/reading.h"
#include "server/store/retention.h"

namespace amont {

namespace {

Result<void> RecordAcceptance(StoreSession& session, const Store::Acceptance& acceptance) {
  const std::array<Value, 3> params = {acceptance.check, Micros(acceptance.at), acceptance.note};
  AMONT_TRY_VOID(
      session.Execute("INSERT INTO acceptance (check_id, at, note) VALUES ($1, $2, $3) "
                      "ON CONFLICT (check_id, at) DO UPDATE SET note = excluded.note",
                      params));
  return {};
}

}  // namespace

Result<void> SqlStore::Write(const std::function<Result<void>(StoreSession&)>& write) {
  return session_.With([&](std::unique_ptr<StoreSession>& session) -> Result<void> {
    AMONT_TRY_VOID(session->BeginWrite());
    Result<void> done = write(*session);
    if (done) done = session->Commit();
    if (!done) session->Rollback();
    return done;
  });
}

Result<std::vector<History>> SqlStore::ReadHistory(std::span<const CheckPtr> checks, Timestamp now) {
  return session_.With(
      [&](std::unique_ptr<StoreSession>& session) { return ReadHistories(*session, checks, now); });
}

Result<std::vector<TableName>> SqlStore::ReadKnownTables(const std::string& source) {
  return session_.With(
      [&](std::unique_ptr<StoreSession>& session) { return amont::ReadKnownTables(*session, source); });
}

Result<std::set<std::string>> SqlStore::ReadApart(std::span<const CheckPtr> checks) {
  return session_.With(
      [&](std::unique_ptr<StoreSession>& session) { return amont::ReadApart(*session, checks); });
}

Result<std::optional<Store::LastVerdict>> SqlStore::ReadLastVerdict(const std::string& check) {
  return session_.With(
      [&](std::unique_ptr<StoreSession>& session) { return amont::ReadLastVerdict(*session, check); });
}

Result<RunId> SqlStore::ClaimRun(const RunClaim& claim) {
  RunId id = 0;
  AMONT_TRY_VOID(Write([&](StoreSession& session) -> Result<void> {
    AMONT_TRY(const auto rows, Collect(session, "SELECT coalesce(max(id), 0) + 1 FROM run", {}));
    id = AsInteger(rows.at(0).at(0)).value_or(1);
    const std::array<Value, 4> params = {id, claim.trigger, claim.key, Micros(claim.started)};
    AMONT_TRY(
        const int64_t added,
        session.Execute("INSERT INTO run (id, trigger_kind, trigger_key, started) VALUES ($1, $2, $3, $4) "
                        "ON CONFLICT (trigger_kind, trigger_key) DO NOTHING",
                        params));
    if (added == 0) {
      return MakeError(ErrorCode::kBusy,
                       fmt::format("run {}:{} was claimed before", claim.trigger, claim.key));
    }
    return {};
  }));
  return id;
}

Result<void> SqlStore::RecordTables(RunId run, std::span<const Conclusion> tables) {
  return Write([&](StoreSession& session) -> Result<void> {
    for (const Conclusion& table : tables) AMONT_TRY_VOID(RecordTable(session, run, table));
    return {};
  });
}

Result<void> SqlStore::FinishRun(RunId run, Timestamp finished) {
  return Write([&](StoreSession& session) -> Result<void> {
    const std::array<Value, 2> params = {Micros(finished), run};
    AMONT_TRY_VOID(session.Execute("UPDATE run SET finished = $1 WHERE id = $2", params));
    return {};
  });
}

Result<void> SqlStore::Trim(RunId run, const Retention& keep, Timestamp now) {
  return session_.With([&](std::unique_ptr<StoreSession>& session) -> Result<void> {
    AMONT_TRY(const bool first, IsFirstOfDay(*session, run, now));
    return first ? TrimStore(*session, keep, now) : Result<void>();
  });
}

Result<void> SqlStore::AcceptSchema(const Acceptance& acceptance) {
  return Write([&](StoreSession& session) -> Result<void> {
    const std::array<Value, 1> id = {acceptance.check};
    AMONT_TRY(const auto pending,
              Collect(session, "SELECT 1 FROM schema_state WHERE check_id = $1 AND state = 'pending'", id));
    if (pending.empty()) {
      return MakeError(
          ErrorCode::kNotFound,
          fmt::format("{} has nothing to accept: the schema is as last accepted", acceptance.check));
    }
    for (const std::string_view table : {"schema_state", "schema_column"}) {
      AMONT_TRY_VOID(session.Execute(
          fmt::format("DELETE FROM {} WHERE check_id = $1 AND state = 'accepted'", table), id));
      AMONT_TRY_VOID(session.Execute(
          fmt::format("UPDATE {} SET state = 'accepted' WHERE check_id = $1 AND state = 'pending'", table),
          id));
    }
    const std::array<Value, 2> since = {acceptance.check, Micros(acceptance.at)};
    AMONT_TRY_VOID(session.Execute("UPDATE schema_state SET since = $2 WHERE check_id = $1", since));
    return RecordAcceptance(session, acceptance);
  });
}

Result<void> SqlStore::AcceptValue(const Acceptance& acceptance) {
  return Write([&](StoreSession& session) -> Result<void> {
    const std::array<Value, 1> id = {acceptance.check};
    AMONT_TRY(const auto newest,
              Collect(session,
                      "SELECT id, (SELECT max(at) FROM point WHERE point.series = series.id) FROM series "
                      "WHERE check_id = $1",
                      id));
    int64_t changed = 0;
    for (const auto& row : newest) {
      const std::array<Value, 2> point = {row[0], row[1]};
      AMONT_TRY(const int64_t one,
                session.Execute("UPDATE point SET accepted = 1 WHERE series = $1 AND at = $2", point));
      changed += one;
    }
    if (changed == 0) {
      return MakeError(ErrorCode::kNotFound,
                       fmt::format("{} has no measured value to accept: run it first", acceptance.check));
    }
    return RecordAcceptance(session, acceptance);
  });
}

Result<void> SqlStore::AcceptGone(const Acceptance& acceptance, const TableName& table) {
  return Write([&](StoreSession& session) -> Result<void> {
    const std::array<Value, 3> params = {table.source, table.schema, table.table};
    AMONT_TRY(
        const int64_t removed,
        session.Execute("DELETE FROM known_table WHERE source = $1 AND schema_name = $2 AND table_name = $3",
                        params));
    if (removed == 0) {
      return MakeError(ErrorCode::kNotFound,
                       fmt::format("{} is not a table a wildcard matched", table.Full()));
    }
    return RecordAcceptance(session, acceptance);
  });
}

}  // namespace amont
