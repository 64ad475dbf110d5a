// The store's session on SQLite: write-ahead log, foreign keys kept. A commit is the system's to write to disk
// once it is said: a killed process loses nothing, a power cut maybe the last commits, and never half of one.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/limits.h"
#include "core/sql/connection.h"
#include "core/sql/sqlite_session.h"
#include "core/sql/upsert.h"

namespace amont {
namespace {

class SqliteStore final : public StoreSession {
 public:
  explicit SqliteStore(std::unique_ptr<SqliteSession> session) : session_(std::move(session)) {}
  ~SqliteStore() override { Rollback(); }

  Result<std::vector<ResultColumn>> Query(const std::string& sql, std::span<const Value> params,
                                          const QueryLimits& limits, std::stop_token stop,
                                          const RowSink& sink) override {
    return session_->Query(sql, params, limits, std::move(stop), sink, SqliteSession::Statements::kKept);
  }
  void Cancel(ErrorCode why) noexcept override { session_->Cancel(why); }
  void Sever(ErrorCode why) noexcept override { session_->Cancel(why); }
  bool healthy() const noexcept override { return true; }
  Engine engine() const noexcept override { return Engine::kSqlite; }

  Result<void> BeginWrite() override { return Control("BEGIN IMMEDIATE"); }
  Result<void> Commit() override { return Control("COMMIT"); }
  void Rollback() noexcept override {
    // SQLite may have rolled back by itself (a full disk); then there is nothing left to end.
    if (InTransaction()) sqlite3_exec(session_->database(), "ROLLBACK", nullptr, nullptr, nullptr);
  }

  Result<int64_t> Execute(const std::string& sql, std::span<const Value> params) override {
    return session_->Execute(sql, params);
  }

  Result<void> Upsert(const UpsertTarget& target, std::span<const std::vector<Value>> rows) override {
    if (!InTransaction()) return MakeError(ErrorCode::kInvalid, "Upsert outside of BeginWrite … Commit");
    AMONT_TRY_VOID(CheckWidth(target, rows));
    return session_->ExecuteEach(UpsertSql(target, 1), rows);
  }

 private:
  bool InTransaction() const { return sqlite3_get_autocommit(session_->database()) == 0; }
  Result<void> Control(const std::string& sql) {
    AMONT_TRY_VOID(session_->Execute(sql, {}));
    return {};
  }

  std::unique_ptr<SqliteSession> session_;
};

// Only reads: SQLite keeps it from writing by the flags it was opened with.
class SqliteReader final : public Connection {
 public:
  explicit SqliteReader(std::unique_ptr<SqliteSession> session) : session_(std::move(session)) {}

  Result<std::vector<ResultColumn>> Query(const std::string& sql, std::span<const Value> params,
                                          const QueryLimits& limits, std::stop_token stop,
                                          const RowSink& sink) override {
    return session_->Query(sql, params, limits, std::move(stop), sink, SqliteSession::Statements::kKept);
  }
  void Cancel(ErrorCode why) noexcept override { session_->Cancel(why); }
  void Sever(ErrorCode why) noexcept override { session_->Cancel(why); }
  bool healthy() const noexcept override { return true; }
  Engine engine() const noexcept override { return Engine::kSqlite; }

 private:
  std::unique_ptr<SqliteSession> session_;
};

// Absolute, so that SQLite takes no name for a URI.
std::string AbsolutePath(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

// Changing the journal's mode says "locked" at once, whatever the busy timeout: two processes that create one
// store meet here, and the second only has to ask again.
int SetWal(sqlite3* database, std::string& mode) {
  const auto read = [](void* out, int, char** cells, char**) {
    *static_cast<std::string*>(out) = cells[0] != nullptr ? cells[0] : "";
    return 0;
  };
  const std::chrono::milliseconds step = limits::kPollStep;
  int code = SQLITE_BUSY;
  for (std::chrono::milliseconds waited{0}; code == SQLITE_BUSY && waited <= limits::kLockTimeout;
       waited += step) {
    if (waited.count() > 0) sqlite3_sleep(static_cast<int>(step.count()));
    code = sqlite3_exec(database, "PRAGMA journal_mode = WAL", read, &mode, nullptr);
  }
  return code;
}

Result<void> Prepare(SqliteSession& session) {
  std::string mode;
  const int code = SetWal(session.database(), mode);
  if (code != SQLITE_OK) return session.Failure(code);
  if (mode != "wal") {
    return MakeError(ErrorCode::kUnsupported,
                     "the store's disk does not allow a write-ahead log (a network drive?)");
  }
  for (const std::string setting : {"PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = ON"}) {
    AMONT_TRY_VOID(session.Execute(setting, {}));
  }
  for (const int quirk : {SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL}) {
    sqlite3_db_config(session.database(), quirk, 0, nullptr);  // "a name" is never a text
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<StoreSession>> OpenSqliteStore(const std::string& path) {
  AMONT_TRY(auto session, SqliteSession::Open(AbsolutePath(path), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                              limits::kLockTimeout));
  AMONT_TRY_VOID(Prepare(*session));
  return std::unique_ptr<StoreSession>(new SqliteStore(std::move(session)));
}

Result<std::unique_ptr<Connection>> OpenSqliteReader(const std::string& path, bool alone) {
  AMONT_TRY(auto session,
            alone ? SqliteSession::OpenAlone(AbsolutePath(path))
                  : SqliteSession::Open(AbsolutePath(path), SQLITE_OPEN_READONLY, limits::kLockTimeout));
  AMONT_TRY_VOID(session->Execute("PRAGMA cell_size_check = ON", {}));
  return std::unique_ptr<Connection>(new SqliteReader(std::move(session)));
}

}  // namespace amont
