#include "server/store/read_store.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "server/store/claims.h"
#include "server/store/listing.h"
#include "server/store/reading.h"
#include "server/store/schema.h"
#include "server/store/sql_lineage.h"
#include "server/store/states.h"

namespace amont {

namespace {

// What changes once another process writes: SQLite's log beside the file, then the file.
struct Trace {
  bool is_open = false;  // a log lies beside the file: a process has it open, or died over it
  std::filesystem::file_time_type written;
  std::uintmax_t size = 0;
  bool operator==(const Trace&) const = default;
};

Trace Look(const std::string& path) {
  Trace trace;
  std::error_code unseen;
  trace.is_open =
      std::filesystem::exists(path + "-wal", unseen) || std::filesystem::exists(path + "-journal", unseen);
  trace.written = std::filesystem::last_write_time(path, unseen);
  trace.size = std::filesystem::file_size(path, unseen);
  return trace;
}

// Reads without locks where no process has the store open, and sees to it that none came meanwhile; else as
// SQLite shares the file between processes.
template <class T>
Result<T> Read(const std::string& path, const std::function<Result<T>(Connection&)>& read) {
  const Trace before = Look(path);
  if (!before.is_open) {
    auto connection = OpenSqliteReader(path, true);
    Result<T> found = connection ? read(**connection) : Result<T>(connection.error());
    if (Look(path) == before) return found;
  }
  AMONT_TRY(const auto connection, OpenSqliteReader(path, false));
  return read(*connection);
}

class ReadStore : public Store {
 public:
  explicit ReadStore(std::string path)
      : path_(std::move(path)),
        lineage_([this](const auto&) -> Result<void> { return OnlyRead(); },
                 [this](const auto& read) { return Read<void>(path_, read); }) {}

  LineageStore& Lineage() override { return lineage_; }

  Result<std::vector<History>> ReadHistory(std::span<const CheckPtr> checks, Timestamp now,
                                           std::stop_token) override {
    return Read<std::vector<History>>(
        path_, [&](Connection& connection) { return ReadHistories(connection, checks, now); });
  }
  Result<std::vector<TableName>> ReadKnownTables(const std::string& source, std::stop_token) override {
    return Read<std::vector<TableName>>(
        path_, [&](Connection& connection) { return amont::ReadKnownTables(connection, source); });
  }
  Result<std::set<std::string>> ReadApart(std::span<const CheckPtr> checks, std::stop_token) override {
    return Read<std::set<std::string>>(
        path_, [&](Connection& connection) { return amont::ReadApart(connection, checks); });
  }
  Result<std::optional<LastVerdict>> ReadLastVerdict(const std::string& check) override {
    return Read<std::optional<LastVerdict>>(
        path_, [&](Connection& connection) { return amont::ReadLastVerdict(connection, check); });
  }

  Result<std::optional<RunRow>> ReadRun(const std::string& trigger, const std::string& key) override {
    return Read<std::optional<RunRow>>(
        path_, [&](Connection& connection) { return ReadRunOf(connection, trigger, key); });
  }
  Result<std::vector<RunRow>> ReadRuns(const std::string& trigger, Timestamp since) override {
    return Read<std::vector<RunRow>>(
        path_, [&](Connection& connection) { return ReadRunsOf(connection, trigger, since); });
  }
  Result<std::optional<Lease>> ReadLease(const std::string& name) override {
    return OfVersion2<std::optional<Lease>>(
        [&](Connection& connection) { return ReadLeaseOf(connection, name); });
  }
  Result<std::vector<CheckState>> ReadStates() override {
    return OfVersion2<std::vector<CheckState>>(&ReadAllStates);
  }
  Result<std::vector<CheckState>> ReadStatesOfRun(RunId run) override {
    return OfVersion2<std::vector<CheckState>>(
        [&](Connection& connection) { return amont::ReadStatesOfRun(connection, run); });
  }
  Result<VerdictPage> ListVerdicts(const VerdictQuery& query) override {
    return Read<VerdictPage>(path_,
                             [&](Connection& connection) { return ListVerdictsOf(connection, query); });
  }
  Result<MeasurementPage> ListMeasurements(const MeasurementQuery& query) override {
    return Read<MeasurementPage>(
        path_, [&](Connection& connection) { return ListMeasurementsOf(connection, query); });
  }
  Result<std::vector<AcceptedFile>> ReadAcceptedFiles() override {
    return OfVersion2<std::vector<AcceptedFile>>(&amont::ReadAcceptedFiles);
  }

  Result<ClaimedRun> ClaimRun(const RunClaim&) override { return OnlyRead(); }
  Result<void> RecordTables(const ClaimedRun&, std::span<const Conclusion>) override { return OnlyRead(); }
  Result<void> FinishRun(const ClaimedRun&, Timestamp) override { return OnlyRead(); }
  Result<void> ReleaseRun(const ClaimedRun&, Timestamp) override { return OnlyRead(); }
  Result<void> BeatRuns(std::span<const RunId>) override { return OnlyRead(); }
  Result<AskedRuns> ReadAskedRuns(RunId) override { return OnlyRead(); }
  Result<bool> EndSilentRun(const AskedRun&, int64_t, Timestamp) override { return OnlyRead(); }
  Result<void> Trim(const ClaimedRun&, const Retention&, Timestamp) override { return OnlyRead(); }
  Result<int64_t> TakeLease(const std::string&, const std::string&, int64_t) override { return OnlyRead(); }
  Result<void> BeatLease(const std::string&, int64_t) override { return OnlyRead(); }
  Result<void> RetireChecks(std::span<const std::string>, int64_t) override { return OnlyRead(); }
  Result<void> WriteAcceptedFiles(std::span<const AcceptedFile>) override { return OnlyRead(); }
  Result<void> AcceptSchema(const Acceptance&) override { return OnlyRead(); }
  Result<void> AcceptValue(const Acceptance&) override { return OnlyRead(); }
  Result<void> AcceptGone(const Acceptance&, const TableName&) override { return OnlyRead(); }

 private:
  // What a store that no service wrote yet has no table for is empty.
  template <class T>
  Result<T> OfVersion2(const std::function<Result<T>(Connection&)>& read) {
    Result<T> found = Read<T>(path_, read);
    if (!found && found.error().code == ErrorCode::kNotFound) return T();
    return found;
  }

  Error OnlyRead() const {
    return MakeError(ErrorCode::kPermission, fmt::format("the store {} is open to be read only", path_));
  }

  const std::string path_;
  SqlLineage lineage_;
};

}  // namespace

Result<std::unique_ptr<Store>> OpenReadStore(const std::string& path) {
  std::error_code unseen;
  if (!std::filesystem::exists(path, unseen)) {
    return MakeError(ErrorCode::kNotFound, fmt::format("there is no store {}", path));
  }
  AMONT_TRY(const int64_t version, Read<int64_t>(path, [](Connection& connection) -> Result<int64_t> {
              AMONT_TRY_VOID(CheckReadable(connection));
              return ReadStoreVersion(connection);
            }));
  if (version == 0) return MakeError(ErrorCode::kNotFound, fmt::format("there is no store in {} yet", path));
  return std::unique_ptr<Store>(std::make_unique<ReadStore>(path));
}

}  // namespace amont
