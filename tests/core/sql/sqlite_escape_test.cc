// What a statement on a SQLite source must not be able to do, each as a test that tries it; afterwards the
// disk is as it was.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/sql/sqlite.h"
#include "tests/core/sql/rows.h"
#include "tests/core/sql/sqlite_writer.h"
#include "tests/testing/paths.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using testing::ReadError;
using testing::ReadValue;
using testing::SqliteWriter;
using testing::TempDir;

class SqliteEscape : public ::testing::Test {
 protected:
  SqliteEscape() {
    SqliteWriter(dir_.Path("w.db"))
        .Run(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT UNIQUE); INSERT INTO orders VALUES (1, "
            "'x');"
            "CREATE VIEW v AS SELECT * FROM orders; CREATE VIRTUAL TABLE notes USING fts5(text);"
            "INSERT INTO notes VALUES ('hello world'); CREATE VIEW hostile AS SELECT load_extension('x')");
    SqliteWriter(dir_.Path("other.db")).Run("CREATE TABLE secrets AS SELECT 1 AS a");
    before_ = Disk();
    ConnectOptions options;
    options.url = "sqlite:w.db";
    options.directory = dir_.path();
    Result<std::unique_ptr<Connection>> connection = ConnectSqlite(options, {});
    if (connection) connection_ = std::move(*connection);
  }
  void SetUp() override { ASSERT_NE(connection_, nullptr); }
  void TearDown() override {
    EXPECT_EQ(ReadValue(*connection_, "SELECT count(*) FROM orders"), Value(int64_t{1}));
    connection_.reset();
    EXPECT_EQ(Disk(), before_);
  }

  std::map<std::string, std::string> Disk() const {
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      contents[entry.path()] = testing::ReadFile(entry.path());
    }
    return contents;
  }
  void ExpectRefused(const std::string& sql, ErrorCode code = ErrorCode::kPermission) {
    const Error error = ReadError(*connection_, sql);
    EXPECT_EQ(error.code, code) << sql << "\n" << error.message;
  }

  const TempDir dir_;
  std::unique_ptr<Connection> connection_;
  std::map<std::string, std::string> before_;
};

TEST_F(SqliteEscape, ChangingData) {
  for (const std::string sql :
       {"INSERT INTO orders VALUES (2, 'y')", "INSERT INTO orders VALUES (2, 'y') RETURNING id",
        "UPDATE orders SET email = 'y'", "DELETE FROM orders", "REPLACE INTO orders VALUES (1, 'y')",
        "CREATE TABLE t (a)", "CREATE TEMP TABLE t (a)", "CREATE TEMP VIEW tv AS SELECT 1",
        "DROP TABLE orders", "ALTER TABLE orders ADD COLUMN a", "CREATE INDEX i ON orders (email)", "REINDEX",
        "ANALYZE", "VACUUM", "CREATE VIRTUAL TABLE f USING fts5(a)",
        "INSERT INTO notes(notes) VALUES ('optimize')",
        "CREATE TRIGGER tr AFTER INSERT ON orders BEGIN SELECT 1; END",
        "WITH x AS (SELECT 1) INSERT INTO orders SELECT 9, 'z' FROM x"}) {
    ExpectRefused(sql);
  }
}

TEST_F(SqliteEscape, OpeningOtherFiles) {
  ExpectRefused("ATTACH '" + dir_.Path("other.db") + "' AS other");
  ExpectRefused("ATTACH ':memory:' AS scratch");
  ExpectRefused("ATTACH 'file:" + dir_.Path("new.db") + "?mode=rwc' AS fresh");
  ExpectRefused("VACUUM INTO '" + dir_.Path("copy.db") + "'");
  ExpectRefused("DETACH main");
  ExpectRefused("SELECT readfile('/etc/passwd')", ErrorCode::kData);  // functions of SQLite's shell only
  ExpectRefused("SELECT writefile('" + dir_.Path("out") + "', 'x')", ErrorCode::kData);
  ExpectRefused("SELECT * FROM fsdir('/')", ErrorCode::kNotFound);
}

TEST_F(SqliteEscape, LoadingCode) {
  ExpectRefused("SELECT load_extension('/tmp/x.so')");
  ExpectRefused("SELECT * FROM hostile");
  ExpectRefused("SELECT fts3_tokenizer('simple')");
  ExpectRefused("SELECT fts3_tokenizer('simple', x'0000000000000000')");
}

TEST_F(SqliteEscape, ChangingTheSession) {
  for (const std::string sql :
       {"PRAGMA query_only = OFF", "PRAGMA query_only", "PRAGMA writable_schema = ON",
        "PRAGMA trusted_schema = ON", "PRAGMA journal_mode = DELETE", "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA key = 'x'", "PRAGMA wal_checkpoint", "PRAGMA integrity_check", "PRAGMA user_version = 7",
        "SELECT * FROM pragma_optimize", "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT s",
        "RELEASE s"}) {
    const Error error = ReadError(*connection_, sql);
    EXPECT_TRUE(error.code == ErrorCode::kPermission || error.code == ErrorCode::kNotFound)
        << sql << error.message;
  }
}

TEST_F(SqliteEscape, DescribingTablesIsAllowed) {
  EXPECT_EQ(ReadValue(*connection_, "SELECT group_concat(name) FROM pragma_table_xinfo('orders')"),
            Value(std::string("id,email")));
  EXPECT_EQ(ReadValue(*connection_,
                      "SELECT count(*) FROM pragma_index_list('orders') l JOIN pragma_index_xinfo(l.name) x "
                      "WHERE x.key = 1"),
            Value(int64_t{1}));
  EXPECT_EQ(ReadValue(*connection_, "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name = 'v'"),
            Value(int64_t{1}));
  ExpectRefused("UPDATE sqlite_master SET sql = ''");
  EXPECT_EQ(ReadValue(*connection_, "SELECT count(*) FROM v"), Value(int64_t{1}));
  EXPECT_EQ(ReadValue(*connection_, "SELECT count(*) FROM notes WHERE notes MATCH 'hello'"),
            Value(int64_t{1}));
}

}  // namespace
}  // namespace amont
