// Values, parameters, settings, limits and errors of statements on a real PostgreSQL.
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "tests/core/sql/postgres_fixture.h"
#include "tests/core/sql/rows.h"

namespace amont {
namespace {

using namespace std::chrono_literals;
using testing::ExecuteSql;
using testing::Read;
using testing::ReadError;
using testing::ReadOne;

// ---------- Types

struct TypeCase {
  std::string sql;
  Value value;
  std::string type;
};

Value Text(std::string text) { return text; }

const Timestamp kAt = Timestamp(std::chrono::sys_days(2001y / 6 / 30)) + 23h + 59min + 1500us;

TEST_F(Postgres, ReadsEveryTypeAsItsKind) {
  const std::vector<TypeCase> cases = {
      {"true", true, "boolean"},
      {"'-32768'::int2", int64_t{-32768}, "smallint"},
      {"42", int64_t{42}, "integer"},
      {"9223372036854775807", std::numeric_limits<int64_t>::max(), "bigint"},
      {"'-9223372036854775808'::int8", std::numeric_limits<int64_t>::min(), "bigint"},
      {"4294967295::oid", int64_t{4294967295}, "oid"},
      {"0.1::float4", 0.1, "real"},
      {"0.1::float8", 0.1, "double precision"},
      {"5e-324::float8", 5e-324, "double precision"},
      {"'-Infinity'::float8", -std::numeric_limits<double>::infinity(), "double precision"},
      {"-12.50", Decimal{"-12.50"}, "numeric"},
      {"'NaN'::numeric", Decimal{"NaN"}, "numeric"},
      {"2::numeric ^ 100", Decimal{"1267650600228229401496703205376.0000000000000000"}, "numeric"},
      {"timestamptz '2001-07-01 01:59:00.0015+02'", kAt, "timestamp with time zone"},
      {"timestamptz '1883-01-01 00:00:00 Europe/Paris'",
       Timestamp(std::chrono::sys_days(1882y / 12 / 31)) + 23h + 50min + 39s, "timestamp with time zone"},
      {"timestamp '2001-06-30 23:59:00.0015'", LocalTime(kAt.time_since_epoch()),
       "timestamp without time zone"},
      {"date '1969-12-31'", Date(1969y / 12 / 31), "date"},
      {"date '0001-01-01'", Date(1y / 1 / 1), "date"},
      {"'infinity'::timestamptz", Text("infinity"), "timestamp with time zone"},
      {"'-infinity'::timestamp", Text("-infinity"), "timestamp without time zone"},
      {"'infinity'::date", Text("infinity"), "date"},
      {"date '0044-03-15 BC'", Text("0044-03-15 BC"), "date"},
      {"timestamp '0044-03-15 01:02:03 BC'", Text("0044-03-15 01:02:03 BC"), "timestamp without time zone"},
      {"timestamptz '294276-12-31 00:00:00+00'", Text("294276-12-31 00:00:00+00"),
       "timestamp with time zone"},
      {"date '5874897-12-31'", Text("5874897-12-31"), "date"},
      {"'it''s \"so\" 🦆'", Text("it's \"so\" 🦆"), "text"},
      {"''", Text(""), "text"},
      {"interval '1 day 2 hours'", Text("1 day 02:00:00"), "interval"},
      {"'{\"a\": 1}'::jsonb", Text("{\"a\": 1}"), "jsonb"},
      {"ARRAY['a','b']", Text("{a,b}"), "text[]"},
      {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", Text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), "uuid"},
      {"NULL::int4", Value(), "integer"},
      {"point(1,2)", Text("(1,2)"), "type 600"},
  };
  for (const TypeCase& expected : cases) {
    const auto read = Read(*connection_, "SELECT " + expected.sql + " AS answer");
    ASSERT_TRUE(read) << expected.sql << ": " << read.error().message;
    ASSERT_EQ(read->rows.size(), 1u);
    EXPECT_EQ(read->rows[0][0], expected.value)
        << expected.sql << " came as " << KindName(read->rows[0][0]) << " " << StoredText(read->rows[0][0]);
    EXPECT_EQ(read->columns[0].name, "answer");
    EXPECT_EQ(read->columns[0].type, expected.type);
  }
}

TEST_F(Postgres, ReadsNotANumber) {
  const auto read = Read(*connection_, "SELECT 'NaN'::float8");
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::isnan(std::get<double>(read->rows[0][0])));
}

TEST_F(Postgres, ReadsTimesAlikeWhateverTheRolePrefers) {
  ExecuteSql(url_, "ALTER DATABASE " + Database() + " SET TimeZone = 'Asia/Tokyo'; ALTER DATABASE " +
                       Database() + " SET DateStyle = 'German, DMY'; ALTER DATABASE " + Database() +
                       " SET extra_float_digits = -5; ALTER DATABASE " + Database() +
                       " SET IntervalStyle = 'sql_standard'; ALTER DATABASE " + Database() +
                       " SET standard_conforming_strings = off");
  const auto connection = Open(url_);
  const auto read =
      Read(*connection,
           R"(SELECT timestamptz '2001-06-30 23:59:00.0015+00', date '2001-06-30', 0.1::float8 + 0.2,
                                   interval '1 day', 'a\nb')");
  ASSERT_TRUE(read) << read.error().message;
  const std::vector<Value> expected = {kAt, Date(2001y / 6 / 30), 0.1 + 0.2, Text("1 day"), Text("a\\nb")};
  EXPECT_EQ(read->rows[0], expected);
}

TEST_F(Postgres, TakesParametersOfEveryKind) {
  const LocalTime local = LocalTime(kAt.time_since_epoch());
  const std::vector<std::pair<Value, std::string>> cases = {
      {true, "boolean"},
      {int64_t{-7}, "bigint"},
      {0.1, "double precision"},
      {Decimal{"12.50"}, "numeric"},
      {kAt, "timestamp with time zone"},
      {local, "timestamp without time zone"},
      {Date(2001y / 6 / 30), "date"},
      {Text("it's \"so\" 🦆"), "text"},
      {Value(), "text"},
  };
  for (const auto& [value, type] : cases) {
    const auto read = Read(*connection_, "SELECT $1", {value});
    ASSERT_TRUE(read) << type << ": " << read.error().message;
    EXPECT_EQ(read->rows[0][0], value) << type;
    EXPECT_EQ(read->columns[0].type, type);
  }
}

TEST_F(Postgres, LetsTheStatementTypeTextsAndNulls) {
  EXPECT_EQ(ReadOne(*connection_, "SELECT $1 + 1", {Text("41")}), "42");
  EXPECT_EQ(ReadOne(*connection_, "SELECT count(*) FROM pg_class WHERE oid = $1", {Text("1259")}), "1");
  EXPECT_EQ(ReadOne(*connection_, "SELECT coalesce($1, 7)", {Value()}), "7");
}

TEST_F(Postgres, TakesAnArrayAsItsLiteral) {
  EXPECT_EQ(ReadOne(*connection_, "SELECT string_agg(name, '+') FROM unnest($1::text[]) AS name",
                    {Text(R"({mart,"Order \"Lines\"",NULL,"a,b"})")}),
            "mart+Order \"Lines\"+a,b");
}

TEST_F(Postgres, RefusesAZeroByteAndTooManyParameters) {
  EXPECT_EQ(ReadError(*connection_, "SELECT $1", {Text(std::string("a\0b", 3))}).code, ErrorCode::kInvalid);
  EXPECT_EQ(ReadError(*connection_, std::string("SELECT 1\0;", 10)).code, ErrorCode::kInvalid);
  EXPECT_EQ(ReadError(*connection_, "SELECT 1", std::vector<Value>(70'000, int64_t{1})).code,
            ErrorCode::kInvalid);
  EXPECT_EQ(ReadError(*connection_, "SELECT $2::int", {int64_t{1}}).code, ErrorCode::kInvalid);
  EXPECT_TRUE(connection_->healthy());
}

// ---------- Settings, limits, errors

TEST_F(Postgres, CallsTheSessionAfterTheCheck) {
  QueryLimits limits;
  limits.label = "mart.orders/null_ratio";
  const auto read = Read(*connection_, "SELECT current_setting('application_name')", {}, limits);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->rows[0][0], Text("amont/mart.orders/null_ratio"));
  EXPECT_EQ(ReadOne(*connection_, "SELECT current_setting('application_name')"), "amont");
}

TEST_F(Postgres, TellsTheServerTheTimeouts) {
  QueryLimits limits;
  limits.timeout = 1500ms;
  const auto read =
      Read(*connection_, "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')", {},
           limits);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->rows[0][0], Text("1500ms"));
  EXPECT_EQ(read->rows[0][1], Text("5s"));
}

TEST_F(Postgres, EndsAtTheStatementTimeoutAndGoesOn) {
  QueryLimits limits;
  limits.timeout = 20ms;
  const Error error = ReadError(*connection_, "SELECT pg_sleep(100)", {}, limits);
  EXPECT_EQ(error.code, ErrorCode::kTimeout);
  EXPECT_EQ(error.sqlstate, "57014");
  EXPECT_TRUE(connection_->healthy());
  EXPECT_EQ(ReadOne(*connection_, "SELECT 1"), "1");
}

TEST_F(Postgres, GivesUpALockThatIsHeld) {
  ExecuteSql(url_, "CREATE TABLE held (a int)");
  const std::unique_ptr<PGconn, decltype(&PQfinish)> holder(PQconnectdb(url_.c_str()), &PQfinish);
  PQclear(PQexec(holder.get(), "BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE"));

  ConnectOptions options;
  options.url = url_;
  options.lock_timeout = 20ms;
  const auto connection = ConnectPostgres(options, {});
  ASSERT_TRUE(connection);
  const Error error = ReadError(**connection, "SELECT * FROM held");
  EXPECT_EQ(error.code, ErrorCode::kTimeout);
  EXPECT_EQ(error.sqlstate, "55P03");
  EXPECT_TRUE((*connection)->healthy());
}

TEST_F(Postgres, StopsAtTheRowLimit) {
  QueryLimits limits;
  limits.rows_max = 1000;
  ASSERT_TRUE(Read(*connection_, "SELECT generate_series(1, 1000)", {}, limits));
  EXPECT_TRUE(connection_->healthy());
  int64_t seen = 0;
  const auto result = connection_->Query("SELECT generate_series(1, 1000000000)", {}, limits, {},
                                         [&](std::span<const Value>) -> Result<void> {
                                           ++seen;
                                           return {};
                                         });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kLimit);
  EXPECT_EQ(result.error().message, "the statement returned more than 1000 rows");
  EXPECT_EQ(seen, 1000);
  EXPECT_FALSE(connection_->healthy()) << "the server is still sending";
}

TEST_F(Postgres, StopsAtTheByteLimit) {
  QueryLimits limits;
  limits.bytes_max = 100'000;
  ASSERT_TRUE(Read(*connection_, "SELECT repeat('x', 1000) FROM generate_series(1, 100)", {}, limits));
  const Error error =
      ReadError(*connection_, "SELECT repeat('x', 1000), generate_series(1, 1000000000)", {}, limits);
  EXPECT_EQ(error.code, ErrorCode::kLimit);
  EXPECT_EQ(error.message, "the statement returned more than 100000 bytes");
}

TEST_F(Postgres, MapsErrorsToWhatTheRunActsOn) {
  ExecuteSql(url_, "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'marker')");
  const std::vector<std::pair<std::string, ErrorCode>> cases = {
      {"SELECT * FROM nowhere", ErrorCode::kNotFound},
      {"SELECT * FROM no_schema.t", ErrorCode::kNotFound},
      {"SELECT c FROM t", ErrorCode::kData},
      {"SELECT 1 / (a - 1) FROM t", ErrorCode::kData},
      {"SELECT b::int FROM t", ErrorCode::kData},
      {"SELECT a || b + 1 FROM t", ErrorCode::kData},
      {"SELECT no_function(a) FROM t", ErrorCode::kData},
      {"SELEC 1", ErrorCode::kInvalid},
      {"SELECT b::regclass FROM t", ErrorCode::kNotFound},
      {"SELECT to_tsquery(b || ' & &') FROM t", ErrorCode::kInvalid},
      {"SELECT (SELECT generate_series(1, 2))", ErrorCode::kData},
  };
  for (const auto& [sql, code] : cases) {
    const Error error = ReadError(*connection_, sql);
    EXPECT_EQ(error.code, code) << sql << ": " << error.message;
    EXPECT_EQ(error.sqlstate.size(), 5u) << sql;
    EXPECT_EQ(error.message.find("marker"), std::string::npos) << error.message;
    EXPECT_TRUE(connection_->healthy()) << sql;
  }
}

}  // namespace
}  // namespace amont
