// What statements may not do to a database, nor leave in a session.
#include <gtest/gtest.h>

#include <string>

#include "tests/core/sql/postgres_fixture.h"
#include "tests/core/sql/rows.h"

namespace amont {
namespace {

using testing::ExecuteSql;
using testing::PostgresServer;
using testing::Read;
using testing::ReadError;
using testing::ReadOne;

Value Text(std::string text) { return text; }

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
    EXPECT_EQ(error.code, ErrorCode::kPermission) << sql;
    EXPECT_EQ(error.message, "only a query may be run here: this gives no rows") << sql;
    EXPECT_TRUE(connection_->healthy()) << sql;
  }
  EXPECT_EQ(ReadOne(*connection_, "SELECT pg_stat_file($1, true) IS NULL", {Text(file)}), "true");
}

TEST_F(Fence, EndsTheSessionOnAnUnexpectedCopy) {
  EXPECT_EQ(ReadError(*connection_, "COPY kept TO STDOUT").code, ErrorCode::kPermission);
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
      ExecuteSql(
          url_,
          "SELECT string_agg(DISTINCT state || coalesce(backend_xmin::text, ''), ',') FROM pg_stat_activity"
          " WHERE datname = current_database() AND pid <> pg_backend_pid()"),
      "idle");
}

}  // namespace
}  // namespace amont
