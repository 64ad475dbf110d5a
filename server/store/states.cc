#include "server/store/states.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "server/store/reading.h"

namespace amont {

namespace {

constexpr std::string_view kSelect =
    "SELECT check_id, table_name, status, since, error, last_run, last_success, value, expected_min, "
    "expected_max, sentence, newest, deadline, row_count, group_counts, schema_changes, run, said "
    "FROM check_state";

Value Stored(const std::optional<Timestamp>& at) { return at ? Value(Micros(*at)) : Value(); }
Value Stored(const std::optional<double>& number) { return number ? Value(*number) : Value(); }
Value Stored(const std::optional<int64_t>& number) { return number ? Value(*number) : Value(); }

std::optional<Timestamp> TimeOf(const Value& value) {
  const auto micros = AsInteger(value);
  return micros ? std::optional(Timestamp(Duration(*micros))) : std::nullopt;
}

std::optional<double> DoubleOf(const Value& value) {
  const auto* number = std::get_if<double>(&value);
  return number != nullptr ? std::optional(*number) : AsNumber(value);
}

// "fail=1 pass=3"
std::string GroupsText(const std::map<Status, int64_t>& groups) {
  std::string text;
  for (const auto& [status, count] : groups) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", ToString(status), count);
  }
  return text;
}

std::map<Status, int64_t> ParseGroups(std::string_view text) {
  std::map<Status, int64_t> groups;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(' '));
    const size_t equals = one.find('=');
    if (equals == std::string_view::npos) break;
    const auto count = AsInteger(ParseStored("integer", one.substr(equals + 1)));
    if (const auto status = ParseStatus(one.substr(0, equals)); status && count) groups[*status] = *count;
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return groups;
}

KeptState StateOf(std::span<const Value> row) {
  KeptState kept;
  CheckState& state = kept.state;
  state.check = TextOf(row[0]);
  state.table = TextOf(row[1]);
  state.status = ParseStatus(TextOf(row[2]));
  state.since = TimeOf(row[3]);
  state.error = TextOf(row[4]);
  state.last_run = TimeOf(row[5]).value_or(Timestamp());
  state.last_success = TimeOf(row[6]);
  state.value = DoubleOf(row[7]);
  state.expected_min = DoubleOf(row[8]);
  state.expected_max = DoubleOf(row[9]);
  state.sentence = TextOf(row[10]);
  state.newest = TimeOf(row[11]);
  state.deadline = TimeOf(row[12]);
  state.rows = AsInteger(row[13]);
  state.groups = ParseGroups(TextOf(row[14]));
  state.schema_changes = AsInteger(row[15]).value_or(0);
  kept.run = AsInteger(row[16]).value_or(0);
  kept.said = ParseStatus(TextOf(row[17])).value_or(Status::kError);
  return kept;
}

std::vector<Value> RowOf(const KeptState& kept) {
  const CheckState& state = kept.state;
  return {state.check,
          state.table,
          state.status ? Value(std::string(ToString(*state.status))) : Value(),
          Stored(state.since),
          state.error,
          Micros(state.last_run),
          Stored(state.last_success),
          Stored(state.value),
          Stored(state.expected_min),
          Stored(state.expected_max),
          state.sentence,
          Stored(state.newest),
          Stored(state.deadline),
          Stored(state.rows),
          GroupsText(state.groups),
          state.schema_changes,
          kept.run,
          std::string(ToString(kept.said))};
}

}  // namespace

namespace {

Result<std::vector<CheckState>> ReadStatesWhere(Connection& connection, std::string_view where,
                                                std::span<const Value> params) {
  std::vector<CheckState> states;
  AMONT_TRY(const auto rows, Collect(connection, std::string(kSelect).append(where), params));
  states.reserve(rows.size());
  for (const auto& row : rows) states.push_back(StateOf(row).state);
  return states;
}

}  // namespace

Result<std::vector<CheckState>> ReadAllStates(Connection& connection) {
  return ReadStatesWhere(connection, " ORDER BY check_id", {});
}

Result<std::vector<CheckState>> ReadStatesOfRun(Connection& connection, RunId run) {
  const std::array<Value, 1> params = {run};
  return ReadStatesWhere(
      connection, " WHERE check_id IN (SELECT verdict.check_id FROM verdict WHERE verdict.run = $1)", params);
}

Result<void> DeleteStates(StoreSession& session, std::span<const std::string> checks) {
  for (const std::string& check : checks) {
    const std::array<Value, 1> params = {check};
    AMONT_TRY_VOID(session.Execute("DELETE FROM check_state WHERE check_id = $1", params));
  }
  return {};
}

Result<std::map<std::string, KeptState>> ReadStatesOf(Connection& connection,
                                                      std::span<const std::string> checks) {
  std::map<std::string, KeptState> states;
  AMONT_TRY_VOID(EachOf(connection, std::string(kSelect) + " WHERE check_id IN ", checks,
                        [&](std::span<const Value> row) {
                          KeptState kept = StateOf(row);
                          states.insert_or_assign(kept.state.check, std::move(kept));
                          return Result<void>();
                        }));
  return states;
}

Result<void> WriteStates(StoreSession& session, std::span<const KeptState> states) {
  std::vector<std::vector<Value>> rows;
  rows.reserve(states.size());
  for (const KeptState& state : states) rows.push_back(RowOf(state));
  static const UpsertTarget kTarget = {
      "check_state",
      {"check_id", "table_name", "status", "since", "error", "last_run", "last_success", "value",
       "expected_min", "expected_max", "sentence", "newest", "deadline", "row_count", "group_counts",
       "schema_changes", "run", "said"},
      {"check_id"}};
  return session.Upsert(kTarget, rows);
}

}  // namespace amont
