// Recording one table: its verdicts, the points they add to histories, the schema they saw.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "server/store/reading.h"
#include "server/store/sql_store.h"

namespace amont {

namespace {

// Rules about columns have no values worth a history.
bool AddsPoints(const Verdict& verdict) {
  const Expectation& expectation = verdict.check->expectation;
  return verdict.status != Status::kError && !verdict.reused && verdict.proof.empty() &&
         !std::holds_alternative<Exists>(expectation) && !std::holds_alternative<ColumnsMatch>(expectation) &&
         !std::holds_alternative<NoDrift>(expectation);
}

Result<void> AddSeries(StoreSession& session, const std::string& check, const std::string& group) {
  const std::array<Value, 2> params = {check, group};
  AMONT_TRY_VOID(
      session.Execute("INSERT INTO series (id, check_id, group_name) SELECT coalesce(max(id), 0) + 1, "
                      "CAST($1 AS TEXT), CAST($2 AS TEXT) FROM series",
                      params));
  return {};
}

Result<void> AddPoint(StoreSession& session, const Verdict& verdict, const std::string& group,
                      const Value& value, Status status) {
  if (IsNull(value)) return {};
  const Timestamp at = verdict.window_to.value_or(verdict.at);
  const std::array<Value, 9> params = {verdict.check->id,
                                       group,
                                       Micros(at),
                                       std::string(KindName(value)),
                                       StoredText(value),
                                       std::string(ToString(status)),
                                       verdict.mark.empty() ? Value() : Value(verdict.mark),
                                       int64_t{verdict.window_to ? 1 : 0},
                                       Micros(verdict.at)};
  // A second measurement of a closed window is its late recount.
  const std::string insert =
      "INSERT INTO point (series, at, kind, value, status, mark, windowed, measured, first_measured, "
      "accepted) "
      "SELECT id, CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS "
      "TEXT), "
      "CAST($8 AS BIGINT), 1, CAST($9 AS BIGINT), 0 FROM series WHERE check_id = $1 AND group_name = $2 "
      "ON CONFLICT (series, at) DO UPDATE SET kind = excluded.kind, value = excluded.value, status = "
      "excluded.status, "
      "mark = excluded.mark, windowed = excluded.windowed, measured = point.measured + 1";
  AMONT_TRY(const int64_t added, session.Execute(insert, params));
  if (added > 0) return {};
  AMONT_TRY_VOID(AddSeries(session, verdict.check->id, group));  // its first point
  AMONT_TRY_VOID(session.Execute(insert, params));
  return {};
}

Result<void> ReplaceSchema(StoreSession& session, const Verdict& verdict, const std::string& state) {
  const std::array<Value, 2> key = {verdict.check->id, state};
  AMONT_TRY_VOID(session.Execute("DELETE FROM schema_column WHERE check_id = $1 AND state = $2", key));
  int64_t position = 0;
  for (const CatalogColumn& column : verdict.columns) {
    const std::array<Value, 6> row = {verdict.check->id, state,
                                      position++,        column.name,
                                      column.type.text,  int64_t{column.nullable ? 1 : 0}};
    AMONT_TRY_VOID(
        session.Execute("INSERT INTO schema_column (check_id, state, position, name, type, nullable) "
                        "VALUES ($1, $2, $3, $4, $5, $6)",
                        row));
  }
  const std::array<Value, 3> since = {verdict.check->id, state, Micros(verdict.at)};
  AMONT_TRY_VOID(
      session.Execute("INSERT INTO schema_state (check_id, state, since) VALUES ($1, $2, $3) "
                      "ON CONFLICT (check_id, state) DO UPDATE SET since = excluded.since",
                      since));
  return {};
}

Result<bool> PendingIs(StoreSession& session, const Verdict& verdict) {
  const std::array<Value, 1> params = {verdict.check->id};
  AMONT_TRY(const auto rows, Collect(session,
                                     "SELECT name, type, nullable FROM schema_column WHERE check_id = $1 AND "
                                     "state = 'pending' ORDER BY position",
                                     params));
  if (rows.size() != verdict.columns.size()) return false;
  for (size_t i = 0; i < rows.size(); ++i) {
    const CatalogColumn& column = verdict.columns[i];
    if (rows[i] != std::vector<Value>{column.name, column.type.text, int64_t{column.nullable ? 1 : 0}})
      return false;
  }
  return true;
}

Result<void> RecordSchema(StoreSession& session, const Verdict& verdict) {
  const bool drifted = verdict.status == Status::kWarn || verdict.status == Status::kFail;
  if (drifted) {
    // The pending schema keeps its first sight as long as it stays the same.
    AMONT_TRY(const bool same, PendingIs(session, verdict));
    return same ? Result<void>() : ReplaceSchema(session, verdict, "pending");
  }
  if (verdict.accept_schema) AMONT_TRY_VOID(ReplaceSchema(session, verdict, "accepted"));
  const std::array<Value, 1> params = {verdict.check->id};
  for (const std::string_view table : {"schema_state", "schema_column"}) {
    AMONT_TRY_VOID(session.Execute(
        "DELETE FROM " + std::string(table) + " WHERE check_id = $1 AND state = 'pending'", params));
  }
  return {};
}

// A rename moves everything that stands under an old id, where the new one has nothing yet.
Result<void> FollowRenames(StoreSession& session, const Check& check) {
  const std::vector<std::string> ids = PastIds(check);
  for (size_t i = 1; i < ids.size(); ++i) {
    const std::array<Value, 1> old = {ids[i]};
    AMONT_TRY(
        const auto found,
        Collect(session,
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM verdict WHERE check_id = $1) OR EXISTS "
                "(SELECT 1 FROM series WHERE check_id = $1) OR EXISTS (SELECT 1 FROM schema_state WHERE "
                "check_id = $1)",
                old));
    if (found.empty()) continue;  // moved by an earlier run
    const std::array<Value, 2> params = {check.id, ids[i]};
    for (const std::string_view table :
         {"series", "verdict", "schema_state", "schema_column", "acceptance", "apart"}) {
      AMONT_TRY_VOID(
          session.Execute(fmt::format("UPDATE {0} SET check_id = $1 WHERE check_id = $2 AND NOT EXISTS "
                                      "(SELECT 1 FROM {0} AS present WHERE present.check_id = $1)",
                                      table),
                          params));
    }
  }
  return {};
}

Result<void> RecordVerdict(StoreSession& session, RunId run, const Verdict& verdict) {
  // The sentence only where the status changed: a check that fails for a month says so once.
  const std::array<Value, 5> params = {verdict.check->id, run, Micros(verdict.at),
                                       std::string(ToString(verdict.status)), verdict.sentence};
  AMONT_TRY_VOID(
      session.Execute("INSERT INTO verdict (check_id, run, at, status, sentence) VALUES ($1, $2, $3, $4, "
                      "CASE WHEN (SELECT last.status "
                      "FROM verdict AS last WHERE last.check_id = $1 ORDER BY last.run DESC LIMIT 1) = $4 "
                      "THEN NULL ELSE $5 END) "
                      "ON CONFLICT (check_id, run) DO NOTHING",
                      params));
  if (std::holds_alternative<NoDrift>(verdict.check->expectation) && verdict.status != Status::kError) {
    return RecordSchema(session, verdict);
  }
  if (!AddsPoints(verdict)) return {};
  if (verdict.groups.empty()) return AddPoint(session, verdict, "", verdict.observed, verdict.status);
  for (const GroupVerdict& group : verdict.groups) {
    // A group that could not be judged has no value worth remembering.
    if (group.status == Status::kError) continue;
    AMONT_TRY_VOID(AddPoint(session, verdict, group.group, group.observed, group.status));
  }
  return {};
}

Result<void> RecordApart(StoreSession& session, const Check& check) {
  const std::array<Value, 2> params = {check.id, DeclarationOf(check)};
  AMONT_TRY_VOID(
      session.Execute("INSERT INTO apart (check_id, declaration) VALUES ($1, $2) "
                      "ON CONFLICT (check_id) DO UPDATE SET declaration = excluded.declaration",
                      params));
  return {};
}

// Remembers a table that a wildcard matched; not one that is only remembered still and not there any more,
// which somebody may be letting go of right now.
Result<void> RecordKnown(StoreSession& session, const Conclusion& table) {
  const bool gone = std::any_of(table.verdicts.begin(), table.verdicts.end(), [](const Verdict& verdict) {
    return std::holds_alternative<Exists>(verdict.check->expectation) && verdict.status != Status::kPass;
  });
  if (!table.matched || table.table->is_pattern || gone) return {};
  const TableName& name = table.table->name;
  const std::array<Value, 3> params = {name.source, name.schema, name.table};
  AMONT_TRY_VOID(
      session.Execute("INSERT INTO known_table (source, schema_name, table_name) VALUES ($1, $2, $3) "
                      "ON CONFLICT (source, schema_name, table_name) DO NOTHING",
                      params));
  return {};
}

}  // namespace

Result<void> RecordTable(StoreSession& session, RunId run, const Conclusion& table) {
  for (const Verdict& verdict : table.verdicts) {
    AMONT_TRY_VOID(FollowRenames(session, *verdict.check));
    AMONT_TRY_VOID(RecordVerdict(session, run, verdict));
    const bool guilty =
        std::find(table.apart.begin(), table.apart.end(), verdict.check->id) != table.apart.end();
    if (guilty) AMONT_TRY_VOID(RecordApart(session, *verdict.check));
  }
  return RecordKnown(session, table);
}

}  // namespace amont
