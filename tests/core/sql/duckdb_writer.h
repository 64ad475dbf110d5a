// A writable DuckDB database for tests that need files to read: Parquet by COPY, and database files.
// Holds its file open, and so locked, until it goes. A statement that fails ends the test program.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/sql/duckdb_library.h"

namespace amont::testing {

class DuckdbWriter {
 public:
  // An empty path: in memory.
  explicit DuckdbWriter(const std::string& path = "")
      : library_(Library()), database_(library_.close), connection_(library_.disconnect) {
    char* why = nullptr;
    Check(library_.open_ext(path.empty() ? nullptr : path.c_str(), database_.out(), nullptr, &why), why);
    Check(library_.connect(database_.get(), connection_.out()), "connect");
  }

  void Run(const std::string& sql) {
    DuckdbResult result(library_);
    Check(library_.query(connection_.get(), sql.c_str(), result.out()), library_.result_error(result.out()));
  }

 private:
  static const DuckdbLibrary& Library() {
    const Result<const DuckdbLibrary*> library = SharedDuckdbLibrary();
    if (!library) Check(DuckDBError, library.error().message.c_str());
    return **library;
  }
  static void Check(duckdb_state state, const char* why) {
    if (state == DuckDBSuccess) return;
    std::fprintf(stderr, "a test's own DuckDB statement failed: %s\n", why != nullptr ? why : "");
    std::abort();
  }

  const DuckdbLibrary& library_;
  DuckdbHandle<duckdb_database> database_;
  DuckdbHandle<duckdb_connection> connection_;
};

}  // namespace amont::testing
