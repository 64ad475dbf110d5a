// One DuckDB database of our own, opened and locked down for reading the user's data.
//
// A session has its database to itself, lives for one run, and holds no file open longer: a writer waits for
// it, and it for a writer. Once Open returns, no statement can reach a file other than the source's own, the
// network, an extension or the configuration: memory and threads are bounded, allowed_paths names the files,
// external access is off, and the configuration is locked. What is left to the statement's own fence
// (core/sql/duckdb.cc) is everything that writes. One thread, but for the connection's interrupt.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/sql/connection.h"
#include "core/sql/duckdb_files.h"
#include "core/sql/duckdb_library.h"

namespace amont {

class DuckdbSession {
 public:
  // Expands the globs, and waits for a file that a writer holds: as many steps of kPollStep as fit into
  // options.statement_timeout, then kBusy. Otherwise kUnsupported, kUnreachable, kPermission, kInvalid,
  // kCancelled.
  static Result<std::unique_ptr<DuckdbSession>> Open(const ConnectOptions& options, int64_t memory_bytes_max,
                                                     std::stop_token stop);
  ~DuckdbSession();

  const DuckdbLibrary& library() const { return library_; }
  duckdb_connection connection() const { return connection_.get(); }
  const FileTables& files() const { return files_; }

  // Statements of our own, without the fence; few rows.
  Result<void> Run(const std::string& sql);
  Result<DuckdbHandle<duckdb_prepared_statement>> Prepare(const std::string& sql);
  Result<std::vector<std::vector<Value>>> Rows(duckdb_prepared_statement statement,
                                               std::span<const Value> params);
  Result<std::vector<std::vector<Value>>> Rows(const std::string& sql, std::span<const Value> params);

  // Binds $1…$n. kInvalid where the statement names other parameters than these.
  Result<void> Bind(duckdb_prepared_statement statement, std::span<const Value> params);

 private:
  DuckdbSession(const DuckdbLibrary& library, const ConnectOptions& options);
  Result<void> OpenDatabase(const std::string& file, const ConnectOptions& options, std::stop_token stop);
  Result<void> TryOpen(const std::string& file);
  Result<void> MatchFiles();
  Result<void> LockDown(int64_t memory_bytes_max);

  const DuckdbLibrary& library_;
  FileTables files_;   // DuckDB calls back into it: outlives the database
  std::string spill_;  // a folder of its own for what outgrows the memory; empty: none could be made
  DuckdbHandle<duckdb_database> database_;
  DuckdbHandle<duckdb_connection> connection_;
};

}  // namespace amont
