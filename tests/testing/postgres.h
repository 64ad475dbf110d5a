// A private PostgreSQL 15 for tests: one cluster a test program, started at first use and stopped, by its own
// pid, when the program ends (or is killed: the server dies with it). One database a test.
//
// It listens on a Unix socket and on a free port of 127.0.0.1, trusts everyone, syncs nothing to disk, and
// never vacuums or analyzes by itself, so row estimates and counters change only when a test changes them. As
// root it runs as the user postgres, which initdb demands; otherwise as we do. Call from the thread that runs
// the tests. A cluster that does not start stops the program with the server's log.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {

class PostgresServer {
 public:
  // The program's one server, started if it is not yet.
  static PostgresServer& Get();
  // Why there can be none here, for AMONT_NEEDS_POSTGRES; empty where there can.
  static std::string Unavailable();

  // Creates an empty database and returns its URL, through the Unix socket, as the superuser "amont".
  std::string CreateDatabase();
  // The URL of a database for another role, or through TCP (to put a proxy between).
  std::string Url(std::string_view database, std::string_view role = "amont") const;
  std::string TcpUrl(std::string_view database, std::string_view role = "amont") const;
  int port() const { return port_; }
  pid_t pid() const { return server_->pid(); }

  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

 private:
  PostgresServer();
  bool Start();  // false when the port was taken meanwhile

  TempDir dir_;
  std::unique_ptr<Process> server_;
  pid_t owner_;  // a forked death test must not stop the server of its parent
  int port_ = 0;
  int databases_ = 0;
};

// Runs an SQL script, any number of statements, and returns the first value of its last result, or "" when
// there is none. An error fails the current test and names the server's message.
std::string ExecuteSql(const std::string& url, const std::string& script);

}  // namespace amont::testing

// First line of a test or of SetUp: skips where PostgreSQL is not installed, unless AMONT_REQUIRE_POSTGRES=1.
#define AMONT_NEEDS_POSTGRES()                                                                       \
  if (const std::string missing = ::amont::testing::PostgresServer::Unavailable(); !missing.empty()) \
  GTEST_SKIP() << missing
