// The role amont connects as should be able to read and nothing else. PostgreSQL tells what else it may do.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "checks/plan/statement.h"

namespace amont {

// One row of booleans, one a power.
Statement RoleStatement();
// The powers that a monitoring role must not have: "is a superuser", "may run programs on the server", …
std::vector<std::string> DangerousPowers(const Rows& rows);

}  // namespace amont
