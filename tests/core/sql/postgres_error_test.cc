#include "core/sql/postgres_error.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace amont {
namespace {

TEST(PostgresErrorCode, SaysWhatARunMayDoNext) {
  const std::vector<std::pair<std::string_view, ErrorCode>> cases = {
      {"22012", ErrorCode::kData},         // division by zero
      {"22P02", ErrorCode::kData},         // invalid input syntax
      {"21000", ErrorCode::kData},         // a sub-select gave two rows
      {"42703", ErrorCode::kData},         // no such column
      {"42804", ErrorCode::kData},         // types differ
      {"42883", ErrorCode::kData},         // no such function or operator
      {"P0001", ErrorCode::kData},         // RAISE in a function
      {"42601", ErrorCode::kInvalid},      // syntax
      {"25006", ErrorCode::kPermission},   // writes in a read-only transaction
      {"08P01", ErrorCode::kInvalid},      // the wrong number of parameters
      {"42P01", ErrorCode::kNotFound},     // no such table
      {"3F000", ErrorCode::kNotFound},     // no such schema
      {"42501", ErrorCode::kPermission},   // no privilege
      {"28P01", ErrorCode::kPermission},   // wrong password
      {"57014", ErrorCode::kTimeout},      // statement_timeout
      {"55P03", ErrorCode::kTimeout},      // lock_timeout
      {"57P01", ErrorCode::kUnreachable},  // terminated
      {"08006", ErrorCode::kUnreachable},  // connection failure
      {"53300", ErrorCode::kUnreachable},  // too many connections
      {"", ErrorCode::kUnreachable},       // libpq's own: the connection is gone
      {"40001", ErrorCode::kBusy},         // a standby's recovery got in the way
      {"0A000", ErrorCode::kUnsupported}, {"XX000", ErrorCode::kInternal},
  };
  for (const auto& [sqlstate, code] : cases) EXPECT_EQ(PostgresErrorCode(sqlstate), code) << sqlstate;
}

TEST(PostgresError, KeepsTheNamesOfAMistakenStatement) {
  const Error error = PostgresError("42703", "column \"amuont\" does not exist", true);
  EXPECT_EQ(error.message, "column \"amuont\" does not exist");
  EXPECT_EQ(error.sqlstate, "42703");
  EXPECT_EQ(PostgresError("42501", "permission denied for table orders").message,
            "permission denied for table orders");
}

TEST(PostgresError, CutsANameThatStandsNowhereInTheStatement) {
  EXPECT_EQ(PostgresError("42P01", "relation \"marker\" does not exist").message,
            "relation \"…\" does not exist");  // 'marker'::regclass
  EXPECT_EQ(PostgresError("42601", "syntax error in tsquery: \"marker &\"").message,
            "syntax error in tsquery: \"…\"");
  EXPECT_EQ(PostgresError("3F000", "schema \"marker\" does not exist").message,
            "schema \"…\" does not exist");
}

TEST(PostgresError, CutsEveryQuotedValue) {
  EXPECT_EQ(PostgresError("22P02", "invalid input syntax for type integer: \"marker\"").message,
            "invalid input syntax for type integer: \"…\"");
  EXPECT_EQ(PostgresError("22003", "value \"9999999999\" is out of range for type integer").message,
            "value \"…\" is out of range for type integer");
}

TEST(PostgresError, CutsValuesThatHoldQuotesAndLines) {
  EXPECT_EQ(PostgresError("22P02", "invalid input syntax for type integer: \"a\"marker\"b\nmarker\"").message,
            "invalid input syntax for type integer: \"…\"");
  EXPECT_EQ(PostgresError("22P02", "syntaxe en entrée invalide pour le type integer : « marker »").message,
            "syntaxe en entrée invalide pour le type integer : \"…\"");
  EXPECT_EQ(PostgresError("22P02", "cut short: \"marker").message, "cut short: \"…\"");
}

TEST(PostgresError, ShowsNothingOfWhatAFunctionRaised) {
  EXPECT_EQ(PostgresError("P0001", "customer marker is unknown").message,
            "a function of the database raised an error");
}

TEST(PostgresError, StandsOnOneLine) {
  EXPECT_EQ(PostgresError("42601", "syntax error\n\tat or near \"selec\"\n", true).message,
            "syntax error at or near \"selec\"");
}

TEST(PostgresConnectError, FindsTheStateInTheWords) {
  const Error error = PostgresConnectError(
      "connection to server at \"::1\", port 5432 failed: Connection refused\n"
      "\tIs the server running on that host and accepting TCP/IP connections?\n"
      "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password authentication "
      "failed for "
      "user \"amont\"\nLOCATION:  auth_failed, auth.c:330\n");
  EXPECT_EQ(error.code, ErrorCode::kPermission);
  EXPECT_EQ(error.sqlstate, "28P01");
  EXPECT_EQ(error.message, "password authentication failed for user \"amont\"");
}

TEST(PostgresConnectError, IsUnreachableOtherwise) {
  const Error refused = PostgresConnectError(
      "connection to server at \"db\", port 1 failed: Connection refused\n\tIs the server running?");
  EXPECT_EQ(refused.code, ErrorCode::kUnreachable);
  EXPECT_EQ(refused.message, "connection to server at \"db\", port 1 failed: Connection refused");
  EXPECT_EQ(PostgresConnectError("x: FATAL:  3D000: database \"y\" does not exist").code,
            ErrorCode::kUnreachable);
  EXPECT_EQ(PostgresConnectError("").code, ErrorCode::kUnreachable);
}

}  // namespace
}  // namespace amont
