#include <fmt/format.h>

#include <algorithm>

#include "checks/group_name.h"
#include "checks/plan/passes.h"
#include "checks/plan/sql_text.h"

namespace amont {
namespace {

std::string SelectList(const Statement& statement, const Dialect& dialect) {
  std::vector<std::string> list;
  bool times = false;
  for (const Slot& slot : statement.slots) {
    list.push_back(slot.alias.empty() ? slot.expression : slot.expression + " AS " + slot.alias);
    times |= slot.is_time;
  }
  if (times) list.push_back(dialect.Now() + " AS now");
  return Join(list, ",\n       ");
}

std::string FromAndWhere(const Statement& statement, const std::string& and_also = {}) {
  std::string sql;
  if (!statement.from.empty()) sql += "\nFROM " + statement.from;
  if (const std::string where = AllOf({statement.where, and_also}); !where.empty()) sql += "\nWHERE " + where;
  return sql;
}

// The largest groups keep their name; the rest is measured together, whatever the metric.
std::string GroupSql(const Statement& statement, const Dialect& dialect) {
  const std::string& group = statement.group_by;
  // A value that reads like one of our own names is put in quotes.
  const std::string text = dialect.AsText(group);
  const std::string name =
      fmt::format("CASE WHEN trim({0}, '''') IN ('{1}', '{2}') THEN '''' || {0} || '''' ELSE {0} END", text,
                  kNullGroup, kOtherGroup);
  std::vector<std::string> named;
  for (const std::string& value : statement.named_groups) named.push_back(QuoteText(value));
  const std::string also = named.empty() ? "" : fmt::format(" OR {} IN ({})", text, Join(named, ", "));
  const std::string top =
      fmt::format("amont_top AS (\nSELECT {} AS k{}\nGROUP BY 1\nORDER BY count(*) DESC, 1\nLIMIT {}\n)",
                  group, FromAndWhere(statement, group + " IS NOT NULL"), statement.groups_max);
  return fmt::format(
      "{0}SELECT CASE WHEN {1} IS NULL THEN '{6}' WHEN {1} IN (SELECT k FROM amont_top){2} THEN {3}"
      " ELSE '{7}' END AS grp,\n       {4}{5}\nGROUP BY 1\nORDER BY count(*) DESC, 1",
      With({statement.with, top}), group, also, name, SelectList(statement, dialect), FromAndWhere(statement),
      kNullGroup, kOtherGroup);
}

}  // namespace

void Render(Statement& statement, const Dialect& dialect) {
  if (!statement.group_by.empty()) {
    statement.sql = GroupSql(statement, dialect);
    return;
  }
  statement.sql =
      With({statement.with}) + "SELECT " + SelectList(statement, dialect) + FromAndWhere(statement);
  const bool one_value = std::ranges::any_of(statement.slots, &std::string::empty, &Slot::alias);
  if (one_value) statement.sql += "\nLIMIT 2";  // enough to see that it gives more than one row
}

}  // namespace amont
