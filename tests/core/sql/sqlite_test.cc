// SQLite as a Connection: values both ways, files that are none, locks, ending early. Escapes are in
// sqlite_escape_test.cc, what all engines share in connection_conformance_test.cc.
#include "core/sql/sqlite.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <thread>

#include "tests/core/sql/rows.h"
#include "tests/core/sql/sqlite_writer.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using testing::Read;
using testing::ReadError;
using testing::ReadValue;
using testing::Rows;
using testing::SqliteWriter;
using testing::TempDir;
using namespace std::chrono_literals;

// Hours of work.
const std::string kEndless =
    "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 100000000000) SELECT count(*) "
    "FROM t";

class Sqlite : public ::testing::Test {
 protected:
  Sqlite() {
    options_.url = "sqlite:w.db";
    options_.directory = dir_.path();
  }
  void Make(const std::string& sql) { SqliteWriter(dir_.Path("w.db")).Run(sql); }
  std::unique_ptr<Connection> Open() {
    Result<std::unique_ptr<Connection>> connection = ConnectSqlite(options_, {});
    if (!connection) {
      ADD_FAILURE() << connection.error().message;
      std::abort();
    }
    return std::move(*connection);
  }
  Error OpenError() {
    const Result<std::unique_ptr<Connection>> connection = ConnectSqlite(options_, {});
    return connection ? MakeError(ErrorCode::kInternal, "opened") : connection.error();
  }

  const TempDir dir_;
  ConnectOptions options_;
};

// ---------- Values

TEST_F(Sqlite, EveryStorageClassBecomesItsValue) {
  Make("CREATE TABLE t (a)");
  const auto connection = Open();
  const struct {
    const char* expression;
    Value value;
  } cases[] = {
      {"NULL", std::monostate{}},
      {"9223372036854775807", std::numeric_limits<int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<int64_t>::min()},
      {"2.5", 2.5},
      {"1e300", 1e300},
      {"9223372036854775808", 9223372036854775808.0},  // SQLite's own rule: beyond 64 bits it is a REAL
      {"'it''s €'", std::string("it's €")},
      {"''", std::string()},
      {"CAST(x'610062' AS TEXT)", std::string("a\0b", 3)},
      {"x'00ff10'", std::string("00ff10")},
      {"zeroblob(0)", std::string()},
      {"1 = 1", int64_t{1}},
      {"date('2001-06-30')", std::string("2001-06-30")},
  };
  for (const auto& [expression, value] : cases) {
    EXPECT_EQ(ReadValue(*connection, std::string("SELECT ") + expression), value) << expression;
  }
}

TEST_F(Sqlite, ParametersOfEveryKind) {
  Make("CREATE TABLE t (a)");
  const auto connection = Open();
  const Timestamp at = Timestamp(Date(std::chrono::year{2001} / 6 / 30)) + 86'340'500'000us;
  const struct {
    Value given;
    Value value;
  } cases[] = {
      {std::monostate{}, std::monostate{}},
      {true, int64_t{1}},
      {int64_t{-7}, int64_t{-7}},
      {2.5, 2.5},
      {Decimal{"-12.50"}, -12.5},
      {Decimal{"12"}, int64_t{12}},
      {at, int64_t{993945540500000}},
      {LocalTime(at.time_since_epoch()), std::string("2001-06-30 23:59:00.5")},
      {DayOf(at), std::string("2001-06-30")},
      {std::string("a\0b", 3), std::string("a\0b", 3)},
  };
  for (const auto& [given, value] : cases) {
    EXPECT_EQ(ReadValue(*connection, "SELECT $1", {given}), value) << KindName(given);
  }
}

TEST_F(Sqlite, ParametersAreKnownByNumberNotByOrder) {
  Make("CREATE TABLE t (a)");
  const auto connection = Open();
  EXPECT_EQ(
      ReadValue(*connection, "SELECT $2 || '-' || $1 || '-' || $2", {std::string("a"), std::string("b")}),
      Value(std::string("b-a-b")));
  EXPECT_EQ(ReadError(*connection, "SELECT $2", {int64_t{1}, int64_t{2}}).code, ErrorCode::kInvalid);
  EXPECT_EQ(ReadError(*connection, "SELECT $1, $2", {int64_t{1}}).code, ErrorCode::kInvalid);
  EXPECT_EQ(ReadError(*connection, "SELECT ?", {int64_t{1}}).code, ErrorCode::kInvalid);
  EXPECT_EQ(ReadError(*connection, "SELECT :name", {int64_t{1}}).code, ErrorCode::kInvalid);
}

TEST_F(Sqlite, ColumnsCarryTheDeclaredType) {
  Make("CREATE TABLE t (at TIMESTAMP, price DECIMAL(12,2), plain)");
  const auto connection = Open();
  const Result<Rows> answer = Read(*connection, "SELECT at, price AS p, plain, 1 + 1 FROM t");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  std::string columns;
  for (const ResultColumn& column : answer->columns) columns += column.name + ":" + column.type + " ";
  EXPECT_EQ(columns, "at:TIMESTAMP p:DECIMAL(12,2) plain: 1 + 1: ");
}

// ---------- Errors

TEST_F(Sqlite, ErrorsSayWhoseFaultItIs) {
  Make("CREATE TABLE t (a INTEGER)");
  const auto connection = Open();
  const struct {
    const char* sql;
    ErrorCode code;
  } cases[] = {
      {"SELECT * FROM nowhere", ErrorCode::kNotFound},
      {"SELECT * FROM other.t", ErrorCode::kNotFound},
      {"SELECT absent FROM t", ErrorCode::kData},
      {"SELECT \"absent\" FROM t", ErrorCode::kData},  // a quoted name is never a text
      {"SELECT nofunc(a) FROM t", ErrorCode::kData},
      {"SELECT sum(a, a) FROM t", ErrorCode::kData},
      {"SELECT json('{')", ErrorCode::kData},
      {"SELECT abs(-9223372036854775808)", ErrorCode::kData},
      {"SELEC 1", ErrorCode::kInvalid},
      {"SELECT 'open", ErrorCode::kInvalid},
      {"SELECT (1", ErrorCode::kInvalid},
      {"", ErrorCode::kInvalid},
      {" -- nothing\n ;", ErrorCode::kInvalid},
      {"SELECT 1; SELECT 2", ErrorCode::kInvalid},
      {"SELECT 1; nonsense", ErrorCode::kInvalid},
      {"SELECT length(zeroblob(900000000))", ErrorCode::kLimit},
  };
  for (const auto& [sql, code] : cases) {
    const Error error = ReadError(*connection, sql);
    EXPECT_EQ(error.code, code) << sql << ": " << error.message;
  }
  EXPECT_EQ(ReadValue(*connection, "SELECT 1 ; ; -- and a comment\n /* and another */"), Value(int64_t{1}));
}

TEST_F(Sqlite, AMissingFileIsUnreachableAndIsNotMade) {
  EXPECT_EQ(OpenError().code, ErrorCode::kUnreachable);
  EXPECT_NE(OpenError().message.find(dir_.Path("w.db")), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
  options_.url = "sqlite:" + dir_.path().string();
  EXPECT_EQ(OpenError().code, ErrorCode::kUnreachable);
  EXPECT_NE(OpenError().message.find("is a folder"), std::string::npos) << OpenError().message;
}

TEST_F(Sqlite, WhatIsNoDatabaseOrIsDamagedIsInvalid) {
  dir_.Write("w.db", std::string(20000, 'x'));
  EXPECT_EQ(OpenError().code, ErrorCode::kInvalid);
  std::filesystem::remove(dir_.Path("w.db"));
  Make(
      "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
      "INSERT INTO t SELECT hex(randomblob(20)) FROM n");
  std::filesystem::resize_file(dir_.Path("w.db"), 40960);
  EXPECT_EQ(OpenError().code, ErrorCode::kInvalid) << OpenError().message;
}

TEST_F(Sqlite, ANameIsNeverReadAsAUri) {
  SqliteWriter(dir_.Path("file:odd.db?mode=memory")).Run("CREATE TABLE t AS SELECT 5 AS a");
  options_.url = "sqlite:file:odd.db?mode=memory";
  EXPECT_EQ(ReadValue(*Open(), "SELECT a FROM t"), Value(int64_t{5}));
}

TEST_F(Sqlite, ADatabaseBeingWrittenIsReadInWalAndAwaitedOtherwise) {
  Make("CREATE TABLE t AS SELECT 1 AS a");
  options_.lock_timeout = 30ms;
  {
    SqliteWriter writer(dir_.Path("w.db"));
    writer.Run("BEGIN EXCLUSIVE; INSERT INTO t VALUES (2)");
    const Error error = OpenError();
    EXPECT_EQ(error.code, ErrorCode::kBusy) << error.message;
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = ConnectSqlite(options_, stop.get_token());
    ASSERT_FALSE(stopped.has_value());
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
    writer.Run("COMMIT; PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; INSERT INTO t VALUES (3)");
    EXPECT_EQ(ReadValue(*Open(), "SELECT count(*) FROM t"), Value(int64_t{2}));
    writer.Run("COMMIT");
    EXPECT_EQ(ReadValue(*Open(), "SELECT count(*) FROM t"), Value(int64_t{3}));
  }
}

TEST_F(Sqlite, AWaitForALockEndsWhenSomebodyAsks) {
  Make("CREATE TABLE t AS SELECT 1 AS a");
  options_.lock_timeout = 1h;
  const auto connection = Open();
  SqliteWriter writer(dir_.Path("w.db"));
  writer.Run("BEGIN EXCLUSIVE; INSERT INTO t VALUES (2)");
  std::atomic<bool> ended{false};
  std::thread other([&] {
    while (!ended) {
      connection->Cancel(ErrorCode::kTimeout);
      std::this_thread::sleep_for(1ms);
    }
  });
  const Error error = ReadError(*connection, "SELECT count(*) FROM t");
  ended = true;
  other.join();
  EXPECT_EQ(error.code, ErrorCode::kTimeout) << error.message;
}

// ---------- Ending early

TEST_F(Sqlite, CancelAndStopEndAQuery) {
  Make("CREATE TABLE t (a)");
  const auto connection = Open();
  for (const ErrorCode why : {ErrorCode::kCancelled, ErrorCode::kTimeout}) {
    std::atomic<bool> ended{false};
    std::thread other([&] {
      while (!ended) {
        connection->Sever(why);
        std::this_thread::sleep_for(1ms);
      }
    });
    EXPECT_EQ(ReadError(*connection, kEndless).code, why);
    ended = true;
    other.join();
    EXPECT_EQ(ReadValue(*connection, "SELECT 1"), Value(int64_t{1}));
  }
  std::stop_source stop;
  std::thread other([&] {
    std::this_thread::sleep_for(3ms);
    stop.request_stop();
  });
  const Result<Rows> answer = Read(*connection, kEndless, {}, {}, stop.get_token());
  other.join();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(connection->healthy());
}

TEST_F(Sqlite, CancellingNothingDoesNotHitTheNextQuery) {
  Make("CREATE TABLE t (a)");
  const auto connection = Open();
  for (int i = 0; i < 50; ++i) {
    connection->Cancel(ErrorCode::kTimeout);
    EXPECT_EQ(ReadValue(*connection, "SELECT 1"), Value(int64_t{1}));
  }
}

TEST_F(Sqlite, LimitsOfRowsAndBytesHold) {
  Make("CREATE TABLE t (a)");
  const auto connection = Open();
  const std::string many =
      "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT i, 'text' FROM t";
  QueryLimits few;
  few.rows_max = 3;
  EXPECT_TRUE(Read(*connection, many + " LIMIT 3", {}, few).has_value());
  Result<Rows> answer = Read(*connection, many, {}, few);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kLimit);
  QueryLimits small;
  small.bytes_max = 1000;
  answer = Read(*connection, many, {}, small);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace amont
