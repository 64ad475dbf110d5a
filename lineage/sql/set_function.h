// The columns that a function of PostgreSQL's own gives in FROM, where they have names of their own:
// json_each(…) gives key and value. Empty: a single column, called as the function or its alias. Pure.
#pragma once

#include <string_view>
#include <vector>

namespace amont {

std::vector<std::string_view> SetFunctionColumns(std::string_view function);

}  // namespace amont
