#include "core/sql/postgres.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/core/sql/rows.h"
#include "tests/testing/postgres.h"

namespace amont {
namespace {

using namespace std::chrono_literals;
using testing::ExecuteSql;
using testing::PostgresServer;
using testing::Read;
using testing::ReadError;
using testing::ReadOne;

class Postgres : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    url_ = PostgresServer::Get().CreateDatabase();
    connection_ = Open(url_);
  }

  static std::unique_ptr<Connection> Open(const std::string& url) {
    ConnectOptions options;
    options.name = "warehouse";
    options.url = url;
    auto connection = ConnectPostgres(options, {});
    if (!connection) {
      ADD_FAILURE() << connection.error().message;
      return nullptr;
    }
    return std::move(*connection);
  }

  static bool Connects(const std::string& url, const std::string& password) {
    ConnectOptions options;
    options.url = url;
    options.password = password;
    return ConnectPostgres(options, {}).has_value();
  }

  // The database's own name, at the end of the URL's path.
  std::string Database() const {
    const size_t begin = url_.find("@/") + 2;
    return url_.substr(begin, url_.find('?') - begin);
  }

  std::string url_;
  std::unique_ptr<Connection> connection_;
};

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

// ---------- The fence

class Fence : public Postgres {
 protected:
  void SetUp() override {
    Postgres::SetUp();
    if (IsSkipped()) return;
    ExecuteSql(url_, "CREATE TABLE kept (a int); INSERT INTO kept VALUES (1); CREATE SEQUENCE counter;");
  }
  // Everything a statement might have changed.
  std::string State() const {
    return ExecuteSql(
        url_,
        "SELECT (SELECT string_agg(a::text, ',') FROM kept) || ' ' || (SELECT is_called FROM counter) ||"
        " ' ' || (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = "
        "'public'::regnamespace) ||"
        " ' ' || (SELECT count(*) FROM pg_largeobject_metadata)");
  }
};

TEST_F(Fence, RefusesEveryWrite) {
  const std::string before = State();
  ASSERT_EQ(before, "1 false 1 0");
  for (const bool foreign : {false, true}) {
    QueryLimits limits;
    limits.foreign_sql = foreign;
    for (const std::string sql : {
             "INSERT INTO kept VALUES (2)",
             "INSERT INTO kept VALUES (2) RETURNING a",
             "UPDATE kept SET a = 2",
             "DELETE FROM kept",
             "TRUNCATE kept",
             "DROP TABLE kept",
             "CREATE TABLE made (a int)",
             "SELECT 1 AS a INTO made",
             "WITH gone AS (DELETE FROM kept RETURNING a) SELECT * FROM gone",
             "SELECT nextval('counter')",
             "SELECT setval('counter', 9)",
             "SELECT 1; DROP TABLE kept",
             "ROLLBACK; DROP TABLE kept",
             "SELECT * FROM kept WHERE (SELECT set_config('transaction_read_only', 'off', false)) = 'off'",
             "SELECT set_config('default_transaction_read_only', 'off', false), nextval('counter')",
             "COPY kept FROM PROGRAM 'echo 2'",
             "COPY kept FROM STDIN",
             "SELECT * FROM kept FOR UPDATE",
             "EXPLAIN ANALYZE DELETE FROM kept",
             "DO $$ BEGIN DELETE FROM kept; END $$",
         }) {
      const auto connection = Open(url_);
      const auto read = Read(*connection, sql, {}, limits);
      EXPECT_FALSE(read) << sql;
      EXPECT_EQ(State(), before) << sql;
    }
  }
}

TEST_F(Fence, RollsBackWhatAReadOnlyTransactionAllows) {
  const std::string before = State();
  for (const std::string sql :
       {"SELECT lo_create(0)", "SELECT pg_notify('channel', 'text')", "LISTEN channel",
        "CREATE TEMP TABLE scratch (a int)", "LOCK TABLE kept IN ACCESS SHARE MODE"}) {
    Read(*connection_, sql).has_value();  // allowed or not
    EXPECT_EQ(State(), before) << sql;
    EXPECT_EQ(ReadOne(*connection_, "SELECT count(*) FROM pg_class WHERE relpersistence = 't'"), "0") << sql;
    EXPECT_EQ(ReadOne(*connection_, "SELECT count(*) FROM pg_listening_channels()"), "0") << sql;
  }
}

TEST_F(Fence, SurvivesStatementsThatEndTheTransaction) {
  const std::string before = State();
  for (const std::string sql : {"COMMIT", "ROLLBACK", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "END"}) {
    Read(*connection_, sql).has_value();  // allowed or not
    EXPECT_FALSE(Read(*connection_, "INSERT INTO kept VALUES (2)")) << sql;
    if (!connection_->healthy()) connection_ = Open(url_);
  }
  Read(*connection_, "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE").has_value();
  Read(*connection_, "SET TRANSACTION READ WRITE").has_value();
  EXPECT_FALSE(Read(*connection_, "INSERT INTO kept VALUES (2)"));
  EXPECT_EQ(State(), before);
}

TEST_F(Fence, RunsNothingOfAUsersThatGivesNoRows) {
  QueryLimits foreign;
  foreign.foreign_sql = true;
  const std::string file = "/tmp/amont-fence-" + std::to_string(PostgresServer::Get().port());
  for (const std::string& sql :
       {"COPY kept TO '" + file + "'", "COPY (SELECT 1) TO PROGRAM 'touch " + file + "'",
        std::string("COPY kept TO STDOUT"), std::string("SET statement_timeout = 0"),
        std::string("DO $$ BEGIN END $$"), std::string("COMMIT"), std::string(""),
        std::string("-- nothing")}) {
    const Error error = ReadError(*connection_, sql, {}, foreign);
    EXPECT_EQ(error.code, ErrorCode::kInvalid) << sql;
    EXPECT_EQ(error.message, "the statement is no query: it gives no rows") << sql;
    EXPECT_TRUE(connection_->healthy()) << sql;
  }
  EXPECT_EQ(ReadOne(*connection_, "SELECT pg_stat_file($1, true) IS NULL", {Text(file)}), "true");
}

TEST_F(Fence, EndsTheSessionOnAnUnexpectedCopy) {
  EXPECT_EQ(ReadError(*connection_, "COPY kept TO STDOUT").code, ErrorCode::kInvalid);
  EXPECT_FALSE(connection_->healthy());
}

TEST_F(Fence, LeavesRolesWithoutPrivilegesWithout) {
  ExecuteSql(url_, "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN");
  const auto connection = Open(PostgresServer::Get().Url(Database(), "reader"));
  const Error refused = ReadError(*connection, "SELECT * FROM kept");
  EXPECT_EQ(refused.code, ErrorCode::kPermission);
  EXPECT_EQ(refused.message, "permission denied for table kept");
  EXPECT_EQ(ReadError(*connection, "COPY (SELECT 1) TO PROGRAM 'cat'").code, ErrorCode::kPermission);
  EXPECT_EQ(ReadError(*connection, "SELECT pg_read_file('/etc/passwd')").code, ErrorCode::kPermission);
  const std::string other =
      ExecuteSql(url_, "SELECT pid FROM pg_stat_activity WHERE usename = 'amont' LIMIT 1");
  EXPECT_EQ(ReadError(*connection, "SELECT pg_terminate_backend(" + other + ")").code,
            ErrorCode::kPermission);
  EXPECT_TRUE(connection->healthy());
}

TEST_F(Fence, ForgetsWhatAUsersStatementLeftInTheSession) {
  QueryLimits foreign;
  foreign.foreign_sql = true;
  ExecuteSql(url_, "CREATE ROLE other_" + Database());
  for (const std::string& sql : {
           std::string("SELECT pg_advisory_lock(7)"),
           std::string("SELECT pg_try_advisory_lock(8)"),
           std::string("SELECT set_config('search_path', 'nowhere', false)"),
           std::string("SELECT set_config('statement_timeout', '1', false)"),
           "SELECT set_config('role', 'other_" + Database() + "', false)",
           std::string("SELECT set_config('my.own', 'x', false)"),
       }) {
    ASSERT_TRUE(Read(*connection_, sql, {}, foreign)) << sql;
  }
  EXPECT_TRUE(connection_->healthy());
  EXPECT_EQ(ReadOne(*connection_, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
  EXPECT_EQ(ReadOne(*connection_, "SELECT current_setting('search_path')"), "\"$user\", public");
  EXPECT_EQ(ReadOne(*connection_, "SELECT current_user"), "amont");
  EXPECT_EQ(ReadOne(*connection_, "SELECT coalesce(current_setting('my.own', true), '')"), "");
  EXPECT_EQ(ReadOne(*connection_, "SELECT count(*) FROM pg_prepared_statements"), "0");
  EXPECT_EQ(ExecuteSql(url_, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
}

TEST_F(Fence, HoldsNoTransactionBetweenStatements) {
  ASSERT_TRUE(Read(*connection_, "SELECT * FROM kept"));
  ASSERT_FALSE(Read(*connection_, "SELECT 1 / 0"));
  EXPECT_EQ(
      ExecuteSql(url_,
                 "SELECT string_agg(state || coalesce(backend_xmin::text, ''), ',') FROM pg_stat_activity"
                 " WHERE datname = current_database() AND pid <> pg_backend_pid()"),
      "idle");
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
  EXPECT_EQ(result.error().message, "more than 1,000 rows");
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
  EXPECT_EQ(error.message, "more than 100,000 bytes");
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

// ---------- Connecting

TEST_F(Postgres, SaysThatAPasswordIsWrongWithoutRepeatingIt) {
  ExecuteSql(url_, "DROP ROLE IF EXISTS guarded; CREATE ROLE guarded LOGIN PASSWORD 'right'");
  ExecuteSql(url_,
             "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; sed -i \"1i local all guarded scram-sha-256\" " +
                 ExecuteSql(url_, "SHOW hba_file") + "'; SELECT pg_reload_conf()");
  const std::string url = PostgresServer::Get().Url(Database(), "guarded");
  while (PQping(url.c_str()) != PQPING_OK || Connects(url, ""))
    std::this_thread::yield();  // until it has reloaded

  EXPECT_TRUE(Connects(url, "right"));
  std::string with_password = url;
  with_password.insert(url.find('@'), ":wr0ng");
  for (const auto& [tried, password] : {std::pair(url, "wr0ng"), std::pair(with_password, "")}) {
    ConnectOptions options;
    options.name = "warehouse";
    options.url = tried;
    options.password = password;
    const auto connection = ConnectPostgres(options, {});
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().code, ErrorCode::kPermission);
    EXPECT_EQ(connection.error().message,
              "cannot connect to warehouse: password authentication failed for user \"guarded\"");
  }
}

TEST_F(Postgres, SaysThatADatabaseIsNotThere) {
  ConnectOptions options;
  options.name = "warehouse";
  options.url = PostgresServer::Get().Url("no_such_database");
  const auto connection = ConnectPostgres(options, {});
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, ErrorCode::kUnreachable);
  EXPECT_EQ(connection.error().message,
            "cannot connect to warehouse: database \"no_such_database\" does not exist");
}

TEST_F(Postgres, SaysThatARoleMayNotConnect) {
  ConnectOptions options;
  options.name = "warehouse";
  options.url = PostgresServer::Get().TcpUrl("postgres", "nobody_here");
  const auto connection = ConnectPostgres(options, {});
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, ErrorCode::kPermission);
  EXPECT_EQ(connection.error().message, "cannot connect to warehouse: role \"nobody_here\" does not exist");
}

TEST(PostgresConnect, SaysThatNobodyListens) {
  ConnectOptions options;
  options.name = "warehouse";
  options.url = "postgresql://amont:s3cret@127.0.0.1:1/w";
  const auto connection = ConnectPostgres(options, {});
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, ErrorCode::kUnreachable);
  EXPECT_EQ(connection.error().message,
            "cannot connect to warehouse: connection to server at \"127.0.0.1\", port 1 failed: Connection "
            "refused");
}

TEST(PostgresConnect, RefusesAWrongUrl) {
  for (const std::string url :
       {"postgresql://db:port:x/w", "postgresql://db/w?nonsense=s3cret", "postgresql://%zs3cret@db"}) {
    ConnectOptions options;
    options.name = "warehouse";
    options.url = url;
    const auto connection = ConnectPostgres(options, {});
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().message.find("s3cret"), std::string::npos) << connection.error().message;
  }
}

}  // namespace
}  // namespace amont
