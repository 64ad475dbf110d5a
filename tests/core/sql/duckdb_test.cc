// DuckDB as a Connection: values both ways, files as tables, ending early, limits. Escapes are in
// duckdb_escape_test.cc, what all engines share in connection_conformance_test.cc.
#include "core/sql/duckdb.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "tests/core/sql/duckdb_writer.h"
#include "tests/core/sql/rows.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using testing::DuckdbWriter;
using testing::Read;
using testing::ReadError;
using testing::ReadValue;
using testing::Rows;
using testing::TempDir;
using namespace std::chrono_literals;

std::unique_ptr<Connection> Open(const ConnectOptions& options, int64_t memory = limits::kDuckdbMemoryBytes) {
  Result<std::unique_ptr<Connection>> connection = ConnectDuckdb(options, {}, memory);
  if (!connection) {
    ADD_FAILURE() << connection.error().message;
    std::abort();
  }
  return std::move(*connection);
}

std::unique_ptr<Connection> OpenMemory(std::map<std::string, std::string> files = {},
                                       const std::string& directory = "/") {
  ConnectOptions options;
  options.name = "lake";
  options.url = "duckdb:";
  options.files = std::move(files);
  options.directory = directory;
  return Open(options);
}

Timestamp At(const char* text) {
  const Result<Timestamp> parsed = ParseTimestamp(text);
  return parsed ? *parsed : Timestamp();
}
LocalTime Local(const char* text) { return LocalTime(At(text).time_since_epoch()); }
Date Day(const char* text) { return DayOf(At(text)); }

// ---------- Values

TEST(DuckdbValues, EveryTypeBecomesItsValue) {
  const auto connection = OpenMemory();
  const struct {
    const char* expression;
    Value value;
  } cases[] = {
      {"NULL", std::monostate{}},
      {"true", true},
      {"false", false},
      {"(-128)::TINYINT", int64_t{-128}},
      {"(-32768)::SMALLINT", int64_t{-32768}},
      {"2147483647::INTEGER", int64_t{2147483647}},
      {"(-9223372036854775808)::BIGINT", std::numeric_limits<int64_t>::min()},
      {"255::UTINYINT", int64_t{255}},
      {"65535::USMALLINT", int64_t{65535}},
      {"4294967295::UINTEGER", int64_t{4294967295}},
      {"9223372036854775807::UBIGINT", std::numeric_limits<int64_t>::max()},
      {"18446744073709551615::UBIGINT", Decimal{"18446744073709551615"}},
      {"42::HUGEINT", int64_t{42}},
      {"(-42)::HUGEINT", int64_t{-42}},
      {"(-9223372036854775808)::HUGEINT", std::numeric_limits<int64_t>::min()},
      {"9223372036854775808::HUGEINT", Decimal{"9223372036854775808"}},
      {"(-170141183460469231731687303715884105728)::HUGEINT",
       Decimal{"-170141183460469231731687303715884105728"}},
      {"340282366920938463463374607431768211455::UHUGEINT",
       Decimal{"340282366920938463463374607431768211455"}},
      {"7::UHUGEINT", int64_t{7}},
      {"0.5::FLOAT", 0.5},
      {"1e300::DOUBLE", 1e300},
      {"12.50::DECIMAL(4,2)", Decimal{"12.50"}},
      {"(-0.05)::DECIMAL(9,2)", Decimal{"-0.05"}},
      {"12345678901.125::DECIMAL(18,3)", Decimal{"12345678901.125"}},
      {"(-99999999999999999999999999999999999999)::DECIMAL(38,0)",
       Decimal{"-99999999999999999999999999999999999999"}},
      {"0.00000000000000000001::DECIMAL(38,20)", Decimal{"0.00000000000000000001"}},
      {"TIMESTAMP '2001-06-30 23:59:00.123456'", Local("2001-06-30T23:59:00.123456Z")},
      {"TIMESTAMP_S '2001-06-30 23:59:00'", Local("2001-06-30T23:59:00Z")},
      {"TIMESTAMP_MS '2001-06-30 23:59:00.123'", Local("2001-06-30T23:59:00.123Z")},
      {"TIMESTAMP_NS '2001-06-30 23:59:00.123456789'", Local("2001-06-30T23:59:00.123456Z")},
      {"TIMESTAMP_NS '1969-12-31 23:59:59.999999999'", Local("1969-12-31T23:59:59.999999Z")},
      {"TIMESTAMPTZ '2001-06-30 23:59:00+02'", At("2001-06-30T21:59:00Z")},
      {"TIMESTAMPTZ '2001-06-30 23:59:00'", At("2001-06-30T23:59:00Z")},  // the session is in UTC
      {"DATE '0001-01-01'", Day("0001-01-01")},
      {"DATE '9999-12-31'", Day("9999-12-31")},
      {"DATE 'infinity'", std::string("infinity")},
      {"DATE '-infinity'", std::string("-infinity")},
      {"DATE '20000-02-03'", std::string("20000-02-03")},
      {"DATE '0044-03-15 (BC)'", std::string("0044-03-15 (BC)")},
      {"TIMESTAMP 'infinity'", std::string("infinity")},
      {"TIMESTAMPTZ '-infinity'", std::string("-infinity")},
      {"TIMESTAMP '20000-02-03 01:02:03'", std::string("20000-02-03")},
      {"'a''b'", std::string("a'b")},
      {"'a text longer than twelve bytes: é'", std::string("a text longer than twelve bytes: é")},
      {"''", std::string()},
      {"'paid'::ENUM('paid', 'open')", std::string("paid")},
      {"INTERVAL 90 MINUTE", std::string("01:30:00")},
      {"TIME '12:34:56'", std::string("12:34:56")},
      {"'6e3f0c5e-6d7a-4f6f-9e64-0a4f5d1b2c3d'::UUID", std::string("6e3f0c5e-6d7a-4f6f-9e64-0a4f5d1b2c3d")},
      {"[1, 2]", std::string("[1, 2]")},
      {"{'a': 1}", std::string("{'a': 1}")},
      {"'\\xFF'::BLOB", std::string("\\xFF")},
  };
  for (const auto& [expression, value] : cases) {
    EXPECT_EQ(ReadValue(*connection, std::string("SELECT ") + expression), value) << expression;
  }
  const Value nan = ReadValue(*connection, "SELECT 'nan'::DOUBLE");
  ASSERT_TRUE(std::holds_alternative<double>(nan));
  EXPECT_TRUE(std::isnan(std::get<double>(nan)));
}

TEST(DuckdbValues, EveryParameterComesBackAsItWent) {
  const auto connection = OpenMemory();
  const Value values[] = {std::monostate{},
                          true,
                          int64_t{-7},
                          std::numeric_limits<int64_t>::max(),
                          2.5,
                          Decimal{"-12.50"},
                          Decimal{"99999999999999999999999999999999999999"},
                          Decimal{"0.001"},
                          At("2001-06-30T23:59:00.5Z"),
                          Local("2001-06-30T23:59:00.5Z"),
                          Day("2001-06-30"),
                          std::string("it's\n€"),
                          std::string("a\0b", 3)};
  for (const Value& value : values)
    EXPECT_EQ(ReadValue(*connection, "SELECT $1", {value}), value) << KindName(value);
  EXPECT_EQ(ReadError(*connection, "SELECT $1", {Decimal{"1e5"}}).code, ErrorCode::kInvalid);
}

TEST(DuckdbValues, ParametersAreKnownByNumberNotByOrder) {
  const auto connection = OpenMemory();
  EXPECT_EQ(
      ReadValue(*connection, "SELECT concat($2, '-', $1, '-', $2)", {std::string("a"), std::string("b")}),
      Value(std::string("b-a-b")));
  EXPECT_EQ(ReadError(*connection, "SELECT $2", {int64_t{1}, int64_t{2}}).code, ErrorCode::kInvalid);
  EXPECT_EQ(ReadError(*connection, "SELECT $1", {}).code, ErrorCode::kInvalid);
  EXPECT_EQ(ReadError(*connection, "SELECT $1", {int64_t{1}, int64_t{2}}).code, ErrorCode::kInvalid);
}

TEST(DuckdbValues, ColumnsKeepTheirNamesAndTheEnginesTypes) {
  const auto connection = OpenMemory();
  const Result<Rows> answer =
      Read(*connection,
           "SELECT 1::BIGINT AS a, 2.50::DECIMAL(12,2) AS \"b c\", [1]::INTEGER[] AS d, "
           "now() AS e, 'x'::ENUM('x') AS f, 1::BIGINT AS a; -- and a comment");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  std::string names;
  for (const ResultColumn& column : answer->columns) names += column.name + ":" + column.type + " ";
  EXPECT_EQ(names, "a:BIGINT b c:DECIMAL(12,2) d:INTEGER[] e:TIMESTAMP WITH TIME ZONE f:ENUM a:BIGINT ");
}

TEST(DuckdbValues, NullsInEveryColumnOfManyChunksStayInTheirRows) {
  const auto connection = OpenMemory();
  const Result<Rows> answer =
      Read(*connection,
           "SELECT i, CASE WHEN i % 3 = 0 THEN i END, CASE WHEN i % 5 = 0 THEN i::VARCHAR END "
           "FROM range(10000) t(i) ORDER BY i");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  ASSERT_EQ(answer->rows.size(), 10000u);
  for (int64_t i = 0; i < 10000; ++i) {
    const auto& row = answer->rows[static_cast<size_t>(i)];
    ASSERT_EQ(row[0], Value(i));
    ASSERT_EQ(row[1], i % 3 == 0 ? Value(i) : Value());
    ASSERT_EQ(row[2], i % 5 == 0 ? Value(std::to_string(i)) : Value());
  }
}

// ---------- Files as tables

void WriteParquet(const std::string& path, const std::string& select) {
  DuckdbWriter().Run("COPY (" + select + ") TO '" + path + "' (FORMAT parquet)");
}

TEST(DuckdbFiles, AGlobIsATableUnderItsName) {
  const TempDir dir;
  dir.Write("airports.csv", "iata,city\nAA,Arles\nBB,Brest\n");
  dir.Write("events.ndjson", "{\"id\": 1}\n{\"id\": 2}\n");
  WriteParquet(dir.Path("f-1.parquet"), "SELECT i, 'AA' AS code FROM range(100) t(i)");
  WriteParquet(dir.Path("f-2.parquet"), "SELECT i, 'CC' AS code FROM range(50) t(i)");
  const auto connection = OpenMemory({{"flights", "f-*.parquet"},
                                      {"airports", dir.Path("airports.csv")},
                                      {"events", "events.ndjson"},
                                      {"Ünïted \"codes\"", "airports.csv"}},
                                     dir.path());
  EXPECT_EQ(ReadValue(*connection, "SELECT count(*) FROM flights"), Value(int64_t{150}));
  EXPECT_EQ(ReadValue(*connection, "SELECT count(*) FROM main.FLIGHTS AS f"), Value(int64_t{150}));
  EXPECT_EQ(ReadValue(*connection, "SELECT max(id) FROM events"), Value(int64_t{2}));
  EXPECT_EQ(ReadValue(*connection, "SELECT min(city) FROM \"Ünïted \"\"codes\"\"\""),
            Value(std::string("Arles")));
  EXPECT_EQ(ReadValue(*connection,
                      "SELECT count(*) FROM \"flights\" LEFT JOIN airports ON flights.code = airports.iata "
                      "WHERE airports.iata IS NULL"),
            Value(int64_t{50}));
  EXPECT_EQ(ReadValue(*connection, "SELECT count(*) FROM read_parquet('" + dir.Path("f-*.parquet") + "')"),
            Value(int64_t{150}));
  const Result<Rows> columns = Read(*connection, "DESCRIBE flights");
  ASSERT_TRUE(columns.has_value()) << columns.error().message;
  ASSERT_EQ(columns->rows.size(), 2u);
  EXPECT_EQ(columns->rows[0][0], Value(std::string("i")));
  EXPECT_EQ(columns->rows[0][1], Value(std::string("BIGINT")));
}

TEST(DuckdbFiles, GzippedTextAndFoldersByPartitionAreRead) {
  const TempDir dir;
  std::filesystem::create_directories(dir.Path("by/day=1"));
  std::filesystem::create_directories(dir.Path("by/day=2"));
  WriteParquet(dir.Path("by/day=1/x.parquet"), "SELECT 1 AS a");
  WriteParquet(dir.Path("by/day=2/x.parquet"), "SELECT 2 AS a");
  DuckdbWriter().Run("COPY (SELECT 7 AS n) TO '" + dir.Path("t.csv.gz") + "' (HEADER, COMPRESSION gzip)");
  const auto connection = OpenMemory({{"by", "by/**/*.parquet"}, {"t", "t.csv.gz"}}, dir.path());
  EXPECT_EQ(ReadValue(*connection, "SELECT sum(a * day)::BIGINT FROM \"by\""), Value(int64_t{5}));
  EXPECT_EQ(ReadValue(*connection, "SELECT n FROM t"), Value(int64_t{7}));
}

TEST(DuckdbFiles, ATableWithoutFilesFailsAloneAndSaysWhatItLookedFor) {
  const TempDir dir;
  dir.Write("here.csv", "a\n1\n");
  const auto connection =
      OpenMemory({{"gone", "gone-*.parquet"}, {"here", "here.csv"}, {"odd", "here.xlsx"}}, dir.path());
  const Error gone = ReadError(*connection, "SELECT count(*) FROM gone");
  EXPECT_EQ(gone.code, ErrorCode::kNotFound);
  EXPECT_NE(gone.message.find(dir.Path("gone-*.parquet")), std::string::npos) << gone.message;
  EXPECT_EQ(ReadError(*connection, "SELECT count(*) FROM odd").code, ErrorCode::kInvalid);
  EXPECT_EQ(ReadError(*connection, "SELECT count(*) FROM never_declared").code, ErrorCode::kNotFound);
  EXPECT_EQ(ReadValue(*connection, "SELECT count(*) FROM here"), Value(int64_t{1}));
}

TEST(DuckdbFiles, AFileRemovedSinceIsNotFound) {
  const TempDir dir;
  WriteParquet(dir.Path("f.parquet"), "SELECT 1 AS a");
  const auto connection = OpenMemory({{"f", "*.parquet"}}, dir.path());
  std::filesystem::remove(dir.Path("f.parquet"));
  const Error error = ReadError(*connection, "SELECT * FROM f");
  EXPECT_EQ(error.code, ErrorCode::kNotFound) << error.message;
  EXPECT_NE(error.message.find("f.parquet"), std::string::npos) << error.message;
}

TEST(DuckdbFiles, ACutParquetFileIsInvalidAndNamed) {
  const TempDir dir;
  WriteParquet(dir.Path("whole.parquet"), "SELECT i, i::VARCHAR AS s FROM range(100000) t(i)");
  std::filesystem::copy(dir.Path("whole.parquet"), dir.Path("cut.parquet"));
  std::filesystem::resize_file(dir.Path("cut.parquet"),
                               std::filesystem::file_size(dir.Path("cut.parquet")) / 2);
  dir.Write("tiny.parquet", "PAR1");
  dir.Write("empty.parquet", "");
  const auto connection = OpenMemory({{"cut", "cut.parquet"},
                                      {"whole", "whole.parquet"},
                                      {"tiny", "tiny.parquet"},
                                      {"empty", "empty.parquet"}},
                                     dir.path());
  for (const std::string name : {"cut", "tiny", "empty"}) {
    const Error error = ReadError(*connection, "SELECT count(*) FROM " + name);
    EXPECT_EQ(error.code, ErrorCode::kInvalid) << error.message;
    EXPECT_NE(error.message.find(name + ".parquet"), std::string::npos) << error.message;
  }
  EXPECT_EQ(ReadValue(*connection, "SELECT count(*) FROM whole"), Value(int64_t{100000}));
}

TEST(DuckdbFiles, AParquetFileDamagedInsideFailsOnlyWhereItIsRead) {
  const TempDir dir;
  WriteParquet(dir.Path("f.parquet"), "SELECT i AS id, md5(i::VARCHAR) AS noise FROM range(200000) t(i)");
  {
    std::fstream file(dir.Path("f.parquet"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(dir.Path("f.parquet")) / 2));
    file << std::string(5000, '\x55');
  }
  const auto connection = OpenMemory({{"f", "f.parquet"}}, dir.path());
  EXPECT_EQ(ReadValue(*connection, "SELECT count(*) FROM f"), Value(int64_t{200000}));
  EXPECT_FALSE(ReadError(*connection, "SELECT count(DISTINCT noise) FROM f").message.empty());
  EXPECT_EQ(ReadValue(*connection, "SELECT count(*) FROM f"), Value(int64_t{200000}));
}

TEST(DuckdbFiles, ABrokenTextFileIsNamedWithItsLineAndNeverQuoted) {
  const TempDir dir;
  std::string csv = "id,name\n";
  std::string json;
  for (int i = 0; i < 60000; ++i) {
    csv += std::to_string(i) + ",n\n";
    json += "{\"id\": " + std::to_string(i) + "}\n";
  }
  dir.Write("cell.csv", csv + "hunter2,n\n");
  dir.Write("width.csv", csv + "1,n,hunter2\n");
  dir.Write("cell.ndjson", json + "{\"id\": \"hunter2\"}\n");
  dir.Write("cut.ndjson", json + "{\"id\": hunter2");
  dir.Write("no.csv.gz", "hunter2");
  const struct {
    const char* table;
    const char* file;
    ErrorCode code;
  } cases[] = {{"cell", "cell.csv", ErrorCode::kData},
               {"width", "width.csv", ErrorCode::kInvalid},
               {"json", "cell.ndjson", ErrorCode::kData},
               {"cut", "cut.ndjson", ErrorCode::kInvalid},
               {"gz", "no.csv.gz", ErrorCode::kInvalid}};
  std::map<std::string, std::string> files;
  for (const auto& [table, file, code] : cases) files[table] = file;
  const auto connection = OpenMemory(files, dir.path());
  for (const auto& [table, file, code] : cases) {
    const Error error = ReadError(*connection, std::string("SELECT max(COLUMNS(*)) FROM ") + table);
    EXPECT_EQ(error.code, code) << error.message;
    EXPECT_NE(error.message.find(dir.Path(file)), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("hunter2"), std::string::npos) << error.message;
  }
}

// ---------- Database files

TEST(DuckdbFile, OpensReadOnlyAndSeesTablesAndViews) {
  const TempDir dir;
  {
    DuckdbWriter writer(dir.Path("w.duckdb"));
    writer.Run(
        "CREATE SCHEMA mart; CREATE TABLE mart.orders AS SELECT 1 AS id; CREATE VIEW v AS FROM mart.orders");
  }
  ConnectOptions options;
  options.url = "duckdb:w.duckdb";
  options.directory = dir.path();
  const auto first = Open(options);
  const auto second = Open(options);  // readers share
  EXPECT_EQ(ReadValue(*first, "SELECT id FROM mart.orders"), Value(int64_t{1}));
  EXPECT_EQ(ReadValue(*second, "SELECT count(*) FROM v"), Value(int64_t{1}));
}

TEST(DuckdbFile, WhatIsNoDatabaseIsSaid) {
  const TempDir dir;
  dir.Write("junk.duckdb", std::string(20000, 'x'));
  ConnectOptions options;
  options.directory = dir.path();
  options.url = "duckdb:absent.duckdb";
  Result<std::unique_ptr<Connection>> opened = ConnectDuckdb(options, {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kUnreachable);
  EXPECT_NE(opened.error().message.find("absent.duckdb"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(dir.Path("absent.duckdb")));
  options.url = "duckdb:junk.duckdb";
  opened = ConnectDuckdb(options, {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalid) << opened.error().message;
}

}  // namespace
}  // namespace amont
