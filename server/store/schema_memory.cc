#include "server/store/schema_memory.h"

#include <array>
#include <string>
#include <vector>

#include "server/store/reading.h"

namespace amont {

namespace {

Result<void> ReplaceSchema(StoreSession& session, const Verdict& verdict, const std::string& state) {
  static const UpsertTarget kColumns = {"schema_column",
                                        {"check_id", "state", "position", "name", "type", "nullable"},
                                        {"check_id", "state", "position"}};
  static const UpsertTarget kStates = {"schema_state", {"check_id", "state", "since"}, {"check_id", "state"}};
  const std::array<Value, 2> key = {verdict.check->id, state};
  AMONT_TRY_VOID(session.Execute("DELETE FROM schema_column WHERE check_id = $1 AND state = $2", key));
  std::vector<std::vector<Value>> columns;
  for (const CatalogColumn& column : verdict.columns) {
    columns.push_back({verdict.check->id, state, static_cast<int64_t>(columns.size()), column.name,
                       column.type.text, int64_t{column.nullable ? 1 : 0}});
  }
  AMONT_TRY_VOID(session.Upsert(kColumns, columns));
  const std::vector<std::vector<Value>> since = {{verdict.check->id, state, Micros(verdict.at)}};
  return session.Upsert(kStates, since);
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

}  // namespace

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

}  // namespace amont
