#include "server/store/reading.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>

namespace amont {

Result<std::vector<std::vector<Value>>> Collect(Connection& connection, const std::string& sql,
                                                std::span<const Value> params) {
  std::vector<std::vector<Value>> rows;
  AMONT_TRY_VOID(connection.Query(sql, params, {}, {}, [&](std::span<const Value> row) {
    rows.emplace_back(row.begin(), row.end());
    return Result<void>();
  }));
  return rows;
}

std::string TextOf(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

std::vector<std::string> PastIds(const Check& check) {
  std::vector<std::string> ids = {check.id};
  ids.insert(ids.end(), check.was.begin(), check.was.end());
  const std::string prefix = check.table->name.Full();
  for (const std::string& was : check.table->was) {
    const auto name = ParseTableName(was, check.table->name.source);
    if (name && check.id.starts_with(prefix)) ids.push_back(name->Full() + check.id.substr(prefix.size()));
  }
  return ids;
}

std::string DeclarationOf(const Check& check) {
  const Measure& measure = check.measure;
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", ToText(measure.metric),
                     measure.per ? ToText(*measure.per) : "", measure.where, measure.group_by,
                     measure.window ? measure.window->column : "", check.table->scope);
}

Result<std::vector<TableName>> ReadKnownTables(Connection& connection, const std::string& source) {
  const std::array<Value, 1> params = {source};
  AMONT_TRY(const auto rows, Collect(connection,
                                     "SELECT schema_name, table_name FROM known_table WHERE source = $1 "
                                     "ORDER BY schema_name, table_name",
                                     params));
  std::vector<TableName> tables;
  for (const auto& row : rows) tables.push_back({source, TextOf(row[0]), TextOf(row[1])});
  return tables;
}

Result<std::set<std::string>> ReadApart(Connection& connection, std::span<const CheckPtr> checks) {
  AMONT_TRY(const auto rows, Collect(connection, "SELECT check_id, declaration FROM apart", {}));
  std::map<std::string, std::string> remembered;
  for (const auto& row : rows) remembered[TextOf(row[0])] = TextOf(row[1]);
  std::set<std::string> apart;
  for (const CheckPtr& check : checks) {
    const auto it = remembered.find(check->id);
    if (it != remembered.end() && it->second == DeclarationOf(*check)) apart.insert(check->id);
  }
  return apart;
}

Result<std::optional<Store::LastVerdict>> ReadLastVerdict(Connection& connection, const std::string& check) {
  const std::array<Value, 1> params = {check};
  // The sentence stands in the newest row that has one: the later ones have the same status.
  AMONT_TRY(
      const auto rows,
      Collect(connection,
              "SELECT status, at, (SELECT told.sentence FROM verdict AS told WHERE told.check_id = "
              "verdict.check_id AND told.sentence IS NOT NULL AND told.run <= verdict.run "
              "ORDER BY told.run DESC LIMIT 1) FROM verdict WHERE check_id = $1 ORDER BY run DESC LIMIT 1",
              params));
  if (rows.empty()) return std::optional<Store::LastVerdict>();
  Store::LastVerdict last;
  last.status = ParseStatus(TextOf(rows[0][0])).value_or(Status::kError);
  last.at = Timestamp(Duration(AsInteger(rows[0][1]).value_or(0)));
  last.sentence = TextOf(rows[0][2]);
  return std::optional<Store::LastVerdict>(std::move(last));
}

}  // namespace amont
