// Connection: one session with an engine; the narrow door through which every statement goes.
//
// PostgreSQL, DuckDB and SQLite stand behind it. A statement is one text, read-only, with parameters $1…$n
// and limits; rows are streamed into a sink, never collected by the interface. One thread at a time calls
// Query; Cancel and Sever may be called by any other thread meanwhile, and are what ends a query early:
// nobody here waits on a clock. A connection that was severed or whose session broke is not healthy() and
// must be thrown away.
//
// Errors of Query carry the code that the run acts on (see ErrorCode) and the SQLSTATE where the engine has
// one; their message has the engine's words without quoted values.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/limits.h"
#include "core/result.h"
#include "core/sql/value.h"

namespace amont {

enum class Engine { kPostgres, kDuckdb, kSqlite };
std::string_view ToString(Engine engine);

struct QueryLimits {
  Duration timeout = limits::kStatementTimeout;  // also told to the engine where it can enforce one itself
  int64_t rows_max = limits::kRowsMax;           // more rows: kLimit
  int64_t bytes_max = limits::kBytesMax;
  std::string label;         // of the check; the session is called amont/LABEL meanwhile. Empty: amont
  bool foreign_sql = false;  // a user wrote (part of) the statement: forget all session state after it
};

struct ResultColumn {
  std::string name;
  std::string type;  // the engine's own name
};

// Called once a row, in order; an error ends the query and is returned by it.
using RowSink = std::function<Result<void>(std::span<const Value>)>;

class Connection {
 public:
  virtual ~Connection() = default;

  // Runs one statement inside the session's read-only fence and gives its columns. An early stop is
  // kCancelled.
  virtual Result<std::vector<ResultColumn>> Query(const std::string& sql, std::span<const Value> params,
                                                  const QueryLimits& limits, std::stop_token stop,
                                                  const RowSink& sink) = 0;

  // Asks the engine to end the running query with `why` (kCancelled or kTimeout); may block for a while on a
  // frozen peer, so the caller gives it a thread that can wait. Without a running query it does nothing.
  virtual void Cancel(ErrorCode why) noexcept = 0;
  // Ends the session whatever the peer does; never blocks. Where there is no peer it is as Cancel.
  virtual void Sever(ErrorCode why) noexcept = 0;

  virtual bool healthy() const noexcept = 0;
  virtual Engine engine() const noexcept = 0;
};

// How to reach a source: the resolved form of a [source.NAME] table.
struct ConnectOptions {
  std::string name;                          // of the source; stands in messages
  std::string url;                           // postgresql://… · duckdb: · duckdb:FILE · sqlite:FILE
  std::string password;                      // empty: libpq's own ways
  std::map<std::string, std::string> files;  // DuckDB: table → glob; each is a table by that name (duckdb.h)
  std::string directory;                     // what relative paths are relative to: where amont.toml lies
  Zone zone;                                 // how naive timestamps are read
  Duration statement_timeout = limits::kStatementTimeout;
  Duration lock_timeout = limits::kLockTimeout;
};

// Which engine a URL names; kInvalid (never with the password in the message) for anything else.
Result<Engine> EngineOf(std::string_view url);
// The URL fit to print: password masked.
std::string MaskUrl(std::string_view url);

// Opens a session. Ends within 200 ms of a stop. kUnreachable, kPermission, kBusy, kCancelled, kInvalid.
Result<std::unique_ptr<Connection>> Connect(const ConnectOptions& options, std::stop_token stop);

// Where rows go. Those that are there already are changed.
struct UpsertTarget {
  std::string table;
  std::vector<std::string> columns;  // what each row holds
  std::vector<std::string> key;      // unique among the rows of one call too
  std::string changes = {};          // SQL after SET; empty: every other column becomes the row's
  bool keeps = false;                // what is there stays as it is
};

// Writes: the store's side of a connection.
class StoreSession : public Connection {
 public:
  virtual Result<void> BeginWrite() = 0;  // BEGIN IMMEDIATE on SQLite: takes the write lock or says kBusy
  virtual Result<void> Commit() = 0;
  virtual void Rollback() noexcept = 0;  // always safe to call
  virtual Result<int64_t> Execute(const std::string& sql, std::span<const Value> params) = 0;  // rows changed
  // INSERT … ON CONFLICT (key) DO UPDATE, batched as the engine likes best.
  virtual Result<void> Upsert(const UpsertTarget& target, std::span<const std::vector<Value>> rows) = 0;
};

// Opens (creating where absent) a SQLite store file: WAL, foreign keys on, busy timeout.
Result<std::unique_ptr<StoreSession>> OpenSqliteStore(const std::string& path);

// Opens a SQLite store file that is there, to read. Where `alone`, no other process may have it open: then
// nothing is locked and nothing written beside it, in a folder nobody may write to either. Else as SQLite
// shares a write-ahead log, which may put its `-shm` beside the file. kInvalid (no database), kUnreachable,
// kPermission, kBusy.
Result<std::unique_ptr<Connection>> OpenSqliteReader(const std::string& path, bool alone);

}  // namespace amont
