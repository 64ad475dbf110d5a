// Opening a store by its URL, and the store that remembers nothing.

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include "core/sql/postgres_store.h"
#include "server/store/read_store.h"
#include "server/store/schema.h"
#include "server/store/sql_store.h"
#include "server/store/store_lock.h"

namespace amont {

namespace {

constexpr std::string_view kScheme = "sqlite:";

class Forgetful : public Store {
 public:
  Result<std::vector<History>> ReadHistory(std::span<const CheckPtr> checks, Timestamp,
                                           std::stop_token) override {
    return std::vector<History>(checks.size());
  }
  Result<std::vector<TableName>> ReadKnownTables(const std::string&, std::stop_token) override {
    return std::vector<TableName>();
  }
  Result<std::set<std::string>> ReadApart(std::span<const CheckPtr>, std::stop_token) override {
    return std::set<std::string>();
  }
  Result<ClaimedRun> ClaimRun(const RunClaim&) override { return ClaimedRun(); }
  Result<void> RecordTables(const ClaimedRun&, std::span<const Conclusion>) override { return {}; }
  Result<void> FinishRun(const ClaimedRun&, Timestamp) override { return {}; }
  Result<void> ReleaseRun(const ClaimedRun&, Timestamp) override { return {}; }
  Result<void> BeatRuns(std::span<const RunId>) override { return {}; }
  Result<AskedRuns> ReadAskedRuns(RunId) override { return AskedRuns(); }
  Result<bool> EndSilentRun(const AskedRun&, int64_t, Timestamp) override { return false; }
  Result<void> Trim(const ClaimedRun&, const Retention&, Timestamp) override { return {}; }
  Result<std::vector<RunRow>> ReadRuns(const std::string&, Timestamp) override {
    return std::vector<RunRow>();
  }
  Result<std::optional<RunRow>> ReadRun(const std::string&, const std::string&) override {
    return std::optional<RunRow>();
  }
  Result<std::optional<Lease>> ReadLease(const std::string&) override { return std::optional<Lease>(); }
  Result<int64_t> TakeLease(const std::string&, const std::string&, int64_t seen) override {
    return seen + 1;
  }
  Result<void> BeatLease(const std::string&, int64_t) override { return {}; }
  Result<std::vector<CheckState>> ReadStates() override { return std::vector<CheckState>(); }
  Result<void> RetireChecks(std::span<const std::string>, int64_t) override { return {}; }
  Result<std::vector<CheckState>> ReadStatesOfRun(RunId) override { return std::vector<CheckState>(); }
  Result<VerdictPage> ListVerdicts(const VerdictQuery&) override { return VerdictPage(); }
  Result<MeasurementPage> ListMeasurements(const MeasurementQuery&) override { return MeasurementPage(); }
  Result<void> WriteAcceptedFiles(std::span<const AcceptedFile>) override { return {}; }
  Result<std::vector<AcceptedFile>> ReadAcceptedFiles() override { return std::vector<AcceptedFile>(); }
  LineageStore& Lineage() override { return lineage_; }
  Result<void> AcceptSchema(const Acceptance&) override { return Nothing(); }
  Result<void> AcceptValue(const Acceptance&) override { return Nothing(); }
  Result<void> AcceptGone(const Acceptance&, const TableName&) override { return Nothing(); }
  Result<std::optional<LastVerdict>> ReadLastVerdict(const std::string&) override {
    return std::optional<LastVerdict>();
  }

 private:
  static Error Nothing() { return MakeError(ErrorCode::kUnsupported, "there is no store to remember it"); }

  SqlLineage lineage_{[](const auto&) -> Result<void> { return Nothing(); },
                      [](const auto&) -> Result<void> { return {}; }};
};

Error Named(const std::string& path, Error error) {
  const bool said = error.message.find(path) != std::string::npos;
  error.message = said ? "the store " + error.message : fmt::format("the store {}: {}", path, error.message);
  return error;
}

// Creates what leads to the file. Our own folder is kept out of version control.
Result<void> MakeFolder(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code failed;
  const bool created = !folder.empty() && std::filesystem::create_directories(folder, failed);
  if (created && folder.filename() == ".amont") std::ofstream(folder / ".gitignore") << "*\n";
  if (!failed) return {};
  return MakeError(ErrorCode::kPermission,
                   fmt::format("cannot create {}: {}", folder.string(), failed.message()));
}

// Copies a store of an older version aside, whole or not at all.
Result<void> BackUp(StoreSession& session, const std::string& path) {
  AMONT_TRY(const int64_t version, ReadStoreVersion(session));
  if (version == 0 || version >= kStoreVersion) return {};
  const std::string backup = fmt::format("{}.v{}-backup", path, version);
  const std::string unfinished = fmt::format("{}.{}", backup, getpid());
  const std::array<Value, 1> params = {unfinished};
  Result<int64_t> copied = session.Execute("VACUUM INTO $1", params);
  std::error_code failed;
  if (copied) std::filesystem::rename(unfinished, backup, failed);
  if (copied && !failed) return {};
  const std::string why = copied ? failed.message() : copied.error().message;
  std::filesystem::remove(unfinished, failed);
  return MakeError(ErrorCode::kLimit,
                   fmt::format("cannot be copied to {} before migrating: {}", backup, why));
}

// Whether the store takes a write at all, before a service relies on it: it may be locked, or its disk full.
Result<void> TryWrite(StoreSession& session) {
  AMONT_TRY_VOID(session.BeginWrite());
  Result<void> written = [&]() -> Result<void> {
    AMONT_TRY_VOID(session.Execute("UPDATE amont_store SET version = version", {}));
    return session.Commit();
  }();
  if (!written) session.Rollback();
  return written;
}

Result<std::unique_ptr<Store>> OpenToWrite(const std::string& path, StoreMode mode) {
  std::error_code unseen;
  if (std::filesystem::exists(path, unseen)) {
    // Another program's database is not to be touched: opening it to write would change it already.
    auto readable = OpenReadStore(path);
    if (!readable && readable.error().code != ErrorCode::kNotFound) return readable.error();
  } else {
    AMONT_TRY_VOID(MakeFolder(path));
  }
  std::shared_ptr<StoreLock> lock;
  if (mode == StoreMode::kServe) {
    AMONT_TRY(lock, StoreLock::Take(path));
  } else {
    AMONT_TRY_VOID(CheckNoService(path));
  }
  AMONT_TRY(auto session, OpenSqliteStore(path));
  AMONT_TRY_VOID(BackUp(*session, path));
  AMONT_TRY_VOID(Migrate(*session));
  if (mode == StoreMode::kServe) AMONT_TRY_VOID(TryWrite(*session));
  // The lock lives as long as the store, which keeps what opens its sessions.
  return std::unique_ptr<Store>(std::make_unique<SqlStore>(
      std::move(session), [path, lock] { return OpenSqliteStore(path); },
      [path] { return OpenSqliteReader(path, false); }));
}

Result<std::unique_ptr<Store>> OpenPostgres(const std::string& url, StoreMode mode,
                                            const std::string& password) {
  ConnectOptions options;
  options.url = url;
  options.password = password;
  const bool writes = mode != StoreMode::kRead;
  const auto open = [options, writes] { return OpenPostgresStore(options, writes); };
  AMONT_TRY(auto session, open());
  if (writes) {
    AMONT_TRY_VOID(Migrate(*session));
  } else {
    AMONT_TRY_VOID(CheckReadable(*session));
    AMONT_TRY(const int64_t version, ReadStoreVersion(*session));
    if (version == 0) return MakeError(ErrorCode::kNotFound, "there is no store in this database yet");
  }
  const auto open_reader = [options]() -> Result<std::unique_ptr<Connection>> {
    AMONT_TRY(auto reader, OpenPostgresStore(options, false));
    return std::unique_ptr<Connection>(std::move(reader));
  };
  return std::unique_ptr<Store>(std::make_unique<SqlStore>(std::move(session), open, open_reader));
}

}  // namespace

Result<std::unique_ptr<Store>> OpenStore(const std::string& url, StoreMode mode,
                                         const std::string& password) {
  if (EngineOf(url).value_or(Engine::kSqlite) == Engine::kPostgres) {
    auto store = OpenPostgres(url, mode, password);
    if (!store) return Named(MaskUrl(url), store.error());
    return store;
  }
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    return MakeError(ErrorCode::kInvalid,
                     fmt::format("a store is sqlite:FILE or postgresql://…, not {}", MaskUrl(url)));
  }
  const std::string path = url.substr(kScheme.size());
  auto store = mode == StoreMode::kRead ? OpenReadStore(path) : OpenToWrite(path, mode);
  if (!store && store.error().code != ErrorCode::kNotFound) return Named(path, store.error());
  return store;
}

std::unique_ptr<Store> NoStore() { return std::make_unique<Forgetful>(); }

}  // namespace amont
