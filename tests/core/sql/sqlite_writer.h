// A writable SQLite database for tests that need a file to read. A statement that fails ends the test
// program.
#pragma once

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace amont::testing {

class SqliteWriter {
 public:
  explicit SqliteWriter(const std::string& path) {
    Check(sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr));
  }
  ~SqliteWriter() { sqlite3_close_v2(database_); }
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  void Run(const std::string& sql) { Check(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr)); }

 private:
  void Check(int code) {
    if (code == SQLITE_OK) return;
    std::fprintf(stderr, "a test's own SQLite statement failed: %s\n", sqlite3_errmsg(database_));
    std::abort();
  }

  sqlite3* database_ = nullptr;
};

}  // namespace amont::testing
