// A whole result at once, for tests: Connection streams rows, tests want to look at all of them.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/sql/connection.h"

namespace amont::testing {

using Row = std::vector<Value>;

struct Answer {
  std::vector<ResultColumn> columns;
  std::vector<Row> rows;
};

inline Result<Answer> Ask(Connection& connection, const std::string& sql,
                          const std::vector<Value>& params = {}, const QueryLimits& limits = {},
                          std::stop_token stop = {}) {
  Answer answer;
  Result<std::vector<ResultColumn>> columns =
      connection.Query(sql, params, limits, std::move(stop), [&](std::span<const Value> row) -> Result<void> {
        answer.rows.emplace_back(row.begin(), row.end());
        return {};
      });
  if (!columns) return columns.error();
  answer.columns = std::move(*columns);
  return answer;
}

// The only cell of the only row; an error's or a mistake's text otherwise, which no expected value equals.
inline Value AskOne(Connection& connection, const std::string& sql, const std::vector<Value>& params = {}) {
  const Result<Answer> answer = Ask(connection, sql, params);
  if (!answer) return "error: " + answer.error().message;
  if (answer->rows.size() != 1 || answer->rows[0].size() != 1) return std::string("not one cell");
  return answer->rows[0][0];
}

// The error of a statement that must fail; kInternal "succeeded" where it did not.
inline Error AskError(Connection& connection, const std::string& sql, const std::vector<Value>& params = {}) {
  const Result<Answer> answer = Ask(connection, sql, params);
  return answer ? MakeError(ErrorCode::kInternal, "succeeded") : answer.error();
}

}  // namespace amont::testing
