// Reading a check's past: only the points that its expectation may ask for, so that months of history cost nothing.

#include <algorithm>
#include <array>

#include "server/store/sql_store.h"

namespace amont {

namespace {

int64_t Micros(Timestamp at) { return at.time_since_epoch().count(); }
Timestamp At(const Value& micros) { return Timestamp(Duration(AsInteger(micros).value_or(0))); }

std::string Text(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

constexpr std::string_view kColumns =
    "SELECT at, kind, value, status, mark, windowed, measured, first_measured, accepted FROM point WHERE series = $1 ";

PastPoint PointOf(const std::vector<Value>& row, const std::string& group) {
  PastPoint point;
  point.at = At(row[0]);
  point.group = group;
  point.value = ParseStored(Text(row[1]), Text(row[2]));
  point.status = ParseStatus(Text(row[3])).value_or(Status::kError);
  point.mark = Text(row[4]);
  if (AsInteger(row[5]) == int64_t{1}) point.window_to = point.at;
  point.measured = static_cast<int>(AsInteger(row[6]).value_or(1));
  point.first_measured = At(row[7]);
  point.accepted = AsInteger(row[8]) == int64_t{1};
  return point;
}

struct Series {
  int64_t id = 0;
  std::string group;
};

class Reader {
 public:
  Reader(StoreSession& session, const Series& series, std::vector<PastPoint>& points)
      : session_(session), series_(series), points_(points) {}

  Result<void> Add(const std::string& rest, std::vector<Value> params) {
    params.insert(params.begin(), series_.id);
    AMONT_TRY(const auto rows, Collect(session_, std::string(kColumns) + rest, params));
    for (const auto& row : rows) points_.push_back(PointOf(row, series_.group));
    return {};
  }

 private:
  StoreSession& session_;
  const Series& series_;
  std::vector<PastPoint>& points_;
};

Result<void> ReadPoints(Reader& reader, const Check& check, Timestamp now) {
  // The newest few: the last sample, closed windows to reuse, whether a group was seen lately.
  AMONT_TRY_VOID(reader.Add("ORDER BY at DESC LIMIT 3", {}));
  if (const auto* change = std::get_if<ChangeWithin>(&check.expectation)) {
    // Weekends a calendar steps over, and the half of `versus` on either side.
    const Duration reach = change->versus * 2 + std::chrono::days(check.CalendarOf() == nullptr ? 0 : 14);
    const Duration delay = check.measure.window ? check.measure.window->delay + check.measure.window->last : Duration{};
    AMONT_TRY_VOID(reader.Add("AND at >= CAST($2 AS BIGINT) ORDER BY at", {Micros(now - reach - delay)}));
    AMONT_TRY_VOID(reader.Add("AND status = 'pass' ORDER BY at DESC LIMIT 1", {}));
    AMONT_TRY_VOID(reader.Add("AND accepted = 1 ORDER BY at DESC LIMIT 1", {}));
  }
  if (std::holds_alternative<NotEmptied>(check.expectation)) {
    AMONT_TRY_VOID(reader.Add("AND value <> '0' ORDER BY at DESC LIMIT 1", {}));
  }
  return {};
}

bool UsesPoints(const Check& check) {
  return std::holds_alternative<ChangeWithin>(check.expectation) ||
         std::holds_alternative<NotEmptied>(check.expectation) || check.measure.window.has_value() ||
         std::holds_alternative<ChangeMark>(check.measure.metric) || !check.measure.group_by.empty();
}

Result<std::vector<CatalogColumn>> ReadColumns(StoreSession& session, const std::string& id, const std::string& state) {
  const std::array<Value, 2> params = {id, state};
  AMONT_TRY(const auto rows, Collect(session,
                                     "SELECT name, type, nullable FROM schema_column WHERE check_id = $1 AND "
                                     "state = $2 ORDER BY position",
                                     params));
  std::vector<CatalogColumn> columns;
  for (const auto& row : rows) {
    CatalogColumn column;
    column.name = Text(row[0]);
    column.type = ParseColumnType(Text(row[1]));
    column.nullable = AsInteger(row[2]) == int64_t{1};
    columns.push_back(std::move(column));
  }
  return columns;
}

Result<void> ReadSchemas(StoreSession& session, const std::string& id, History& history) {
  const std::array<Value, 1> params = {id};
  AMONT_TRY(const auto states, Collect(session, "SELECT state, since FROM schema_state WHERE check_id = $1", params));
  for (const auto& row : states) {
    const std::string state = Text(row[0]);
    AMONT_TRY(std::vector<CatalogColumn> columns, ReadColumns(session, id, state));
    if (state == "accepted") history.accepted = AcceptedSchema{std::move(columns), At(row[1])};
    if (state == "pending") history.pending = PendingSchema{std::move(columns), At(row[1])};
  }
  return {};
}

}  // namespace

Result<History> ReadCheckHistory(StoreSession& session, const Check& check, Timestamp now) {
  History history;
  const bool drift = std::holds_alternative<NoDrift>(check.expectation);
  if (!drift && !UsesPoints(check)) return history;
  for (const std::string& id : PastIds(check)) {
    if (drift) {
      AMONT_TRY_VOID(ReadSchemas(session, id, history));
      if (history.accepted) break;
      continue;
    }
    const std::array<Value, 1> params = {id};
    AMONT_TRY(const auto rows, Collect(session, "SELECT id, group_name FROM series WHERE check_id = $1", params));
    for (const auto& row : rows) {
      const Series series{AsInteger(row[0]).value_or(0), Text(row[1])};
      Reader reader(session, series, history.points);
      AMONT_TRY_VOID(ReadPoints(reader, check, now));
    }
    if (!history.points.empty()) break;
  }
  const Timestamp oldest = now - std::chrono::days(limits::kHistoryDays);
  std::erase_if(history.points, [&](const PastPoint& point) { return point.at < oldest; });
  std::sort(history.points.begin(), history.points.end(), [](const PastPoint& left, const PastPoint& right) {
    return std::tie(left.at, left.group) < std::tie(right.at, right.group);
  });
  const auto same = [](const PastPoint& left, const PastPoint& right) {
    return left.at == right.at && left.group == right.group;
  };
  history.points.erase(std::unique(history.points.begin(), history.points.end(), same), history.points.end());
  return history;
}

}  // namespace amont
