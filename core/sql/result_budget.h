// ResultBudget: counts the rows and bytes of one result against the statement's limits. One thread.
#pragma once

#include <span>
#include <string>

#include "core/sql/connection.h"

namespace amont {

class ResultBudget {
 public:
  explicit ResultBudget(const QueryLimits& limits) : limits_(limits) {}

  // kLimit from the first row that is too much.
  Result<void> Spend(std::span<const Value> row) {
    if (++rows_ > limits_.rows_max) {
      return MakeError(ErrorCode::kLimit,
                       "the statement returned more than " + std::to_string(limits_.rows_max) + " rows");
    }
    for (const Value& value : row) bytes_ += BytesOf(value);
    if (bytes_ > limits_.bytes_max) {
      return MakeError(ErrorCode::kLimit,
                       "the statement returned more than " + std::to_string(limits_.bytes_max) + " bytes");
    }
    return {};
  }

 private:
  static int64_t BytesOf(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return static_cast<int64_t>(text->size());
    if (const auto* decimal = std::get_if<Decimal>(&value)) return static_cast<int64_t>(decimal->text.size());
    return 8;
  }

  const QueryLimits limits_;
  int64_t rows_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace amont
