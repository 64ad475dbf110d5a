// One open SQLite database: statements, values and errors, for the reading Connection and the store alike.
//
// One thread at a time uses it; Cancel may come from any other. A wait for a lock ends after `lock_timeout`,
// a statement when somebody asks: SQLite calls us back every thousand steps and while it waits.
#pragma once

#include <sqlite3.h>

#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/sql/connection.h"
#include "core/sql/interruption.h"

namespace amont {

class SqliteSession {
 public:
  // `flags` as sqlite3_open_v2 takes them; the file's name is never read as a URI.
  static Result<std::unique_ptr<SqliteSession>> Open(const std::string& path, int flags,
                                                     Duration lock_timeout);
  // To read, of a file that no process writes to meanwhile: nothing is locked, nothing written beside it.
  static Result<std::unique_ptr<SqliteSession>> OpenAlone(const std::string& path);
  ~SqliteSession();
  SqliteSession(const SqliteSession&) = delete;
  SqliteSession& operator=(const SqliteSession&) = delete;

  sqlite3* database() const { return database_; }

  // Connection's Query. kPermission for a statement that would write. `kKept`: our own statements, which come
  // again.
  enum class Statements { kFresh, kKept };
  Result<std::vector<ResultColumn>> Query(const std::string& sql, std::span<const Value> params,
                                          const QueryLimits& limits, std::stop_token stop,
                                          const RowSink& sink, Statements statements = Statements::kFresh);
  // A statement that may write, and how many rows it changed; rows it gives are passed over. Kept prepared.
  Result<int64_t> Execute(const std::string& sql, std::span<const Value> params);
  // The same statement once a row of parameters; ends at the first error.
  Result<void> ExecuteEach(const std::string& sql, std::span<const std::vector<Value>> rows);
  void Cancel(ErrorCode why) noexcept;
  // What SQLite's code and its last text mean.
  Error Failure(int code);

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Handle = std::unique_ptr<sqlite3_stmt, Finalize>;
  struct Statement {
    Handle handle;
    std::vector<size_t> numbers;  // of each parameter, as SQLite counts them, the n of its name $n
    sqlite3_stmt* get() const { return handle.get(); }
  };
  class Running;  // while it lives, Cancel has something to end

  SqliteSession(sqlite3* database, std::string path, Duration lock_timeout);
  static Result<std::unique_ptr<SqliteSession>> OpenNamed(const std::string& name, int flags,
                                                          const std::string& path, Duration lock_timeout);
  Result<Statement> Prepare(const std::string& sql);
  // A statement ready to run, kept or new; and keeps one that was reset.
  Result<Statement> Take(const std::string& sql);
  void Keep(const std::string& sql, Statement statement);
  Result<void> CheckTail(const char* tail);
  // The texts among `params` are not copied: they stay until the statement is reset.
  Result<void> Bind(const Statement& statement, std::span<const Value> params);
  Result<void> RunToEnd(const Statement& statement, std::span<const Value> params);

  sqlite3* database_;
  const std::string path_;
  const Duration lock_timeout_;
  Interruption interruption_;
  std::map<std::string, Statement> kept_;
};

}  // namespace amont
