#include "core/sql/duckdb_error.h"

#include <gtest/gtest.h>

#include "core/sql/duckdb_files.h"

namespace amont {
namespace {

struct Case {
  const char* message;
  ErrorCode code;
  const char* text;
};

const Case kCases[] = {
    {"Parser Error: syntax error at or near \"SELEC\"\n\nLINE 1: SELEC 1\n        ^", ErrorCode::kInvalid,
     "Parser error: syntax error at or near \"SELEC\""},
    {"Binder Error: Referenced column \"nocol\" not found in FROM clause!\nCandidate bindings: \"range\"",
     ErrorCode::kData, "Binder error: Referenced column \"nocol\" not found in FROM clause!"},
    {"Catalog Error: Table with name notable does not exist!\nDid you mean \"pg_tables\"?",
     ErrorCode::kNotFound, "Catalog error: Table with name notable does not exist!"},
    {"Catalog Error: Scalar Function with name nofunc does not exist!", ErrorCode::kData,
     "Catalog error: Scalar Function with name nofunc does not exist!"},
    {"Conversion Error: Could not convert string 'hunter2' to INT32\n\nLINE 1: …", ErrorCode::kData,
     "Conversion error: Could not convert string … to INT32"},
    {"Conversion Error: Could not convert string 'it's 'her' secret' to INT32", ErrorCode::kData,
     "Conversion error: Could not convert string … to INT32"},
    {"Conversion Error: invalid date field format: \"x y\", expected format is (YYYY-MM-DD)",
     ErrorCode::kData, "Conversion error: invalid date field format: …, expected format is (YYYY-MM-DD)"},
    {"Conversion Error: Could not convert string 'two\nlines' to INT32", ErrorCode::kData,
     "Conversion error: Could not convert string …"},
    {"Out of Range Error: Overflow in addition of INT64 (9223372036854775807 + 1)!", ErrorCode::kData,
     "Out of Range error: Overflow in addition of INT64 (… + …)!"},
    {"Conversion Error: Type DOUBLE with value -12.5 can't be cast because the value is out of range for "
     "the "
     "destination type INT8",
     ErrorCode::kData, "Conversion error: Type DOUBLE with value … can…"},
    {"Invalid Input Error: Could not parse string \"secret\" according to format specifier "
     "\"%Y\"\nsecret\n^",
     ErrorCode::kData, "Invalid Input error: Could not parse string …"},
    {"Invalid Input Error: missing ): hunter2(", ErrorCode::kData, "Invalid Input error: missing ): …"},
    {"Invalid Input Error: hunter2", ErrorCode::kData, "Invalid Input error: a function refused a value"},
    {"Invalid Input Error: no hunter2: 'x'", ErrorCode::kData,
     "Invalid Input error: a function refused a value"},
    {"Permission Error: Cannot access file \"/etc/passwd\" - file system operations are disabled by "
     "configuration",
     ErrorCode::kPermission,
     "Permission error: Cannot access file \"/etc/passwd\" - file system operations are disabled by "
     "configuration"},
    {"IO Error: No files found that match the pattern \"/x/*.parquet\"", ErrorCode::kNotFound,
     "IO error: No files found that match the pattern \"/x/*.parquet\""},
    {"Out of Memory Error: failed to allocate data of size 256.0 KiB (953.6 MiB/953.6 MiB used)",
     ErrorCode::kLimit,
     "Out of Memory error: failed to allocate data of size 256.0 KiB (953.6 MiB/953.6 MiB used)"},
    {"TransactionContext Error: Cannot write to database \"w\" - transaction is launched in read-only mode",
     ErrorCode::kPermission,
     "TransactionContext error: Cannot write to database \"w\" - transaction is launched in read-only "
     "mode"},
    {"Invalid Input Error: Cannot execute statement of type \"SELECT\" on database \"w\" which is attached "
     "in "
     "read-only mode!",
     ErrorCode::kPermission,
     "Invalid Input error: Cannot execute statement of type … which is attached in read-only mode!"},
    {"Invalid Input Error: No magic bytes found at end of file '/d/cut.parquet'", ErrorCode::kInvalid,
     "a file is cut short or damaged: No magic bytes found at end of file '/d/cut.parquet'"},
    {"Invalid Input Error: File '/d/t.parquet' too small to be a Parquet file\n\nLINE 1: …",
     ErrorCode::kInvalid,
     "a file is cut short or damaged: File '/d/t.parquet' too small to be a Parquet file"},
    {"IO Error: Input is not a GZIP stream: /d/t.csv.gz", ErrorCode::kInvalid,
     "a file is cut short or damaged: Input is not a GZIP stream: /d/t.csv.gz"},
    {"Conversion Error: Could not convert string 'No magic bytes found in hunter2' to INT32",
     ErrorCode::kData, "Conversion error: Could not convert string … to INT32"},
    {"Conversion Error: CSV Error on Line: 30002\nOriginal Line: hunter2,bob\nError when converting column "
     "\"id\". Could "
     "not convert string \"hunter2\" to 'BIGINT'\n\nadvice\n\n  file = /d/big.csv\n  delimiter = ,\n",
     ErrorCode::kData, "CSV error on line 30002 of /d/big.csv: column `id` does not convert to its type"},
    {"Invalid Input Error: CSV Error on Line: 7\nOriginal Line: 1,2,hunter2\nExpected Number of Columns: 2 "
     "Found: "
     "3\nadvice\n  file = /d/c.csv\n  x = y\n",
     ErrorCode::kInvalid, "CSV error on line 7 of /d/c.csv: it has another number of columns"},
    {"Invalid Input Error: CSV Error on Line: 7\nOriginal Line: hunter2\nsomething new hunter2\n\n  file = "
     "/d/c.csv\n",
     ErrorCode::kInvalid, "CSV error on line 7 of /d/c.csv"},
    {"Invalid Input Error: Malformed JSON in file \"/d/b.ndjson\", at byte 8 in line 60002: unexpected "
     "character. ",
     ErrorCode::kInvalid, "Malformed JSON in file \"/d/b.ndjson\", at byte 8 in line 60002"},
    {"Invalid Input Error: JSON transform error in file \"/d/t.ndjson\", in line 60001: Failed to cast "
     "value to "
     "numerical: \"hunter2\"\nTry increasing",
     ErrorCode::kData,
     "JSON transform error in file \"/d/t.ndjson\", in line 60001: a value does not convert to its "
     "column's type"},
    {"INTERNAL Error: Attempted to dereference 'x'", ErrorCode::kInternal,
     "INTERNAL error: Attempted to dereference …"},
    {"", ErrorCode::kInternal, "DuckDB error: no reason given"},
    {"something without a class", ErrorCode::kInternal, "DuckDB error: something without a class"},
};

TEST(DuckdbError, ClassDecidesTheCodeAndValuesAreLeftOut) {
  for (const Case& c : kCases) {
    const Error error = DuckdbStatementError(c.message);
    EXPECT_EQ(error.code, c.code) << c.message;
    EXPECT_EQ(error.message, c.text);
    EXPECT_EQ(error.sqlstate, "");
  }
}

TEST(DuckdbError, ALockedFileNamesItsHolder) {
  const Error error =
      DuckdbOpenError("/d/w.duckdb",
                      "IO Error: Could not set lock on file \"/d/w.duckdb\": Conflicting lock is held in "
                      "/usr/bin/python3.11 (PID 1234) "
                      "by user root. See also https://duckdb.org/docs/stable/connect/concurrency");
  EXPECT_EQ(error.code, ErrorCode::kBusy);
  EXPECT_EQ(error.message, "/d/w.duckdb is in use by pid 1234");
}

TEST(DuckdbReader, IsChosenByTheEndingOfTheGlob) {
  const struct {
    const char* glob;
    const char* reader;
  } cases[] = {
      {"d/f-*.parquet", "read_parquet"},
      {"d/F.PARQUET", "read_parquet"},
      {"a.csv", "read_csv"},
      {"a.tsv.gz", "read_csv"},
      {"a/**/x.json", "read_json_auto"},
      {"a.ndjson", "read_ndjson_auto"},
      {"a.jsonl.zst", "read_ndjson_auto"},
      {"a.parquet.gz", ""},
      {"a.xlsx", ""},
      {"data/*", ""},
      {".csv", ""},
      {"", ""},
      {"a.gz", ""},
  };
  for (const auto& [glob, reader] : cases) {
    const Result<std::string_view> chosen = DuckdbReaderOf(glob);
    EXPECT_EQ(chosen.value_or(""), reader) << glob;
    EXPECT_TRUE(chosen.has_value() || chosen.error().code == ErrorCode::kInvalid);
  }
}

}  // namespace
}  // namespace amont
