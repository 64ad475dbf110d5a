// Recording one verdict: the verdict itself, the points it adds to histories, the schema it saw.

#include <array>

#include "server/store/sql_store.h"

namespace amont {

namespace {

int64_t Micros(Timestamp at) { return at.time_since_epoch().count(); }

// Rules about columns have no values worth a history.
bool AddsPoints(const Verdict& verdict) {
  const Expectation& expectation = verdict.check->expectation;
  return verdict.status != Status::kError && !verdict.reused && verdict.proof.empty() &&
         !std::holds_alternative<Exists>(expectation) && !std::holds_alternative<ColumnsMatch>(expectation) &&
         !std::holds_alternative<NoDrift>(expectation);
}

Result<int64_t> SeriesOf(StoreSession& session, const std::string& check, const std::string& group) {
  const std::array<Value, 2> params = {check, group};
  AMONT_TRY(auto rows,
            Collect(session, "SELECT id FROM series WHERE check_id = $1 AND group_name = $2", params));
  if (!rows.empty()) return AsInteger(rows[0][0]).value_or(0);
  AMONT_TRY(rows, Collect(session, "SELECT coalesce(max(id), 0) + 1 FROM series", {}));
  const int64_t id = AsInteger(rows.at(0).at(0)).value_or(1);
  const std::array<Value, 3> row = {id, check, group};
  AMONT_TRY_VOID(session.Execute("INSERT INTO series (id, check_id, group_name) VALUES ($1, $2, $3)", row));
  return id;
}

Result<void> AddPoint(StoreSession& session, const Verdict& verdict, const std::string& group, const Value& value,
                      Status status) {
  if (IsNull(value)) return {};
  AMONT_TRY(const int64_t series, SeriesOf(session, verdict.check->id, group));
  const Timestamp at = verdict.window_to.value_or(verdict.at);
  const std::array<Value, 8> params = {series,
                                       Micros(at),
                                       std::string(KindName(value)),
                                       StoredText(value),
                                       std::string(ToString(status)),
                                       verdict.mark.empty() ? Value() : Value(verdict.mark),
                                       int64_t{verdict.window_to ? 1 : 0},
                                       Micros(verdict.at)};
  // A second measurement of a closed window is its late recount.
  AMONT_TRY_VOID(session.Execute(
      "INSERT INTO point (series, at, kind, value, status, mark, windowed, measured, first_measured, accepted) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, 0) ON CONFLICT (series, at) DO UPDATE SET kind = excluded.kind, "
      "value = excluded.value, status = excluded.status, mark = excluded.mark, measured = point.measured + 1",
      params));
  return {};
}

Result<void> ReplaceSchema(StoreSession& session, const Verdict& verdict, const std::string& state) {
  const std::array<Value, 2> key = {verdict.check->id, state};
  AMONT_TRY_VOID(session.Execute("DELETE FROM schema_column WHERE check_id = $1 AND state = $2", key));
  int64_t position = 0;
  for (const CatalogColumn& column : verdict.columns) {
    const std::array<Value, 6> row = {verdict.check->id, state, position++,
                                      column.name,       column.type.text, int64_t{column.nullable ? 1 : 0}};
    AMONT_TRY_VOID(session.Execute("INSERT INTO schema_column (check_id, state, position, name, type, nullable) "
                                   "VALUES ($1, $2, $3, $4, $5, $6)",
                                   row));
  }
  const std::array<Value, 3> since = {verdict.check->id, state, Micros(verdict.at)};
  AMONT_TRY_VOID(session.Execute("INSERT INTO schema_state (check_id, state, since) VALUES ($1, $2, $3) "
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
    if (rows[i] != std::vector<Value>{column.name, column.type.text, int64_t{column.nullable ? 1 : 0}}) return false;
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

}  // namespace

Result<void> RecordVerdict(StoreSession& session, RunId run, const Verdict& verdict) {
  // The sentence only where the status changed: a check that fails for a month says so once.
  const std::array<Value, 5> params = {verdict.check->id, run, Micros(verdict.at),
                                       std::string(ToString(verdict.status)), verdict.sentence};
  AMONT_TRY_VOID(session.Execute(
      "INSERT INTO verdict (check_id, run, at, status, sentence) VALUES ($1, $2, $3, $4, CASE WHEN (SELECT last.status "
      "FROM verdict AS last WHERE last.check_id = $1 ORDER BY last.run DESC LIMIT 1) = $4 THEN NULL ELSE $5 END) "
      "ON CONFLICT (check_id, run) DO NOTHING",
      params));
  if (std::holds_alternative<NoDrift>(verdict.check->expectation) && verdict.status != Status::kError) {
    return RecordSchema(session, verdict);
  }
  if (!AddsPoints(verdict)) return {};
  if (verdict.groups.empty()) return AddPoint(session, verdict, "", verdict.observed, verdict.status);
  for (const GroupVerdict& group : verdict.groups) {
    AMONT_TRY_VOID(AddPoint(session, verdict, group.group, group.observed, group.status));
  }
  return {};
}

}  // namespace amont
