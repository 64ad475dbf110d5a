// What a statement on a DuckDB source must not be able to do, each as a test that tries it. Every attempt is
// made on a session over files and on one over a database file, and afterwards the disk is as it was.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/sql/duckdb.h"
#include "tests/core/sql/duckdb_writer.h"
#include "tests/core/sql/rows.h"
#include "tests/testing/paths.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using testing::DuckdbWriter;
using testing::ReadError;
using testing::ReadValue;
using testing::TempDir;

class DuckdbEscape : public ::testing::TestWithParam<const char*> {
 protected:
  DuckdbEscape() {
    DuckdbWriter(dir_.Path("w.duckdb")).Run("CREATE TABLE orders AS SELECT 1 AS id; CREATE SEQUENCE numbers");
    DuckdbWriter(dir_.Path("other.duckdb")).Run("CREATE TABLE secrets AS SELECT 1 AS id");
    DuckdbWriter().Run("COPY (SELECT 1 AS id) TO '" + dir_.Path("orders.parquet") + "'");
    dir_.Write("orders.json", "[{\"id\": 1}]");
    dir_.Write("secret.csv", "password\nhunter2\n");
    before_ = Disk();

    ConnectOptions options;
    options.directory = dir_.path();
    options.url = GetParam();
    if (options.url == "duckdb:") options.files = {{"orders", "orders.parquet"}, {"events", "orders.json"}};
    Result<std::unique_ptr<Connection>> connection = ConnectDuckdb(options, {});
    if (connection) connection_ = std::move(*connection);
  }
  void SetUp() override { ASSERT_NE(connection_, nullptr); }
  void TearDown() override {
    if (connection_ == nullptr) return;
    // The session still works, and whatever was tried left no trace, not even when it closes.
    EXPECT_EQ(ReadValue(*connection_, "SELECT id FROM orders"), Value(int64_t{1}));
    EXPECT_TRUE(connection_->healthy());
    connection_.reset();
    EXPECT_EQ(Disk(), before_);
  }

  std::map<std::string, std::string> Disk() const {
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
      contents[entry.path()] = entry.is_regular_file() ? testing::ReadFile(entry.path()) : "a folder";
    }
    return contents;
  }
  void ExpectRefused(const std::string& sql, ErrorCode code = ErrorCode::kPermission) {
    const Error error = ReadError(*connection_, sql);
    EXPECT_EQ(error.code, code) << sql << "\n" << error.message;
  }
  std::string Quoted(const char* file) const { return "'" + dir_.Path(file) + "'"; }

  const TempDir dir_;
  std::unique_ptr<Connection> connection_;
  std::map<std::string, std::string> before_;
};

INSTANTIATE_TEST_SUITE_P(Sources, DuckdbEscape, ::testing::Values("duckdb:", "duckdb:w.duckdb"),
                         [](const auto& source) {
                           return std::string(source.param).size() > 7 ? "Database" : "Files";
                         });

TEST_P(DuckdbEscape, ReadingOtherFiles) {
  for (const std::string reader : {"read_csv", "read_json", "read_parquet", "read_ndjson_objects",
                                   "sniff_csv", "parquet_metadata", "read_csv_auto", "glob"}) {
    ExpectRefused("SELECT * FROM " + reader + "('/etc/passwd')");
    ExpectRefused("SELECT * FROM " + reader + "(" + Quoted("secret.csv") + ")");
    ExpectRefused("SELECT * FROM " + reader + "(" + Quoted("*.csv") + ")");
    ExpectRefused("SELECT * FROM " + reader + "('/proc/self/environ')");
  }
  for (const std::string reader : {"read_text", "read_blob", "read_duckdb"}) {
    ExpectRefused("SELECT * FROM " + reader + "(" + Quoted("secret.csv") + ")");
  }
  ExpectRefused("SELECT * FROM " + Quoted("secret.csv"));
  ExpectRefused("SELECT * FROM '/etc/passwd.csv'");
  ExpectRefused("SELECT count(*) FROM (SELECT 1 WHERE EXISTS (FROM read_csv('/etc/passwd')))");
}

TEST_P(DuckdbEscape, ReadingTheNetwork) {
  ExpectRefused("SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')");
  ExpectRefused("SELECT * FROM read_parquet('s3://bucket/x.parquet')");
  ExpectRefused("SELECT * FROM 'https://127.0.0.1:9/x.parquet'");
}

TEST_P(DuckdbEscape, WritingFiles) {
  ExpectRefused("COPY (SELECT 1) TO " + Quoted("out.csv"));
  ExpectRefused("COPY (SELECT 1) TO " + Quoted("orders.parquet") + " (USE_TMP_FILE false)");
  ExpectRefused("EXPORT DATABASE " + Quoted("export"));
  ExpectRefused("EXPLAIN ANALYZE COPY (SELECT 1) TO " + Quoted("orders.parquet") + " (USE_TMP_FILE false)");
  ExpectRefused("SELECT 1; COPY (SELECT 1) TO " + Quoted("out.csv"));
}

// These are plain SELECTs to the parser, and DuckDB's locked configuration does not stop them.
TEST_P(DuckdbEscape, WritingThroughTableFunctions) {
  const std::string profile =
      "enable_profiling(format := 'json', save_location := " + Quoted("orders.json") + ")";
  ExpectRefused("SELECT * FROM " + profile);
  ExpectRefused("SELECT * FROM orders, " + profile);
  ExpectRefused("SELECT (SELECT count(*) FROM " + profile + ")");
  ExpectRefused("WITH x AS (FROM " + profile + ") SELECT * FROM x");
  ExpectRefused("FROM system.main." + profile);
  ExpectRefused("FROM \"ENABLE_PROFILING\"()");
  ExpectRefused("SELECT * FROM query('FROM ' || 'enable_profiling()')");
  ExpectRefused("SELECT * FROM query_table('orders')");
  ExpectRefused("SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM enable_profiling()'))");
  ExpectRefused("SELECT * FROM enable_logging(storage := 'file', storage_path := " + Quoted("logs") + ")");
  ExpectRefused("SELECT * FROM orders WHERE id IN (SELECT 1 FROM enable_profiling()) UNION ALL SELECT 2");
  ExpectRefused("SELECT * FROM checkpoint()");
  ExpectRefused("SELECT * FROM force_checkpoint()");
  ExpectRefused("CALL enable_profiling()");
}

TEST_P(DuckdbEscape, AttachingOtherDatabases) {
  ExpectRefused("ATTACH " + Quoted("other.duckdb") + " AS other");
  ExpectRefused("ATTACH " + Quoted("new.duckdb") + " AS fresh");
  ExpectRefused("ATTACH ':memory:' AS scratch");
  ExpectRefused("DETACH memory");
  ExpectRefused("USE memory");
}

TEST_P(DuckdbEscape, ChangingTheConfiguration) {
  ExpectRefused("SET memory_limit = '1TB'");
  ExpectRefused("SET enable_external_access = true");
  ExpectRefused("SET lock_configuration = false");
  ExpectRefused("RESET allowed_paths");
  ExpectRefused("SET VARIABLE x = 1");
  ExpectRefused("PRAGMA enable_progress_bar");
  ExpectRefused("PRAGMA enable_profiling");
  EXPECT_EQ(ReadValue(*connection_, "SELECT current_setting('lock_configuration')"), Value(true));
  EXPECT_EQ(ReadValue(*connection_, "SELECT current_setting('enable_external_access')"), Value(false));
  EXPECT_EQ(ReadValue(*connection_, "SELECT current_setting('autoload_known_extensions')"), Value(false));
}

TEST_P(DuckdbEscape, LoadingExtensions) {
  ExpectRefused("INSTALL httpfs");
  ExpectRefused("LOAD httpfs");
  ExpectRefused("LOAD " + Quoted("x.duckdb_extension"));
  ExpectRefused("FORCE INSTALL spatial FROM community");
}

TEST_P(DuckdbEscape, ChangingData) {
  ExpectRefused("CREATE TABLE t (a INTEGER)");
  ExpectRefused("CREATE TEMP TABLE t AS SELECT 1");
  ExpectRefused("CREATE OR REPLACE MACRO f() AS 1");
  ExpectRefused("INSERT INTO orders VALUES (2)");
  ExpectRefused("UPDATE orders SET id = 2");
  ExpectRefused("DELETE FROM orders");
  ExpectRefused("DROP TABLE orders");
  ExpectRefused("VACUUM");
  ExpectRefused("CHECKPOINT");
  ExpectRefused("COMMIT");
  ExpectRefused("BEGIN");
  ExpectRefused("PREPARE p AS SELECT 1");
  ExpectRefused("EXECUTE p");
}

TEST_P(DuckdbEscape, MoreOrFewerThanOneStatement) {
  ExpectRefused("SELECT 1; SELECT 2", ErrorCode::kInvalid);
  ExpectRefused("", ErrorCode::kInvalid);
  ExpectRefused("-- nothing", ErrorCode::kInvalid);
  ExpectRefused("SELECT 1; DROP TABLE orders");
  ExpectRefused("SELECT * FROM (SELECT 1) t; ROLLBACK");
}

TEST_P(DuckdbEscape, LookingAround) {
  ExpectRefused("SELECT getenv('HOME')", ErrorCode::kData);  // a function of DuckDB's shell only
  ExpectRefused("SELECT * FROM duckdb_settings()");
  ExpectRefused("SELECT * FROM duckdb_secrets()");
  ExpectRefused("SELECT * FROM which_secret('s3://x', 's3')");
}

TEST_P(DuckdbEscape, TheDatabaseFileIsReadOnly) {
  if (std::string(GetParam()) == "duckdb:") return;
  ExpectRefused("SELECT nextval('numbers')");
}

}  // namespace
}  // namespace amont
