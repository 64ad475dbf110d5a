#include "tests/testing/postgres.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

namespace amont::testing {
namespace {

TEST(PostgresServer, GivesEachTestADatabaseOfItsOwn) {
  AMONT_NEEDS_POSTGRES();
  const std::string first = PostgresServer::Get().CreateDatabase();
  const std::string second = PostgresServer::Get().CreateDatabase();
  ExecuteSql(first, "CREATE TABLE t (a int); INSERT INTO t VALUES (7)");
  EXPECT_EQ(ExecuteSql(first, "SELECT a FROM t"), "7");
  EXPECT_EQ(ExecuteSql(second, "SELECT to_regclass('t') IS NULL"), "t");
}

TEST(PostgresServer, AnswersThroughTcpAndOtherRoles) {
  AMONT_NEEDS_POSTGRES();
  PostgresServer& server = PostgresServer::Get();
  ExecuteSql(server.Url("postgres"), "CREATE ROLE reader LOGIN");
  EXPECT_EQ(ExecuteSql(server.TcpUrl("postgres", "reader"), "SELECT current_user"), "reader");
  EXPECT_EQ(ExecuteSql(server.Url("postgres", "reader"), "SELECT current_user"), "reader");
}

TEST(PostgresServer, AnErrorInAScriptFailsTheTest) {
  AMONT_NEEDS_POSTGRES();
  const std::string url = PostgresServer::Get().CreateDatabase();
  EXPECT_NONFATAL_FAILURE(ExecuteSql(url, "SELECT 1/0"), "division by zero");
}

}  // namespace
}  // namespace amont::testing
