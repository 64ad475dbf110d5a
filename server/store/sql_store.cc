#include "server/store/sql_store.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "server/store/schema.h"

namespace amont {

namespace {

std::string Text(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

int64_t Micros(Timestamp at) { return at.time_since_epoch().count(); }

// What a slot is planned apart for: it stands until one of these changes.
std::string DeclarationOf(const Check& check) {
  return fmt::format("{}\n{}\n{}", ToText(check.measure.metric), check.measure.where, check.table->scope);
}

// A rename moves everything that stands under the old id, where the new one has nothing yet.
Result<void> FollowRenames(StoreSession& session, const Check& check) {
  const std::vector<std::string> ids = PastIds(check);
  for (size_t i = 1; i < ids.size(); ++i) {
    const std::array<Value, 2> params = {check.id, ids[i]};
    for (const std::string_view table : {"series", "verdict", "schema_state", "schema_column", "acceptance"}) {
      AMONT_TRY_VOID(session.Execute(
          fmt::format("UPDATE {0} SET check_id = $1 WHERE check_id = $2 AND NOT EXISTS "
                      "(SELECT 1 FROM {0} AS present WHERE present.check_id = $1)",
                      table),
          params));
    }
  }
  return {};
}

Result<void> RecordTable(StoreSession& session, RunId run, const Conclusion& table) {
  for (const Verdict& verdict : table.verdicts) {
    AMONT_TRY_VOID(FollowRenames(session, *verdict.check));
    AMONT_TRY_VOID(RecordVerdict(session, run, verdict));
    for (const std::string& guilty : table.apart) {
      if (guilty != verdict.check->id) continue;
      const std::array<Value, 2> params = {guilty, DeclarationOf(*verdict.check)};
      AMONT_TRY_VOID(session.Execute("INSERT INTO apart (check_id, declaration) VALUES ($1, $2) "
                                     "ON CONFLICT (check_id) DO UPDATE SET declaration = excluded.declaration",
                                     params));
    }
  }
  if (table.matched && !table.table->is_pattern) {
    const TableName& name = table.table->name;
    const std::array<Value, 3> params = {name.source, name.schema, name.table};
    AMONT_TRY_VOID(session.Execute("INSERT INTO known_table (source, schema_name, table_name) VALUES ($1, $2, $3) "
                                   "ON CONFLICT (source, schema_name, table_name) DO NOTHING",
                                   params));
  }
  return {};
}

Result<void> RecordAcceptance(StoreSession& session, const Store::Acceptance& acceptance) {
  const std::array<Value, 3> params = {acceptance.check, Micros(acceptance.at), acceptance.note};
  AMONT_TRY_VOID(session.Execute("INSERT INTO acceptance (check_id, at, note) VALUES ($1, $2, $3) "
                                 "ON CONFLICT (check_id, at) DO UPDATE SET note = excluded.note",
                                 params));
  return {};
}

}  // namespace

Result<std::vector<std::vector<Value>>> Collect(Connection& session, const std::string& sql,
                                                std::span<const Value> params) {
  std::vector<std::vector<Value>> rows;
  AMONT_TRY_VOID(session.Query(sql, params, {}, {}, [&](std::span<const Value> row) {
    rows.emplace_back(row.begin(), row.end());
    return Result<void>();
  }));
  return rows;
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

Result<void> SqlStore::Write(const std::function<Result<void>(StoreSession&)>& write) {
  return session_.With([&](std::unique_ptr<StoreSession>& session) -> Result<void> {
    AMONT_TRY_VOID(session->BeginWrite());
    Result<void> done = write(*session);
    if (done) done = session->Commit();
    if (!done) session->Rollback();
    return done;
  });
}

Result<std::vector<History>> SqlStore::ReadHistory(std::span<const CheckPtr> checks, Timestamp now) {
  return session_.With([&](std::unique_ptr<StoreSession>& session) -> Result<std::vector<History>> {
    std::vector<History> histories;
    histories.reserve(checks.size());
    for (const CheckPtr& check : checks) {
      AMONT_TRY(History history, ReadCheckHistory(*session, *check, now));
      histories.push_back(std::move(history));
    }
    return histories;
  });
}

Result<std::vector<TableName>> SqlStore::ReadKnownTables(const std::string& source) {
  return session_.With([&](std::unique_ptr<StoreSession>& session) -> Result<std::vector<TableName>> {
    const std::array<Value, 1> params = {source};
    AMONT_TRY(const auto rows, Collect(*session,
                                       "SELECT schema_name, table_name FROM known_table WHERE source = $1 "
                                       "ORDER BY schema_name, table_name",
                                       params));
    std::vector<TableName> tables;
    for (const auto& row : rows) tables.push_back({source, Text(row[0]), Text(row[1])});
    return tables;
  });
}

Result<std::set<std::string>> SqlStore::ReadApart(std::span<const CheckPtr> checks) {
  return session_.With([&](std::unique_ptr<StoreSession>& session) -> Result<std::set<std::string>> {
    AMONT_TRY(const auto rows, Collect(*session, "SELECT check_id, declaration FROM apart", {}));
    std::map<std::string, std::string> remembered;
    for (const auto& row : rows) remembered[Text(row[0])] = Text(row[1]);
    std::set<std::string> apart;
    for (const CheckPtr& check : checks) {
      const auto it = remembered.find(check->id);
      if (it != remembered.end() && it->second == DeclarationOf(*check)) apart.insert(check->id);
    }
    return apart;
  });
}

Result<RunId> SqlStore::ClaimRun(const RunClaim& claim) {
  RunId id = 0;
  AMONT_TRY_VOID(Write([&](StoreSession& session) -> Result<void> {
    AMONT_TRY(const auto rows, Collect(session, "SELECT coalesce(max(id), 0) + 1 FROM run", {}));
    id = AsInteger(rows.at(0).at(0)).value_or(1);
    const std::array<Value, 4> params = {id, claim.trigger, claim.key, Micros(claim.started)};
    AMONT_TRY(const int64_t added,
              session.Execute("INSERT INTO run (id, trigger_kind, trigger_key, started) VALUES ($1, $2, $3, $4) "
                              "ON CONFLICT (trigger_kind, trigger_key) DO NOTHING",
                              params));
    if (added == 0) {
      return MakeError(ErrorCode::kBusy, fmt::format("run {}:{} was claimed before", claim.trigger, claim.key));
    }
    return {};
  }));
  return id;
}

Result<void> SqlStore::RecordTables(RunId run, std::span<const Conclusion> tables) {
  return Write([&](StoreSession& session) -> Result<void> {
    for (const Conclusion& table : tables) AMONT_TRY_VOID(RecordTable(session, run, table));
    return {};
  });
}

Result<void> SqlStore::FinishRun(RunId run, Timestamp finished) {
  return Write([&](StoreSession& session) -> Result<void> {
    const std::array<Value, 2> params = {Micros(finished), run};
    AMONT_TRY_VOID(session.Execute("UPDATE run SET finished = $1 WHERE id = $2", params));
    return {};
  });
}

Result<void> SqlStore::AcceptSchema(const Acceptance& acceptance) {
  return Write([&](StoreSession& session) -> Result<void> {
    const std::array<Value, 1> id = {acceptance.check};
    AMONT_TRY(const auto pending,
              Collect(session, "SELECT 1 FROM schema_state WHERE check_id = $1 AND state = 'pending'", id));
    if (pending.empty()) {
      return MakeError(ErrorCode::kNotFound,
                       fmt::format("{} has nothing to accept: the schema is as last accepted", acceptance.check));
    }
    for (const std::string_view table : {"schema_state", "schema_column"}) {
      AMONT_TRY_VOID(
          session.Execute(fmt::format("DELETE FROM {} WHERE check_id = $1 AND state = 'accepted'", table), id));
      AMONT_TRY_VOID(session.Execute(
          fmt::format("UPDATE {} SET state = 'accepted' WHERE check_id = $1 AND state = 'pending'", table), id));
    }
    const std::array<Value, 2> since = {acceptance.check, Micros(acceptance.at)};
    AMONT_TRY_VOID(session.Execute("UPDATE schema_state SET since = $2 WHERE check_id = $1", since));
    return RecordAcceptance(session, acceptance);
  });
}

Result<void> SqlStore::AcceptValue(const Acceptance& acceptance) {
  return Write([&](StoreSession& session) -> Result<void> {
    const std::array<Value, 1> id = {acceptance.check};
    AMONT_TRY(const int64_t changed,
              session.Execute("UPDATE point SET accepted = 1 WHERE series IN (SELECT id FROM series WHERE check_id = $1) "
                              "AND at = (SELECT max(newest.at) FROM point AS newest WHERE newest.series = point.series)",
                              id));
    if (changed == 0) {
      return MakeError(ErrorCode::kNotFound,
                       fmt::format("{} has no measured value to accept: run it first", acceptance.check));
    }
    return RecordAcceptance(session, acceptance);
  });
}

Result<void> SqlStore::AcceptGone(const Acceptance& acceptance, const TableName& table) {
  return Write([&](StoreSession& session) -> Result<void> {
    const std::array<Value, 3> params = {table.source, table.schema, table.table};
    AMONT_TRY(const int64_t removed,
              session.Execute("DELETE FROM known_table WHERE source = $1 AND schema_name = $2 AND table_name = $3",
                              params));
    if (removed == 0) {
      return MakeError(ErrorCode::kNotFound, fmt::format("{} is not a table a wildcard matched", table.Full()));
    }
    return RecordAcceptance(session, acceptance);
  });
}

Result<std::optional<Store::LastVerdict>> SqlStore::ReadLastVerdict(const std::string& check) {
  return session_.With([&](std::unique_ptr<StoreSession>& session) -> Result<std::optional<LastVerdict>> {
    const std::array<Value, 1> params = {check};
    // The sentence stands in the newest row of this status that has one.
    AMONT_TRY(const auto rows,
              Collect(*session,
                      "SELECT status, at, (SELECT told.sentence FROM verdict AS told WHERE told.check_id = "
                      "verdict.check_id AND told.sentence IS NOT NULL AND told.run <= verdict.run "
                      "ORDER BY told.run DESC LIMIT 1) FROM verdict WHERE check_id = $1 ORDER BY run DESC LIMIT 1",
                      params));
    if (rows.empty()) return std::optional<LastVerdict>();
    LastVerdict last;
    last.status = ParseStatus(Text(rows[0][0])).value_or(Status::kError);
    last.at = Timestamp(Duration(AsInteger(rows[0][1]).value_or(0)));
    last.sentence = Text(rows[0][2]);
    return std::optional<LastVerdict>(std::move(last));
  });
}

}  // namespace amont
