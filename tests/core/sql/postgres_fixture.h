// A database of its own and a session in it for each test against PostgreSQL.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "core/sql/postgres.h"
#include "tests/testing/postgres.h"

namespace amont {

class Postgres : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    url_ = testing::PostgresServer::Get().CreateDatabase();
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

}  // namespace amont
