// Reading a whole result in a test.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "core/sql/connection.h"

namespace amont::testing {

struct Rows {
  std::vector<ResultColumn> columns;
  std::vector<std::vector<Value>> rows;
};

inline Result<Rows> Read(Connection& connection, const std::string& sql,
                         const std::vector<Value>& params = {}, const QueryLimits& limits = {},
                         std::stop_token stop = {}) {
  Rows read;
  AMONT_TRY(read.columns, connection.Query(sql, params, limits, std::move(stop),
                                           [&](std::span<const Value> row) -> Result<void> {
                                             read.rows.emplace_back(row.begin(), row.end());
                                             return {};
                                           }));
  return read;
}

// The only cell of a result, as its stored text; an error fails the test and is returned as its message.
inline std::string ReadOne(Connection& connection, const std::string& sql,
                           const std::vector<Value>& params = {}) {
  const Result<Rows> read = Read(connection, sql, params);
  if (!read) {
    ADD_FAILURE() << sql << ": " << read.error().message;
    return read.error().message;
  }
  if (read->rows.size() != 1 || read->rows[0].size() != 1) {
    ADD_FAILURE() << sql << " gave " << read->rows.size() << " rows";
    return "";
  }
  return StoredText(read->rows[0][0]);
}

// The same as a value, so that its kind shows.
inline Value ReadValue(Connection& connection, const std::string& sql,
                       const std::vector<Value>& params = {}) {
  const Result<Rows> read = Read(connection, sql, params);
  if (!read) {
    ADD_FAILURE() << sql << ": " << read.error().message;
    return read.error().message;
  }
  if (read->rows.size() != 1 || read->rows[0].size() != 1) {
    ADD_FAILURE() << sql << " gave " << read->rows.size() << " rows";
    return {};
  }
  return read->rows[0][0];
}

// The code of a statement's error; kInternal, and a failed test, where it succeeds.
inline Error ReadError(Connection& connection, const std::string& sql, const std::vector<Value>& params = {},
                       const QueryLimits& limits = {}) {
  const Result<Rows> read = Read(connection, sql, params, limits);
  if (read) {
    ADD_FAILURE() << sql << " succeeded";
    return {};
  }
  return read.error();
}

}  // namespace amont::testing
