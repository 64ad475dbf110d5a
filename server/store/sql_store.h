// SqlStore: the Store over two sessions, in the SQL that SQLite and PostgreSQL share: one writes, the other
// reads, so that reading never waits for a transaction.
//
// Thread-safe: one writer and one reader at a time. A failed write is rolled back before its error is
// returned; one that met another transaction is tried again. A session that was lost is opened anew by the
// next call.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/guarded.h"
#include "core/sql/connection.h"
#include "server/store/sql_lineage.h"
#include "server/store/store.h"

namespace amont {

class SqlStore : public Store {
 public:
  using OpenWriter = std::function<Result<std::unique_ptr<StoreSession>>()>;
  using OpenReader = std::function<Result<std::unique_ptr<Connection>>()>;
  SqlStore(std::unique_ptr<StoreSession> writer, OpenWriter open_writer, OpenReader open_reader);

  void Interrupt() override;
  void Close() override;
  Result<std::vector<History>> ReadHistory(std::span<const CheckPtr> checks, Timestamp now,
                                           std::stop_token stop) override;
  Result<std::vector<TableName>> ReadKnownTables(const std::string& source, std::stop_token stop) override;
  Result<std::set<std::string>> ReadApart(std::span<const CheckPtr> checks, std::stop_token stop) override;
  Result<ClaimedRun> ClaimRun(const RunClaim& claim) override;
  Result<void> RecordTables(const ClaimedRun& run, std::span<const Conclusion> tables) override;
  Result<void> FinishRun(const ClaimedRun& run, Timestamp finished) override;
  Result<void> ReleaseRun(const ClaimedRun& run, Timestamp ended) override;
  Result<void> BeatRuns(std::span<const RunId> runs) override;
  Result<AskedRuns> ReadAskedRuns(RunId after) override;
  Result<bool> EndSilentRun(const AskedRun& seen, int64_t epoch, Timestamp ended) override;
  Result<void> Trim(const ClaimedRun& run, const Retention& keep, Timestamp now) override;
  Result<void> AcceptSchema(const Acceptance& acceptance) override;
  Result<void> AcceptValue(const Acceptance& acceptance) override;
  Result<void> AcceptGone(const Acceptance& acceptance, const TableName& table) override;
  Result<std::optional<LastVerdict>> ReadLastVerdict(const std::string& check) override;
  Result<std::optional<RunRow>> ReadRun(const std::string& trigger, const std::string& key) override;
  Result<std::vector<RunRow>> ReadRuns(const std::string& trigger, Timestamp since) override;
  Result<std::optional<Lease>> ReadLease(const std::string& name) override;
  Result<std::vector<CheckState>> ReadStates() override;
  Result<std::vector<CheckState>> ReadStatesOfRun(RunId run) override;
  Result<VerdictPage> ListVerdicts(const VerdictQuery& query) override;
  Result<MeasurementPage> ListMeasurements(const MeasurementQuery& query) override;
  Result<std::vector<AcceptedFile>> ReadAcceptedFiles() override;
  Result<int64_t> TakeLease(const std::string& name, const std::string& holder, int64_t seen_epoch) override;
  Result<void> BeatLease(const std::string& name, int64_t epoch) override;
  Result<void> RetireChecks(std::span<const std::string> ids, int64_t epoch) override;
  Result<void> WriteAcceptedFiles(std::span<const AcceptedFile> files) override;
  LineageStore& Lineage() override { return lineage_; }

 private:
  // A session, and how to get another once it is lost.
  template <class Session>
  struct Link {
    std::unique_ptr<Session> session;
    std::function<Result<std::unique_ptr<Session>>()> open;
    bool durable = false;  // of SQLite: a commit is on the disk once it is said

    Result<Session*> Get(const std::atomic<bool>& closed) {
      if (closed) return MakeError(ErrorCode::kUnreachable, "the store is closed");
      if (session == nullptr || !session->healthy()) {
        session.reset();
        durable = false;
        AMONT_TRY(session, open());
      }
      return session.get();
    }
  };
  // Whoever has set `taken` may use the link without the lock.
  struct Reader {
    Link<Connection> link;
    bool taken = false;
  };
  using Claim = std::pair<std::string, std::string>;  // trigger, key

  // Whether a commit has to outlive the machine's power, or only this process.
  enum class Keeps { kProcess, kPower };
  // Runs `write` in a transaction: all of it, or none. It may run more than once.
  Result<void> Write(const std::function<Result<void>(StoreSession&)>& write, Keeps keeps = Keeps::kProcess);
  Result<void> WriteOnce(const std::function<Result<void>(StoreSession&)>& write, Keeps keeps);
  static Result<void> SetDurable(Link<StoreSession>& link, bool durable);
  // Waits for its turn and for the store, until the stop.
  template <class T>
  Result<T> Read(const std::function<Result<T>(Connection&)>& read, const std::stop_token& stop = {});
  template <class T>
  Result<T> ReadOver(Link<Connection>& link, const std::function<Result<T>(Connection&)>& read,
                     const std::stop_token& stop);

  // Marks a session as at work for the length of a call.
  class AtWork {
   public:
    AtWork(Guarded<std::set<Connection*>>& sessions, Connection* session);
    ~AtWork();
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;

   private:
    Guarded<std::set<Connection*>>& sessions_;
    Connection* session_;
  };

  std::atomic<bool> closed_ = false;
  Guarded<std::set<Connection*>> at_work_;
  Guarded<Link<StoreSession>> writer_;
  Guarded<Reader> reader_;
  // Claims whose commit was cut off: they may be ours.
  Guarded<std::set<Claim>> doubtful_;
  SqlLineage lineage_;
};

}  // namespace amont
