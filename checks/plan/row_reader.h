// RowReader: cells of a result by column name. A name that is not there reads as NULL. Views into `rows`,
// which must outlive it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "checks/plan/statement.h"

namespace amont {

class RowReader {
 public:
  RowReader(const Rows& rows, size_t row) : rows_(rows), cells_(rows.rows[row]) {}

  const Value& Cell(std::string_view column) const {
    static const Value kNull;
    const auto found = std::ranges::find(rows_.columns, column);
    const auto index = static_cast<size_t>(found - rows_.columns.begin());
    return index < cells_.size() ? cells_[index] : kNull;
  }
  std::string Text(std::string_view column) const {
    const Value& cell = Cell(column);
    const auto* text = std::get_if<std::string>(&cell);
    return text == nullptr ? StoredText(cell) : *text;
  }
  std::optional<int64_t> Integer(std::string_view column) const { return AsInteger(Cell(column)); }
  bool Flag(std::string_view column) const { return AsInteger(Cell(column)).value_or(0) != 0; }

 private:
  const Rows& rows_;
  const std::vector<Value>& cells_;
};

}  // namespace amont
