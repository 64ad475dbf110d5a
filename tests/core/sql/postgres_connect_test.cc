// What stands in the way of a session, in words and codes.
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <string>
#include <thread>
#include <utility>

#include "tests/core/sql/postgres_fixture.h"
#include "tests/core/sql/rows.h"

namespace amont {
namespace {

using testing::ExecuteSql;
using testing::PostgresServer;

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
