// A statement's lineage as text: JSON as docs/lineage-sql.md describes it, and a form for people. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lineage/sql/statement.h"

namespace amont {

// The file it stands in is left out where it is empty.
std::string SqlStatementJson(const SqlStatement& statement, std::string_view file = {});  // on one line
std::string SqlStatementText(const SqlStatement& statement, std::string_view file = {});

}  // namespace amont
