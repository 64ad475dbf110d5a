// A statement's lineage as text: JSON as docs/lineage-sql.md describes it, and a form for people. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/json.h"
#include "lineage/sql/statement.h"

namespace amont {

// The file it stands in is left out where it is empty.
void WriteJson(const SqlStatement& statement, std::string_view file, JsonWriter& json);
std::string SqlStatementJson(const SqlStatement& statement, std::string_view file = {});  // on one line
std::string SqlStatementText(const SqlStatement& statement, std::string_view file = {});

}  // namespace amont
