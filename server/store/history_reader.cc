// Reading a check's past: only the points that its expectation may ask for, so that months of history cost
// nothing.

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "checks/judge/reference.h"
#include "server/store/reading.h"

namespace amont {

namespace {

Timestamp At(const Value& micros) { return Timestamp(Duration(AsInteger(micros).value_or(0))); }

constexpr std::string_view kPoints =
    "SELECT at, kind, value, status, mark, windowed, measured, first_measured, accepted FROM point WHERE "
    "series = $1 ";
// The last samples, and the closed windows that need no measuring again.
constexpr std::string_view kNewest = "ORDER BY at DESC LIMIT 3";
// Counts: when there last were rows. (Found at once, or after as many points as there were none.)
constexpr std::string_view kNotZero = "AND value <> '0' ORDER BY at DESC LIMIT 1";
constexpr std::string_view kAccepted =
    "AND at = (SELECT max(said.at) FROM point AS said WHERE said.series = $1 AND said.accepted = 1)";
// Changes. $2: windowed or not; of the last to pass three, for the newest may be this very window.
constexpr std::string_view kPassed =
    "AND windowed = CAST($2 AS BIGINT) AND status = 'pass' ORDER BY at DESC LIMIT 3";
// $3 and $4: where the reference is looked for, and half of `versus` beyond.
constexpr std::string_view kWithin =
    "AND windowed = CAST($2 AS BIGINT) AND at >= CAST($3 AS BIGINT) AND at <= CAST($4 AS BIGINT) "
    "AND (status <> 'fail' OR accepted = 1) ORDER BY at";
constexpr std::string_view kBefore =
    "AND windowed = CAST($2 AS BIGINT) AND at >= CAST($3 AS BIGINT) AND at < CAST($4 AS BIGINT) "
    "AND (status <> 'fail' OR accepted = 1) ORDER BY at DESC LIMIT 1";
constexpr std::string_view kAfter =
    "AND windowed = CAST($2 AS BIGINT) AND at > CAST($3 AS BIGINT) AND at <= CAST($4 AS BIGINT) "
    "AND (status <> 'fail' OR accepted = 1) ORDER BY at LIMIT 1";

PastPoint PointOf(const std::vector<Value>& row, const std::string& group) {
  PastPoint point;
  point.at = At(row[0]);
  point.group = group;
  point.value = ParseStored(TextOf(row[1]), TextOf(row[2]));
  point.status = ParseStatus(TextOf(row[3])).value_or(Status::kError);
  point.mark = TextOf(row[4]);
  if (AsInteger(row[5]) == int64_t{1}) point.window_to = point.at;
  point.measured = static_cast<int>(AsInteger(row[6]).value_or(1));
  point.first_measured = At(row[7]);
  point.accepted = AsInteger(row[8]) == int64_t{1};
  return point;
}

// The points of one group of one check.
class SeriesReader {
 public:
  SeriesReader(Connection& connection, const Check& check, Timestamp now, std::vector<PastPoint>& points)
      : connection_(connection), check_(check), now_(now), points_(points) {}

  Result<void> Read(int64_t series, const std::string& group) {
    series_ = series;
    group_ = &group;
    const size_t before = points_.size();
    AMONT_TRY_VOID(Add(kNewest));
    if (points_.size() == before) return {};
    const bool counts = std::holds_alternative<RowCount>(check_.measure.metric);
    const bool emptied = std::holds_alternative<NotEmptied>(check_.expectation);
    const bool has_rows = AsInteger(points_[before].value) != int64_t{0};
    if ((counts && !check_.measure.group_by.empty()) || emptied) {
      if (!has_rows) AMONT_TRY_VOID(Add(kNotZero));
    }
    const auto* change = std::get_if<ChangeWithin>(&check_.expectation);
    if (emptied || change != nullptr) AMONT_TRY_VOID(Add(kAccepted));
    return change == nullptr ? Result<void>() : AddReferences(*change);
  }

 private:
  Result<void> AddReferences(const ChangeWithin& change) {
    const int64_t windowed = check_.measure.window ? 1 : 0;
    const ReferenceTimes times = ReferenceTimesAt(change, check_, now_);
    const Duration half = change.versus / 2;
    AMONT_TRY_VOID(Add(kPassed, {windowed}));
    AMONT_TRY_VOID(Add(kWithin, {windowed, Micros(times.from), Micros(times.to)}));
    AMONT_TRY_VOID(Add(kBefore, {windowed, Micros(times.from - half), Micros(times.from)}));
    return Add(kAfter, {windowed, Micros(times.to), Micros(times.to + half)});
  }

  Result<void> Add(std::string_view rest, std::vector<Value> params = {}) {
    params.insert(params.begin(), series_);
    AMONT_TRY(const auto rows, Collect(connection_, std::string(kPoints).append(rest), params));
    for (const auto& row : rows) points_.push_back(PointOf(row, *group_));
    return {};
  }

  Connection& connection_;
  const Check& check_;
  const Timestamp now_;
  std::vector<PastPoint>& points_;
  int64_t series_ = 0;
  const std::string* group_ = nullptr;
};

bool UsesPoints(const Check& check) {
  return std::holds_alternative<ChangeWithin>(check.expectation) ||
         std::holds_alternative<NotEmptied>(check.expectation) || check.measure.window.has_value() ||
         std::holds_alternative<ChangeMark>(check.measure.metric) || !check.measure.group_by.empty();
}

Result<std::vector<CatalogColumn>> ReadColumns(Connection& connection, const std::string& id,
                                               const std::string& state) {
  const std::array<Value, 2> params = {id, state};
  AMONT_TRY(const auto rows, Collect(connection,
                                     "SELECT name, type, nullable FROM schema_column WHERE check_id = $1 AND "
                                     "state = $2 ORDER BY position",
                                     params));
  std::vector<CatalogColumn> columns;
  for (const auto& row : rows) {
    CatalogColumn column;
    column.name = TextOf(row[0]);
    column.type = ParseColumnType(TextOf(row[1]));
    column.nullable = AsInteger(row[2]) == int64_t{1};
    columns.push_back(std::move(column));
  }
  return columns;
}

Result<void> ReadSchemas(Connection& connection, const std::string& id, History& history) {
  const std::array<Value, 1> params = {id};
  AMONT_TRY(const auto states,
            Collect(connection, "SELECT state, since FROM schema_state WHERE check_id = $1", params));
  for (const auto& row : states) {
    const std::string state = TextOf(row[0]);
    AMONT_TRY(std::vector<CatalogColumn> columns, ReadColumns(connection, id, state));
    if (state == "accepted") history.accepted = AcceptedSchema{std::move(columns), At(row[1])};
    if (state == "pending") history.pending = PendingSchema{std::move(columns), At(row[1])};
  }
  return {};
}

Result<void> ReadPoints(Connection& connection, const Check& check, const std::string& id, Timestamp now,
                        std::vector<PastPoint>& points) {
  const std::array<Value, 1> params = {id};
  AMONT_TRY(const auto rows,
            Collect(connection, "SELECT id, group_name FROM series WHERE check_id = $1", params));
  SeriesReader reader(connection, check, now, points);
  for (const auto& row : rows) {
    const std::string group = TextOf(row[1]);
    AMONT_TRY_VOID(reader.Read(AsInteger(row[0]).value_or(0), group));
  }
  return {};
}

// Oldest first, each once, none from beyond memory.
void Arrange(std::vector<PastPoint>& points, Timestamp now) {
  const Timestamp oldest = now - std::chrono::days(limits::kHistoryDays);
  std::erase_if(points, [&](const PastPoint& point) { return point.at < oldest; });
  const auto place = [](const PastPoint& point) { return std::tie(point.at, point.group); };
  std::sort(points.begin(), points.end(),
            [&](const PastPoint& left, const PastPoint& right) { return place(left) < place(right); });
  const auto repeated =
      std::unique(points.begin(), points.end(),
                  [&](const PastPoint& left, const PastPoint& right) { return place(left) == place(right); });
  points.erase(repeated, points.end());
}

Result<History> ReadOne(Connection& connection, const Check& check, Timestamp now) {
  History history;
  const bool drift = std::holds_alternative<NoDrift>(check.expectation);
  if (!drift && !UsesPoints(check)) return history;
  for (const std::string& id : PastIds(check)) {
    if (drift) {
      AMONT_TRY_VOID(ReadSchemas(connection, id, history));
      if (history.accepted) break;
    } else {
      AMONT_TRY_VOID(ReadPoints(connection, check, id, now, history.points));
      if (!history.points.empty()) break;
    }
  }
  Arrange(history.points, now);
  return history;
}

}  // namespace

std::vector<std::string> PointQueries() {
  std::vector<std::string> queries;
  for (const std::string_view rest : {kNewest, kNotZero, kAccepted, kPassed, kWithin, kBefore, kAfter}) {
    queries.push_back(std::string(kPoints).append(rest));
  }
  return queries;
}

Result<std::vector<History>> ReadHistories(Connection& connection, std::span<const CheckPtr> checks,
                                           Timestamp now) {
  std::vector<History> histories;
  histories.reserve(checks.size());
  for (const CheckPtr& check : checks) {
    AMONT_TRY(History history, ReadOne(connection, *check, now));
    histories.push_back(std::move(history));
  }
  return histories;
}

}  // namespace amont
