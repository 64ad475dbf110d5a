#include "server/store/sql_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "server/store/claims.h"
#include "server/store/listing.h"
#include "server/store/reading.h"
#include "server/store/recorder.h"
#include "server/store/retention.h"
#include "server/store/states.h"

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

SqlStore::SqlStore(std::unique_ptr<StoreSession> writer, OpenWriter open_writer, OpenReader open_reader)
    : writer_({std::move(writer), std::move(open_writer)}),
      reader_({{nullptr, std::move(open_reader)}, false}),
      lineage_([this](const auto& write) { return Write(write, Keeps::kPower); },
               [this](const auto& read) { return Read<void>(read); }) {}

SqlStore::AtWork::AtWork(Guarded<std::set<Connection*>>& sessions, Connection* session)
    : sessions_(sessions), session_(session) {
  sessions_.With([this](std::set<Connection*>& at_work) { at_work.insert(session_); });
}

SqlStore::AtWork::~AtWork() {
  sessions_.With([this](std::set<Connection*>& at_work) { at_work.erase(session_); });
}

void SqlStore::Interrupt() {
  at_work_.With([](const std::set<Connection*>& at_work) {
    for (Connection* session : at_work) session->Sever(ErrorCode::kUnreachable);
  });
}

void SqlStore::Close() {
  closed_ = true;
  Interrupt();
}

// PostgreSQL is told by its own configuration.
Result<void> SqlStore::SetDurable(Link<StoreSession>& link, bool durable) {
  if (link.durable == durable || link.session->engine() != Engine::kSqlite) return {};
  AMONT_TRY_VOID(
      link.session->Execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", {}));
  link.durable = durable;
  return {};
}

Result<void> SqlStore::WriteOnce(const std::function<Result<void>(StoreSession&)>& write, Keeps keeps) {
  return writer_.With([&](Link<StoreSession>& link) -> Result<void> {
    AMONT_TRY(StoreSession* const session, link.Get(closed_));
    const AtWork at_work(at_work_, session);
    AMONT_TRY_VOID(SetDurable(link, keeps == Keeps::kPower));
    AMONT_TRY_VOID(session->BeginWrite());
    Result<void> done = write(*session);
    if (done) done = session->Commit();
    if (!done) session->Rollback();
    return done;
  });
}

Result<void> SqlStore::Write(const std::function<Result<void>(StoreSession&)>& write, Keeps keeps) {
  constexpr int kAttempts = 3;
  Result<void> done = WriteOnce(write, keeps);
  for (int i = 1; i < kAttempts && !done && done.error().sqlstate.starts_with("40"); ++i)
    done = WriteOnce(write, keeps);
  return done;
}

template <class T>
Result<T> SqlStore::ReadOver(Link<Connection>& link, const std::function<Result<T>(Connection&)>& read,
                             const std::stop_token& stop) {
  const auto once = [&]() -> Result<T> {
    AMONT_TRY(Connection* const session, link.Get(closed_));
    const AtWork at_work(at_work_, session);
    const std::stop_callback sever(stop, [session] { session->Sever(ErrorCode::kCancelled); });
    return read(*session);
  };
  Result<T> found = once();
  const bool lost = !found && link.session != nullptr && !link.session->healthy();
  return lost && !stop.stop_requested() ? once() : found;  // it was lost while idle
}

template <class T>
Result<T> SqlStore::Read(const std::function<Result<T>(Connection&)>& read, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { reader_.Wake(); });
  Link<Connection>* const link = reader_.WaitThen(
      [&](const Reader& reader) { return !reader.taken || stop.stop_requested(); },
      [&](Reader& reader) {
        return stop.stop_requested() || std::exchange(reader.taken, true) ? nullptr : &reader.link;
      });
  const Error stopped = MakeError(ErrorCode::kCancelled, "stopped while the store was read");
  if (link == nullptr) return stopped;
  Result<T> found = ReadOver(*link, read, stop);
  reader_.With([](Reader& reader) { reader.taken = false; });
  reader_.Notify();
  if (!found && stop.stop_requested()) return stopped;
  return found;
}

Result<std::vector<History>> SqlStore::ReadHistory(std::span<const CheckPtr> checks, Timestamp now,
                                                   std::stop_token stop) {
  return Read<std::vector<History>>(
      [&](Connection& connection) { return ReadHistories(connection, checks, now); }, stop);
}

Result<std::vector<TableName>> SqlStore::ReadKnownTables(const std::string& source, std::stop_token stop) {
  return Read<std::vector<TableName>>(
      [&](Connection& connection) { return amont::ReadKnownTables(connection, source); }, stop);
}

Result<std::set<std::string>> SqlStore::ReadApart(std::span<const CheckPtr> checks, std::stop_token stop) {
  return Read<std::set<std::string>>(
      [&](Connection& connection) { return amont::ReadApart(connection, checks); }, stop);
}

Result<std::optional<Store::LastVerdict>> SqlStore::ReadLastVerdict(const std::string& check) {
  return Read<std::optional<LastVerdict>>(
      [&](Connection& connection) { return amont::ReadLastVerdict(connection, check); });
}

Result<std::optional<RunRow>> SqlStore::ReadRun(const std::string& trigger, const std::string& key) {
  return Read<std::optional<RunRow>>(
      [&](Connection& connection) { return ReadRunOf(connection, trigger, key); });
}

Result<std::vector<RunRow>> SqlStore::ReadRuns(const std::string& trigger, Timestamp since) {
  return Read<std::vector<RunRow>>(
      [&](Connection& connection) { return ReadRunsOf(connection, trigger, since); });
}

Result<std::optional<Lease>> SqlStore::ReadLease(const std::string& name) {
  return Read<std::optional<Lease>>([&](Connection& connection) { return ReadLeaseOf(connection, name); });
}

Result<std::vector<CheckState>> SqlStore::ReadStates() {
  return Read<std::vector<CheckState>>(&ReadAllStates);
}

Result<VerdictPage> SqlStore::ListVerdicts(const VerdictQuery& query) {
  return Read<VerdictPage>([&](Connection& connection) { return ListVerdictsOf(connection, query); });
}

Result<MeasurementPage> SqlStore::ListMeasurements(const MeasurementQuery& query) {
  return Read<MeasurementPage>([&](Connection& connection) { return ListMeasurementsOf(connection, query); });
}

Result<std::vector<AcceptedFile>> SqlStore::ReadAcceptedFiles() {
  return Read<std::vector<AcceptedFile>>(&amont::ReadAcceptedFiles);
}

Result<ClaimedRun> SqlStore::ClaimRun(const RunClaim& claim) {
  const Claim name(claim.trigger, claim.key);
  const bool doubtful = doubtful_.With([&](const std::set<Claim>& claims) { return claims.contains(name); });
  ClaimedRun claimed;
  const Result<void> done = Write([&](StoreSession& session) -> Result<void> {
    AMONT_TRY(claimed, ClaimRunIn(session, claim, doubtful));
    return {};
  });
  doubtful_.With([&](std::set<Claim>& claims) {
    if (done || done.error().code != ErrorCode::kUnreachable) {
      claims.erase(name);
    } else {
      claims.insert(name);
    }
  });
  if (!done) return done.error();
  return claimed;
}

Result<void> SqlStore::RecordTables(const ClaimedRun& run, std::span<const Conclusion> tables) {
  return Write([&](StoreSession& session) -> Result<void> {
    AMONT_TRY_VOID(HoldLease(session, run.epoch));
    AMONT_TRY_VOID(HoldRun(session, run, tables));
    return RecordBatch(session, run.id, tables);
  });
}

Result<void> SqlStore::FinishRun(const ClaimedRun& run, Timestamp finished) {
  return Write([&](StoreSession& session) -> Result<void> {
    AMONT_TRY_VOID(HoldLease(session, run.epoch));
    const std::array<Value, 2> params = {Micros(finished), run.id};
    // A second time changes nothing: the answer to the first was lost.
    AMONT_TRY_VOID(
        session.Execute("UPDATE run SET finished = $1 WHERE id = $2 AND finished IS NULL", params));
    return {};
  });
}

Result<void> SqlStore::ReleaseRun(const ClaimedRun& run, Timestamp ended) {
  return Write([&](StoreSession& session) -> Result<void> {
    AMONT_TRY_VOID(HoldLease(session, run.epoch));
    AMONT_TRY_VOID(EndRunIn(session, run.id, std::nullopt, ended));
    return {};
  });
}

Result<void> SqlStore::BeatRuns(std::span<const RunId> runs) {
  return Write([&](StoreSession& session) -> Result<void> {
    for (const RunId run : runs) {
      const std::array<Value, 1> params = {run};
      AMONT_TRY_VOID(
          session.Execute("UPDATE run SET beat = beat + 1 WHERE id = $1 AND finished IS NULL", params));
    }
    return {};
  });
}

Result<AskedRuns> SqlStore::ReadAskedRuns(RunId after) {
  return Read<AskedRuns>([&](Connection& connection) { return ReadAskedRunsOf(connection, after); });
}

Result<bool> SqlStore::EndSilentRun(const AskedRun& seen, int64_t epoch, Timestamp ended) {
  bool ended_now = false;
  const Result<void> done = Write([&](StoreSession& session) -> Result<void> {
    AMONT_TRY_VOID(HoldLease(session, epoch));
    AMONT_TRY(ended_now, EndRunIn(session, seen.id, seen.beat, ended));
    return {};
  });
  AMONT_TRY_VOID(done);
  return ended_now;
}

Result<void> SqlStore::Trim(const ClaimedRun& run, const Retention& keep, Timestamp now) {
  AMONT_TRY(const bool first,
            Read<bool>([&](Connection& connection) { return IsFirstOfDay(connection, run.id, now); }));
  if (!first) return {};
  const Batch batch = [&](const std::function<Result<void>(StoreSession&)>& write) {
    return Write([&](StoreSession& session) -> Result<void> {
      AMONT_TRY_VOID(HoldLease(session, run.epoch));
      return write(session);
    });
  };
  return TrimStore(batch, keep, now);
}

Result<int64_t> SqlStore::TakeLease(const std::string& name, const std::string& holder, int64_t seen_epoch) {
  int64_t epoch = 0;
  AMONT_TRY_VOID(Write([&](StoreSession& session) -> Result<void> {
    AMONT_TRY(epoch, TakeLeaseIn(session, name, holder, seen_epoch));
    return {};
  }));
  return epoch;
}

Result<void> SqlStore::BeatLease(const std::string& name, int64_t epoch) {
  return Write([&](StoreSession& session) { return BeatLeaseIn(session, name, epoch); });
}

Result<std::vector<CheckState>> SqlStore::ReadStatesOfRun(RunId run) {
  return Read<std::vector<CheckState>>(
      [&](Connection& connection) { return amont::ReadStatesOfRun(connection, run); });
}

Result<void> SqlStore::RetireChecks(std::span<const std::string> ids, int64_t epoch) {
  constexpr size_t kAtOnce = 1'000;  // in a transaction
  while (!ids.empty()) {
    const auto some = ids.first(std::min(kAtOnce, ids.size()));
    const Result<void> retired = Write([&](StoreSession& session) -> Result<void> {
      AMONT_TRY_VOID(HoldLease(session, epoch));
      return DeleteStates(session, some);
    });
    AMONT_TRY_VOID(retired);
    ids = ids.subspan(some.size());
  }
  return {};
}

Result<void> SqlStore::WriteAcceptedFiles(std::span<const AcceptedFile> files) {
  std::vector<std::vector<Value>> rows;
  for (const AcceptedFile& file : files) rows.push_back({file.path, file.text, Micros(file.accepted)});
  return Write([&](StoreSession& session) -> Result<void> {
    AMONT_TRY_VOID(session.Execute("DELETE FROM accepted_file", {}));
    return session.Upsert({"accepted_file", {"path", "content", "accepted"}, {"path"}}, rows);
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
