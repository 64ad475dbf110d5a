#include "server/store/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
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

Result<std::vector<int64_t>> NewIds(StoreSession& session, std::string_view table, size_t count) {
  std::vector<int64_t> ids;
  if (session.engine() != Engine::kSqlite) {
    const std::array<Value, 1> params = {static_cast<int64_t>(count)};
    AMONT_TRY(
        const auto rows,
        Collect(session,
                fmt::format("SELECT nextval('{}_id') FROM generate_series(1, CAST($1 AS BIGINT))", table),
                params));
    for (const auto& row : rows) ids.push_back(AsInteger(row.at(0)).value_or(0));
    return ids;
  }
  // One writer at a time: the greatest id stays so.
  AMONT_TRY(const auto rows, Collect(session, fmt::format("SELECT coalesce(max(id), 0) FROM {}", table), {}));
  const int64_t last = AsInteger(rows.at(0).at(0)).value_or(0);
  for (size_t i = 1; i <= count; ++i) ids.push_back(last + static_cast<int64_t>(i));
  return ids;
}

Result<void> EachOf(Connection& connection, const std::string& sql, std::span<const std::string> keys,
                    const RowSink& sink) {
  // Powers of two, so that few texts are prepared, each once; the last key may repeat.
  constexpr size_t kAtOnce = 128;
  const auto placeholders = [](size_t count) {
    std::string text = "($1";
    for (size_t i = 2; i <= count; ++i) text += fmt::format(", ${}", i);
    return text + ")";
  };
  while (!keys.empty()) {
    const size_t count = std::min(kAtOnce, std::bit_ceil(keys.size()));
    const auto some = keys.first(std::min(keys.size(), count));
    std::vector<Value> params(some.begin(), some.end());
    params.resize(count, some.back());
    AMONT_TRY_VOID(connection.Query(sql + placeholders(count), params, {}, {}, sink));
    keys = keys.subspan(some.size());
  }
  return {};
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

Result<std::vector<AcceptedFile>> ReadAcceptedFiles(Connection& connection) {
  AMONT_TRY(const auto rows,
            Collect(connection, "SELECT path, content, accepted FROM accepted_file ORDER BY path", {}));
  std::vector<AcceptedFile> files;
  for (const auto& row : rows) {
    files.push_back({TextOf(row[0]), TextOf(row[1]), Timestamp(Duration(AsInteger(row[2]).value_or(0)))});
  }
  return files;
}

Result<std::optional<Store::LastVerdict>> ReadLastVerdict(Connection& connection, const std::string& check) {
  const std::array<Value, 1> params = {check};
  // The sentence stands in the newest row of this status that has one.
  AMONT_TRY(
      const auto rows,
      Collect(
          connection,
          "SELECT status, at, (SELECT told.sentence FROM verdict AS told WHERE told.check_id = "
          "verdict.check_id AND told.sentence IS NOT NULL AND told.status = verdict.status AND told.run <= verdict.run "
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
