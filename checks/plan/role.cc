#include "checks/plan/role.h"

#include <array>
#include <string_view>
#include <utility>

namespace amont {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kPowers = {{
    {"superuser", "is a superuser"},
    {"creates_roles", "may create roles"},
    {"write_files", "may write files on the server (pg_write_server_files)"},
    {"run_programs", "may run programs on the server (pg_execute_server_program)"},
    {"write_data", "may write all data (pg_write_all_data)"},
    {"read_files", "may read files on the server (pg_read_server_files)"},
}};

}  // namespace

Statement RoleStatement() {
  Statement statement;
  statement.cls = StatementClass::kCatalog;
  statement.sql =
      "SELECT rolsuper AS superuser, rolcreaterole AS creates_roles, "
      "pg_has_role(current_user, 'pg_write_server_files', 'USAGE') AS write_files, "
      "pg_has_role(current_user, 'pg_execute_server_program', 'USAGE') AS run_programs, "
      "pg_has_role(current_user, 'pg_write_all_data', 'USAGE') AS write_data, "
      "pg_has_role(current_user, 'pg_read_server_files', 'USAGE') AS read_files "
      "FROM pg_roles WHERE rolname = current_user";
  return statement;
}

std::vector<std::string> DangerousPowers(const Rows& rows) {
  std::vector<std::string> powers;
  if (rows.rows.empty()) return powers;
  for (size_t i = 0; i < rows.columns.size() && i < rows.rows.front().size(); ++i) {
    if (rows.rows.front()[i] != Value(true)) continue;
    for (const auto& [column, sentence] : kPowers) {
      if (rows.columns[i] != column) continue;
      powers.emplace_back(sentence);
      if (column == "superuser") return powers;  // that says the rest
    }
  }
  return powers;
}

}  // namespace amont
