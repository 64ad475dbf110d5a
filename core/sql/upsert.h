// The text of INSERT … VALUES … ON CONFLICT … DO UPDATE, which SQLite and PostgreSQL share. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "core/sql/connection.h"

namespace amont {

// For `rows` rows of parameters, numbered row by row.
std::string UpsertSql(const UpsertTarget& target, size_t rows);
// kInvalid where a row is not as wide as the columns.
Result<void> CheckWidth(const UpsertTarget& target, std::span<const std::vector<Value>> rows);

}  // namespace amont
