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

  // The first value of the first row as text; "" where there is none.
  std::string Text(const std::string& sql) {
    std::string text;
    const auto keep = [](void* kept, int columns, char** values, char**) {
      if (columns > 0 && values[0] != nullptr) *static_cast<std::string*>(kept) = values[0];
      return 0;
    };
    Check(sqlite3_exec(database_, sql.c_str(), keep, &text, nullptr));
    return text;
  }

 private:
  void Check(int code) {
    if (code == SQLITE_OK) return;
    std::fprintf(stderr, "a test's own SQLite statement failed: %s\n", sqlite3_errmsg(database_));
    std::abort();
  }

  sqlite3* database_ = nullptr;
};

}  // namespace amont::testing
