// The store's session on SQLite: transactions, upserts, and what a crash or a second writer sees.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/sql/connection.h"
#include "core/sql/sqlite.h"
#include "tests/core/sql/rows.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using testing::Read;
using testing::ReadError;
using testing::ReadValue;
using testing::TempDir;
using namespace std::chrono_literals;

class SqliteStore : public ::testing::Test {
 protected:
  std::unique_ptr<StoreSession> Open() {
    Result<std::unique_ptr<StoreSession>> store = OpenSqliteStore(dir_.Path("s.db"));
    if (!store) {
      ADD_FAILURE() << store.error().message;
      std::abort();
    }
    return std::move(*store);
  }
  void SetUp() override {
    store_ = Open();
    Must(store_->BeginWrite());
    Execute(
        "CREATE TABLE points (metric TEXT NOT NULL, at INTEGER NOT NULL, day TEXT, value REAL, "
        "PRIMARY KEY (metric, at)) STRICT, WITHOUT ROWID");
    Must(store_->Commit());
  }
  static void Must(const Result<void>& result) { ASSERT_TRUE(result.has_value()) << result.error().message; }
  int64_t Execute(const std::string& sql, const std::vector<Value>& params = {}) {
    const Result<int64_t> changed = store_->Execute(sql, params);
    if (!changed) ADD_FAILURE() << sql << ": " << changed.error().message;
    return changed.value_or(-1);
  }
  int64_t Count(Connection& connection) {
    const Value count = ReadValue(connection, "SELECT count(*) FROM points");
    const auto* number = std::get_if<int64_t>(&count);
    return number != nullptr ? *number : -1;
  }
  Result<void> Upsert(std::vector<std::vector<Value>> rows) {
    return store_->Upsert({"points", {"metric", "at", "day", "value"}, {"metric", "at"}}, rows);
  }
  static std::vector<Value> Point(const char* metric, int64_t at, double value) {
    return {std::string(metric), Timestamp(Duration(at)), Date(std::chrono::days(at)), value};
  }

  const TempDir dir_;
  std::unique_ptr<StoreSession> store_;
};

TEST_F(SqliteStore, KeepsEveryCommitOnDiskAndItsForeignKeys) {
  EXPECT_TRUE(std::filesystem::exists(dir_.Path("s.db-wal")));
  EXPECT_EQ(ReadValue(*store_, "PRAGMA synchronous"), Value(int64_t{1}));
  EXPECT_EQ(ReadValue(*store_, "PRAGMA foreign_keys"), Value(int64_t{1}));
}

TEST_F(SqliteStore, UpsertInsertsThenUpdatesByKey) {
  Must(store_->BeginWrite());
  Must(Upsert({Point("a", 1, 1.0), Point("a", 2, 2.0), Point("b", 1, 3.0)}));
  Must(Upsert({Point("a", 2, 20.0), Point("c", 1, 4.0)}));
  Must(store_->Commit());
  EXPECT_EQ(Count(*store_), 4);
  EXPECT_EQ(ReadValue(*store_, "SELECT value FROM points WHERE metric = $1 AND at = $2",
                      {std::string("a"), Timestamp(Duration(2))}),
            Value(20.0));
  EXPECT_EQ(ReadValue(*store_, "SELECT day FROM points WHERE metric = 'c'"),
            Value(std::string("1970-01-02")));
}

TEST_F(SqliteStore, UpsertOfKeysAloneLeavesWhatIsThere) {
  Execute("CREATE TABLE names (name TEXT PRIMARY KEY) STRICT");
  Must(store_->BeginWrite());
  const std::vector<std::vector<Value>> rows = {{std::string("x")}, {std::string("x")}, {std::string("y")}};
  Must(store_->Upsert({"names", {"name"}, {"name"}}, rows));
  Must(store_->Commit());
  EXPECT_EQ(ReadValue(*store_, "SELECT count(*) FROM names"), Value(int64_t{2}));
}

TEST_F(SqliteStore, UpsertWantsATransactionAndWholeRows) {
  EXPECT_FALSE(Upsert({Point("a", 1, 1.0)}).has_value());
  Must(store_->BeginWrite());
  EXPECT_FALSE(Upsert({{std::string("a")}}).has_value());
  store_->Rollback();
  EXPECT_EQ(Count(*store_), 0);
}

TEST_F(SqliteStore, RollbackUndoesAllAndIsAlwaysSafe) {
  store_->Rollback();
  Must(store_->BeginWrite());
  Must(Upsert({Point("a", 1, 1.0)}));
  EXPECT_EQ(Count(*store_), 1);
  store_->Rollback();
  store_->Rollback();
  EXPECT_EQ(Count(*store_), 0);
  Must(store_->BeginWrite());
  const Result<void> wrong =
      Upsert({Point("a", 1, 1.0), {std::string("b"), std::monostate{}, std::monostate{}, 2.0}});
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::kData) << wrong.error().message;
  store_->Rollback();
  EXPECT_EQ(Count(*store_), 0);
  Must(store_->BeginWrite());  // and the session goes on
  Must(Upsert({Point("a", 1, 1.0)}));
  Must(store_->Commit());
  EXPECT_EQ(Count(*store_), 1);
}

TEST_F(SqliteStore, ASessionThatGoesInsideATransactionLeavesNothing) {
  Must(store_->BeginWrite());
  Must(Upsert({Point("a", 1, 1.0)}));
  store_.reset();
  store_ = Open();
  EXPECT_EQ(Count(*store_), 0);
}

TEST_F(SqliteStore, ExecuteSaysHowManyRowsChanged) {
  EXPECT_EQ(Execute("INSERT INTO points VALUES ('a', 1, NULL, 1.0), ('b', 1, NULL, 1.0)"), 2);
  EXPECT_EQ(Execute("UPDATE points SET value = CAST($2 AS REAL) WHERE metric = $1", {std::string("a"), 5.0}),
            1);
  EXPECT_EQ(Execute("UPDATE points SET value = 1.0 WHERE metric = 'none'"), 0);
  EXPECT_EQ(Execute("CREATE TABLE other (a INTEGER) STRICT"), 0);
  EXPECT_EQ(Execute("DELETE FROM points"), 2);
  EXPECT_FALSE(store_->Execute("DELETE FROM points; DELETE FROM points", {}).has_value());
}

TEST_F(SqliteStore, QueryOnlyReads) {
  EXPECT_EQ(ReadError(*store_, "DELETE FROM points").code, ErrorCode::kPermission);
  EXPECT_EQ(ReadError(*store_, "INSERT INTO points VALUES ('a', 1, NULL, 1.0) RETURNING at").code,
            ErrorCode::kPermission);
}

TEST_F(SqliteStore, AReaderSeesOnlyWhatIsCommittedWhileAWriterWrites) {
  const auto reader = Open();
  Must(store_->BeginWrite());
  Must(Upsert({Point("a", 1, 1.0)}));
  EXPECT_EQ(Count(*reader), 0);
  Must(store_->Commit());
  EXPECT_EQ(Count(*reader), 1);
}

TEST_F(SqliteStore, ASecondWriterWaitsForTheFirstOrIsCancelled) {
  const auto second = Open();
  Must(store_->BeginWrite());
  std::atomic<bool> ended{false};
  std::thread other([&] {
    while (!ended) {
      second->Cancel(ErrorCode::kCancelled);
      std::this_thread::sleep_for(1ms);
    }
  });
  const Result<void> begun = second->BeginWrite();
  ended = true;
  other.join();
  ASSERT_FALSE(begun.has_value());
  EXPECT_EQ(begun.error().code, ErrorCode::kCancelled) << begun.error().message;

  std::thread late([&] {
    std::this_thread::sleep_for(20ms);
    EXPECT_TRUE(store_->Commit().has_value());
  });
  EXPECT_TRUE(second->BeginWrite().has_value());
  late.join();
  second->Rollback();
}

TEST_F(SqliteStore, WritersTakeTurnsAndLoseNothing) {
  constexpr int kWriters = 4;
  constexpr int kEach = 25;
  Execute("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT");
  Execute("INSERT INTO counter VALUES (1, 0)");
  std::vector<std::thread> writers;
  std::atomic<int> failures{0};
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&] {
      const Result<std::unique_ptr<StoreSession>> mine = OpenSqliteStore(dir_.Path("s.db"));
      if (!mine) {
        ++failures;
        return;
      }
      for (int i = 0; i < kEach; ++i) {
        StoreSession& session = **mine;
        // Read, then write: in a plain BEGIN this fails at once when another wrote in between.
        if (!session.BeginWrite() || !Read(session, "SELECT n FROM counter") ||
            !session.Execute("UPDATE counter SET n = n + 1", {}) || !session.Commit()) {
          session.Rollback();
          ++failures;
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(ReadValue(*store_, "SELECT n FROM counter"), Value(int64_t{kWriters * kEach}));
}

TEST_F(SqliteStore, CancelEndsAWriteAndTheTransactionCanBeUndone) {
  Must(store_->BeginWrite());
  std::atomic<bool> ended{false};
  std::thread other([&] {
    while (!ended) {
      store_->Cancel(ErrorCode::kTimeout);
      std::this_thread::sleep_for(1ms);
    }
  });
  const Result<int64_t> written = store_->Execute(
      "INSERT INTO points WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT 'x', i, "
      "NULL, 0.0 FROM t",
      {});
  ended = true;
  other.join();
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ErrorCode::kTimeout);
  store_->Rollback();
  EXPECT_EQ(Count(*store_), 0);
}

TEST_F(SqliteStore, WhatIsNoDatabaseIsSaid) {
  dir_.Write("junk.db", std::string(20000, 'x'));
  const Result<std::unique_ptr<StoreSession>> junk = OpenSqliteStore(dir_.Path("junk.db"));
  ASSERT_FALSE(junk.has_value());
  EXPECT_EQ(junk.error().code, ErrorCode::kInvalid);
  const Result<std::unique_ptr<StoreSession>> nowhere = OpenSqliteStore(dir_.Path("no/such/folder/s.db"));
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().code, ErrorCode::kUnreachable);
}

}  // namespace
}  // namespace amont
