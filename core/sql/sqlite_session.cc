#include "core/sql/sqlite_session.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "core/sql/result_budget.h"

namespace amont {
namespace {

constexpr int kStepsBetweenLooks = 1000;  // some 20 µs
constexpr auto kLockStep = std::chrono::milliseconds(10);
constexpr size_t kStatementsKept = 64;

bool IsDiskFull(const std::string& path) {
  std::error_code unseen;
  const std::filesystem::space_info room = std::filesystem::space(path, unseen);
  return !unseen && room.available == 0;
}

std::string IsoText(LocalTime local) {
  std::string text = FormatTimestamp(Timestamp(local.time_since_epoch()));
  if (!text.empty() && text.back() == 'Z') text.pop_back();
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

int BindText(sqlite3_stmt* statement, int index, std::string_view text,
             sqlite3_destructor_type keeps = SQLITE_TRANSIENT) {
  return sqlite3_bind_text64(statement, index, text.data(), text.size(), keeps, SQLITE_UTF8);
}

// A decimal is an integer where it is whole, otherwise the nearest double: as a text it would be above every
// number.
int BindDecimal(sqlite3_stmt* statement, int index, const std::string& text) {
  int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc() && end == text.data() + text.size())
    return sqlite3_bind_int64(statement, index, whole);
  return sqlite3_bind_double(statement, index, std::strtod(text.c_str(), nullptr));
}

int BindOne(sqlite3_stmt* statement, int index, const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return sqlite3_bind_int(statement, index, *flag ? 1 : 0);
  if (const auto* integer = std::get_if<int64_t>(&value))
    return sqlite3_bind_int64(statement, index, *integer);
  if (const auto* number = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *number);
  if (const auto* decimal = std::get_if<Decimal>(&value)) return BindDecimal(statement, index, decimal->text);
  if (const auto* at = std::get_if<Timestamp>(&value)) {
    return sqlite3_bind_int64(statement, index, at->time_since_epoch().count());
  }
  if (const auto* local = std::get_if<LocalTime>(&value)) return BindText(statement, index, IsoText(*local));
  if (const auto* day = std::get_if<Date>(&value)) return BindText(statement, index, FormatDate(*day));
  if (const auto* text = std::get_if<std::string>(&value))
    return BindText(statement, index, *text, SQLITE_STATIC);
  return sqlite3_bind_null(statement, index);
}

std::string Hex(const unsigned char* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < size; ++i) {
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

Value Cell(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(text != nullptr ? text : "",
                         static_cast<size_t>(sqlite3_column_bytes(statement, column)));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const unsigned char*>(sqlite3_column_blob(statement, column));
      return Hex(bytes, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
    }
    default:
      return std::monostate{};
  }
}

std::vector<ResultColumn> ColumnsOf(sqlite3_stmt* statement) {
  std::vector<ResultColumn> columns;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    const char* name = sqlite3_column_name(statement, i);
    const char* type = sqlite3_column_decltype(statement, i);  // nullptr: an expression
    columns.push_back({name != nullptr ? name : "", type != nullptr ? type : ""});
  }
  return columns;
}

// What a plain SQLITE_ERROR means stands in its text only.
ErrorCode CodeOfText(std::string_view text) {
  if (text.starts_with("no such table") || text.starts_with("no such view") ||
      text.starts_with("unknown database")) {
    return ErrorCode::kNotFound;
  }
  if (text.find("syntax error") != std::string_view::npos || text.starts_with("incomplete input") ||
      text.starts_with("unrecognized token")) {
    return ErrorCode::kInvalid;
  }
  if (text.starts_with("no such module")) return ErrorCode::kUnsupported;
  for (const std::string_view refusal :
       {"not authorized", "unsafe use of", "prohibited", "may not be modified"}) {
    if (text.find(refusal) != std::string_view::npos) return ErrorCode::kPermission;
  }
  return ErrorCode::kData;
}

}  // namespace

class SqliteSession::Running {
 public:
  Running(SqliteSession& session, std::stop_token stop)
      : session_(session), begun_(Begin(session)), on_stop_(std::move(stop), Stop{session}) {}
  ~Running() { session_.interruption_.End(); }

 private:
  struct Stop {
    SqliteSession& session;
    void operator()() const { session.Cancel(ErrorCode::kCancelled); }
  };
  static bool Begin(SqliteSession& session) {
    session.interruption_.Begin();
    return true;
  }
  SqliteSession& session_;
  bool begun_;  // before the callback exists, which may act at once
  std::stop_callback<Stop> on_stop_;
};

SqliteSession::SqliteSession(sqlite3* database, std::string path, Duration lock_timeout)
    : database_(database), path_(std::move(path)), lock_timeout_(lock_timeout) {
  sqlite3_progress_handler(
      database_, kStepsBetweenLooks,
      [](void* self) { return static_cast<SqliteSession*>(self)->interruption_.Asked() ? 1 : 0; }, this);
  sqlite3_busy_handler(
      database_,
      [](void* self, int waits) {
        auto& session = *static_cast<SqliteSession*>(self);
        if (session.interruption_.Asked() || waits * kLockStep >= session.lock_timeout_) return 0;
        session.interruption_.Wait(kLockStep);
        return 1;
      },
      this);
}

SqliteSession::~SqliteSession() {
  kept_.clear();
  sqlite3_close_v2(database_);
}

Result<std::unique_ptr<SqliteSession>> SqliteSession::Open(const std::string& path, int flags,
                                                           Duration lock_timeout) {
  return OpenNamed(path, flags, path, lock_timeout);
}

Result<std::unique_ptr<SqliteSession>> SqliteSession::OpenAlone(const std::string& path) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return OpenNamed(uri + "?mode=ro&immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, path, Duration(0));
}

Result<std::unique_ptr<SqliteSession>> SqliteSession::OpenNamed(const std::string& name, int flags,
                                                                const std::string& path,
                                                                Duration lock_timeout) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) {
    return MakeError(ErrorCode::kUnreachable, path + " is a folder, not a file of SQLite");
  }
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &database, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (database == nullptr) return MakeError(ErrorCode::kInternal, "SQLite has no memory to open " + path);
  std::unique_ptr<SqliteSession> session(new SqliteSession(database, path, lock_timeout));
  if (code != SQLITE_OK) return session->Failure(code);
  return session;
}

Result<std::vector<ResultColumn>> SqliteSession::Query(const std::string& sql, std::span<const Value> params,
                                                       const QueryLimits& limits, std::stop_token stop,
                                                       const RowSink& sink, Statements statements) {
  if (stop.stop_requested()) return InterruptedError(ErrorCode::kCancelled);
  const Running running(*this, std::move(stop));
  AMONT_TRY(Statement statement, statements == Statements::kKept ? Take(sql) : Prepare(sql));
  if (sqlite3_stmt_readonly(statement.get()) == 0) {
    return MakeError(ErrorCode::kPermission, "only a SELECT may be run here");
  }
  AMONT_TRY_VOID(Bind(statement, params));
  std::vector<ResultColumn> columns = ColumnsOf(statement.get());
  ResultBudget budget(limits);
  std::vector<Value> row(columns.size());
  while (true) {
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) break;
    if (code != SQLITE_ROW) return Failure(code);
    for (size_t i = 0; i < row.size(); ++i) row[i] = Cell(statement.get(), static_cast<int>(i));
    AMONT_TRY_VOID(budget.Spend(row));
    AMONT_TRY_VOID(sink(row));
  }
  sqlite3_reset(statement.get());
  if (statements == Statements::kKept) Keep(sql, std::move(statement));
  return columns;
}

Result<int64_t> SqliteSession::Execute(const std::string& sql, std::span<const Value> params) {
  const int64_t before = sqlite3_total_changes64(database_);
  const std::vector<Value> row(params.begin(), params.end());
  AMONT_TRY_VOID(ExecuteEach(sql, {&row, 1}));
  // Of another statement than INSERT, UPDATE and DELETE, sqlite3_changes tells the one before.
  return sqlite3_total_changes64(database_) == before ? int64_t{0} : int64_t{sqlite3_changes64(database_)};
}

Result<void> SqliteSession::ExecuteEach(const std::string& sql, std::span<const std::vector<Value>> rows) {
  const Running running(*this, {});
  AMONT_TRY(Statement statement, Take(sql));
  for (const std::vector<Value>& row : rows) AMONT_TRY_VOID(RunToEnd(statement, row));
  Keep(sql, std::move(statement));
  return {};
}

Result<SqliteSession::Statement> SqliteSession::Take(const std::string& sql) {
  const auto kept = kept_.find(sql);
  if (kept == kept_.end()) return Prepare(sql);
  Statement statement = std::move(kept->second);  // taken out: a sink that comes back here makes its own
  kept_.erase(kept);
  return statement;
}

void SqliteSession::Keep(const std::string& sql, Statement statement) {
  if (kept_.size() >= kStatementsKept) kept_.clear();
  kept_[sql] = std::move(statement);
}

Result<void> SqliteSession::RunToEnd(const Statement& statement, std::span<const Value> params) {
  AMONT_TRY_VOID(Bind(statement, params));
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement.get());
  if (code != SQLITE_DONE) {
    Error error = Failure(code);
    sqlite3_reset(statement.get());
    return error;
  }
  sqlite3_reset(statement.get());
  return {};
}

void SqliteSession::Cancel(ErrorCode why) noexcept {
  if (interruption_.Ask(why)) sqlite3_interrupt(database_);
}

Result<SqliteSession::Statement> SqliteSession::Prepare(const std::string& sql) {
  sqlite3_stmt* made = nullptr;
  const char* tail = nullptr;
  const int code =
      sqlite3_prepare_v3(database_, sql.c_str(), static_cast<int>(sql.size() + 1), 0, &made, &tail);
  Statement statement{Handle(made), {}};
  if (code != SQLITE_OK) return Failure(code);
  if (made == nullptr) return MakeError(ErrorCode::kInvalid, "expected one statement, found none");
  AMONT_TRY_VOID(CheckTail(tail));
  // By name: SQLite numbers $n by first appearance.
  for (int i = 1; i <= sqlite3_bind_parameter_count(made); ++i) {
    const char* name = sqlite3_bind_parameter_name(made, i);
    size_t number = 0;
    const std::string_view digits = name != nullptr && name[0] == '$' ? name + 1 : "";
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || number == 0) {
      return MakeError(ErrorCode::kInvalid, "a parameter is not called $1, $2, …");
    }
    statement.numbers.push_back(number);
  }
  return statement;
}

// Blanks, semicolons and comments may follow a statement, and nothing else.
Result<void> SqliteSession::CheckTail(const char* tail) {
  while (*tail != '\0') {
    sqlite3_stmt* made = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(database_, tail, -1, 0, &made, &rest);
    const Handle more(made);
    if (code != SQLITE_OK || more != nullptr) {
      return MakeError(ErrorCode::kInvalid, "expected one statement, found more");
    }
    if (rest == tail) return {};
    tail = rest;
  }
  return {};
}

Result<void> SqliteSession::Bind(const Statement& statement, std::span<const Value> params) {
  int index = 0;
  for (const size_t number : statement.numbers) {
    if (number > params.size()) {
      return MakeError(ErrorCode::kInvalid, "parameter $" + std::to_string(number) + " is not given");
    }
    const int code = BindOne(statement.get(), ++index, params[number - 1]);
    if (code != SQLITE_OK) return Failure(code);
  }
  if (statement.numbers.size() < params.size()) {
    return MakeError(ErrorCode::kInvalid, "the statement names fewer parameters than are given");
  }
  return {};
}

Error SqliteSession::Failure(int code) {
  const std::string text = sqlite3_errmsg(database_);
  switch (code & 0xff) {
    case SQLITE_INTERRUPT:
      return InterruptedError(interruption_.Asked().value_or(ErrorCode::kCancelled));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      // A wait that was cut short ends in the same code.
      if (const std::optional<ErrorCode> why = interruption_.Asked()) return InterruptedError(*why);
      return MakeError(ErrorCode::kBusy, path_ + " is locked by another process or session");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      // Where there is no room for what it keeps beside a file, SQLite speaks of the file.
      if (IsDiskFull(path_)) return MakeError(ErrorCode::kLimit, "the disk of " + path_ + " is full");
      return MakeError(ErrorCode::kUnreachable, path_ + " cannot be read: " + text);
    case SQLITE_NOTADB:
      return MakeError(ErrorCode::kInvalid, path_ + " is not a SQLite database");
    case SQLITE_CORRUPT:
      return MakeError(ErrorCode::kInvalid, path_ + " is damaged: " + text);
    case SQLITE_AUTH:
      return MakeError(ErrorCode::kPermission, "the statement may not do that here: " + text);
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return MakeError(ErrorCode::kPermission, text);
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return MakeError(ErrorCode::kLimit, text);
    case SQLITE_FULL:
      return MakeError(ErrorCode::kLimit, "the disk of " + path_ + " is full");
    case SQLITE_RANGE:
      return MakeError(ErrorCode::kInvalid, text);
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
      return MakeError(ErrorCode::kData, text);
    case SQLITE_ERROR:
      return MakeError(CodeOfText(text), text);
    default:
      return MakeError(ErrorCode::kInternal, path_ + ": " + text);
  }
}

}  // namespace amont
