#include "core/sql/upsert.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace amont {

namespace {

std::string QuotedName(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

std::string Listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + QuotedName(name);
  return list;
}

std::string Changes(const UpsertTarget& target) {
  if (target.keeps || !target.changes.empty()) return target.changes;
  std::string changes;
  for (const std::string& column : target.columns) {
    if (std::find(target.key.begin(), target.key.end(), column) != target.key.end()) continue;
    const std::string name = QuotedName(column);
    changes += (changes.empty() ? "" : ", ") + name + " = excluded." + name;
  }
  return changes;
}

}  // namespace

std::string UpsertSql(const UpsertTarget& target, size_t rows) {
  std::string sql = "INSERT INTO " + QuotedName(target.table) + " (" + Listed(target.columns) + ") VALUES ";
  size_t number = 0;
  for (size_t row = 0; row < rows; ++row) {
    sql += row > 0 ? ", (" : "(";
    for (size_t i = 0; i < target.columns.size(); ++i) {
      sql += (i > 0 ? ", $" : "$") + std::to_string(++number);
    }
    sql += ')';
  }
  const std::string changes = Changes(target);
  return sql + " ON CONFLICT (" + Listed(target.key) + ") DO " +
         (changes.empty() ? "NOTHING" : "UPDATE SET " + changes);
}

Result<void> CheckWidth(const UpsertTarget& target, std::span<const std::vector<Value>> rows) {
  for (const std::vector<Value>& row : rows) {
    if (row.size() != target.columns.size()) {
      return MakeError(ErrorCode::kInvalid, "a row of another width than the columns");
    }
  }
  return {};
}

}  // namespace amont
