#include "core/sql/sqlite.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/limits.h"
#include "core/sql/sqlite_functions.h"
#include "core/sql/sqlite_session.h"

namespace amont {
namespace {

constexpr std::string_view kScheme = "sqlite:";

template <size_t N>
bool Contains(const std::array<std::string_view, N>& names, const char* name) {
  return name != nullptr && std::find(names.begin(), names.end(), name) != names.end();
}

// Called while a statement is prepared, once for everything it would do.
int Authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
  static constexpr std::array<std::string_view, 8> kPragmas = {
      "table_info", "table_xinfo", "table_list",       "index_list",
      "index_info", "index_xinfo", "foreign_key_list", "data_version"};
  static constexpr std::array<std::string_view, 2> kFunctions = {"load_extension", "fts3_tokenizer"};
  static constexpr std::array<std::string_view, 1> kSchema = {"sqlite_master"};
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return Contains(kFunctions, second) ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
      return Contains(kPragmas, first) ? SQLITE_OK : SQLITE_DENY;
    // Declaring a virtual table, which any use of one does, looks like this; a true UPDATE fails elsewhere.
    case SQLITE_UPDATE:
      return Contains(kSchema, first) ? SQLITE_OK : SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

Result<void> LockDown(SqliteSession& session) {
  sqlite3* database = session.database();
  AMONT_TRY_VOID(AddSqliteFunctions(database));
  AMONT_TRY_VOID(session.Execute("PRAGMA query_only = ON", {}));
  AMONT_TRY_VOID(
      session.Execute("PRAGMA cell_size_check = ON", {}));  // a damaged file is an error, not a surprise
  const std::pair<int, int> settings[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                          {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                          {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                          {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                                          {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
                                          {SQLITE_DBCONFIG_DQS_DML, 0}};
  for (const auto& [setting, value] : settings) {
    if (sqlite3_db_config(database, setting, value, nullptr) != SQLITE_OK) {
      return MakeError(ErrorCode::kUnsupported, "this SQLite library is too old to be locked down");
    }
  }
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, static_cast<int>(limits::kBytesMax));
  sqlite3_set_authorizer(database, Authorize, nullptr);
  return {};
}

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(std::unique_ptr<SqliteSession> session) : session_(std::move(session)) {}

  Result<std::vector<ResultColumn>> Query(const std::string& sql, std::span<const Value> params,
                                          const QueryLimits& limits, std::stop_token stop,
                                          const RowSink& sink) override {
    return session_->Query(sql, params, limits, std::move(stop), sink);
  }
  void Cancel(ErrorCode why) noexcept override { session_->Cancel(why); }
  void Sever(ErrorCode why) noexcept override { session_->Cancel(why); }
  bool healthy() const noexcept override { return true; }
  Engine engine() const noexcept override { return Engine::kSqlite; }

 private:
  std::unique_ptr<SqliteSession> session_;
};

}  // namespace

Result<std::unique_ptr<Connection>> ConnectSqlite(const ConnectOptions& options, std::stop_token stop) {
  if (!options.url.starts_with(kScheme) || options.url.size() == kScheme.size()) {
    return MakeError(ErrorCode::kInvalid, "expected sqlite:FILE");
  }
  // Absolute, so that SQLite takes no name for a URI or for a database in memory.
  const std::filesystem::path file =
      std::filesystem::path(options.directory) / options.url.substr(kScheme.size());
  const std::string path = std::filesystem::absolute(file).lexically_normal().string();
  std::error_code unseen;
  if (!std::filesystem::exists(path, unseen))
    return MakeError(ErrorCode::kUnreachable, "there is no file " + path);
  AMONT_TRY(auto session, SqliteSession::Open(path, SQLITE_OPEN_READONLY, options.lock_timeout));
  AMONT_TRY_VOID(LockDown(*session));
  // The file itself is read only now.
  AMONT_TRY_VOID(session->Query("SELECT count(*) FROM sqlite_schema", {}, {}, std::move(stop),
                                [](std::span<const Value>) -> Result<void> { return {}; }));
  return std::unique_ptr<Connection>(new SqliteConnection(std::move(session)));
}

}  // namespace amont
