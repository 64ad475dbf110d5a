#include "server/store/past_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <utility>

#include "checks/judge/reference.h"
#include "server/store/reading.h"

namespace amont {

namespace {

constexpr std::string_view kColumns =
    "at, kind, value, status, mark, windowed, measured, first_measured, accepted";

// A question about one series. {0}: the series; {1}: whether points of windows are meant; {2} and {3}:
// between which times. Their names where many are asked at once: `gate` says whether this one is.
struct PointQuery {
  std::string_view rest;
  std::string_view gate = {};
  std::string_view from = {};
  std::string_view to = {};
};

// The last samples, and the closed windows that need no measuring again.
constexpr PointQuery kNewest = {"ORDER BY at DESC LIMIT 3"};
// Counts: when there last were rows. (Found at once, or after as many points as there were none.)
constexpr PointQuery kNotZero = {"AND value <> '0' ORDER BY at DESC LIMIT 1", "counts"};
constexpr PointQuery kAccepted = {
    "AND at = (SELECT max(said.at) FROM point AS said WHERE said.series = {0} AND said.accepted = 1)",
    "accepts"};
// Changes: of the last to pass three, for the newest may be this very window.
constexpr PointQuery kPassed = {"AND windowed = {1} AND status = 'pass' ORDER BY at DESC LIMIT 3", "changes"};
// Where the reference is looked for, and half of `versus` beyond.
constexpr PointQuery kWithin = {
    "AND windowed = {1} AND at >= {2} AND at <= {3} AND (status <> 'fail' OR accepted = 1) ORDER BY at",
    "changes", "from_at", "to_at"};
constexpr PointQuery kBefore = {
    "AND windowed = {1} AND at >= {2} AND at < {3} AND (status <> 'fail' OR accepted = 1) ORDER BY at DESC LIMIT 1",
    "changes", "before_at", "from_at"};
constexpr PointQuery kAfter = {
    "AND windowed = {1} AND at > {2} AND at <= {3} AND (status <> 'fail' OR accepted = 1) ORDER BY at LIMIT 1",
    "changes", "to_at", "after_at"};
// Learned bounds: every closed window, or of samples the last of each day.
constexpr PointQuery kWindows = {"AND windowed = {1} AND at >= {2} ORDER BY at DESC LIMIT 2500",
                                 "learns_windows", "from_at"};
constexpr PointQuery kDays = {
    "AND windowed = {1} AND at >= {2} AND NOT EXISTS (SELECT 1 FROM point AS later WHERE later.series = {0} AND "
    "later.at > point.at AND later.at < (point.at / 86400000000 + 1) * 86400000000 AND later.windowed = {1})",
    "learns_days", "from_at"};
constexpr std::array kQueries = {kNewest, kNotZero, kAccepted, kPassed, kWithin,
                                 kBefore, kAfter,   kWindows,  kDays};

// What is asked about a check's series.
struct Questions {
  bool counts = false;
  bool accepts = false;
  bool changes = false;
  bool learns = false;
  int64_t windowed = 0;
  Timestamp before, from, to, after;
};

Questions QuestionsOf(const Check& check, Timestamp now) {
  Questions questions;
  const bool emptied = std::holds_alternative<NotEmptied>(check.expectation);
  const auto* change = std::get_if<ChangeWithin>(&check.expectation);
  const bool counts = std::holds_alternative<RowCount>(check.measure.metric);
  questions.counts = emptied || (counts && !check.measure.group_by.empty());
  questions.accepts = emptied || change != nullptr;
  questions.changes = change != nullptr;
  questions.windowed = check.measure.window ? 1 : 0;
  questions.learns = std::holds_alternative<NearBaseline>(check.expectation);
  if (questions.learns) questions.from = now - std::chrono::days(limits::kHistoryDays);
  if (change == nullptr) return questions;
  const ReferenceTimes times = ReferenceTimesAt(*change, check, now);
  const Duration half = change->versus / 2;
  questions.before = times.from - half;
  questions.from = times.from;
  questions.to = times.to;
  questions.after = times.to + half;
  return questions;
}

PastPoint PointOf(std::span<const Value> row, const std::string& group) {
  const auto at = [](const Value& micros) { return Timestamp(Duration(AsInteger(micros).value_or(0))); };
  PastPoint point;
  point.at = at(row[0]);
  point.group = group;
  point.value = ParseStored(TextOf(row[1]), TextOf(row[2]));
  point.status = ParseStatus(TextOf(row[3])).value_or(Status::kError);
  point.mark = TextOf(row[4]);
  if (AsInteger(row[5]) == int64_t{1}) point.window_to = point.at;
  point.measured = static_cast<int>(AsInteger(row[6]).value_or(1));
  point.first_measured = at(row[7]);
  point.accepted = AsInteger(row[8]) == int64_t{1};
  return point;
}

// ---------- One by one

constexpr std::string_view kSeriesOf = "SELECT id, group_name FROM series WHERE check_id = $1";

std::string OneBySeries(const PointQuery& query) {
  return fmt::format("SELECT {} FROM point WHERE series = $1 {}", kColumns,
                     fmt::format(fmt::runtime(query.rest), "$1", "$2", "$3", "$4"));
}

// The points of one group of one check.
class SeriesReader {
 public:
  SeriesReader(Connection& connection, const PointsWanted& wanted, Timestamp now)
      : connection_(connection), questions_(QuestionsOf(*wanted.check, now)), points_(*wanted.points) {}

  Result<void> Read(int64_t series, const std::string& group) {
    series_ = series;
    group_ = &group;
    const size_t before = points_.size();
    AMONT_TRY_VOID(Add(kNewest));
    if (points_.size() == before) return {};
    const bool has_rows = AsInteger(points_[before].value) != int64_t{0};
    if (questions_.counts && !has_rows) AMONT_TRY_VOID(Add(kNotZero));
    if (questions_.accepts) AMONT_TRY_VOID(Add(kAccepted));
    const Questions& asked = questions_;
    if (asked.learns)
      return Add(asked.windowed != 0 ? kWindows : kDays, {asked.windowed, Micros(asked.from)});
    if (!asked.changes) return {};
    AMONT_TRY_VOID(Add(kPassed, {asked.windowed}));
    AMONT_TRY_VOID(Add(kWithin, {asked.windowed, Micros(asked.from), Micros(asked.to)}));
    AMONT_TRY_VOID(Add(kBefore, {asked.windowed, Micros(asked.before), Micros(asked.from)}));
    return Add(kAfter, {asked.windowed, Micros(asked.to), Micros(asked.after)});
  }

 private:
  Result<void> Add(const PointQuery& query, std::vector<Value> params = {}) {
    params.insert(params.begin(), series_);
    AMONT_TRY_VOID(connection_.Query(OneBySeries(query), params, {}, {}, [this](std::span<const Value> row) {
      points_.push_back(PointOf(row, *group_));
      return Result<void>();
    }));
    return {};
  }

  Connection& connection_;
  const Questions questions_;
  std::vector<PastPoint>& points_;
  int64_t series_ = 0;
  const std::string* group_ = nullptr;
};

Result<void> ReadOneByOne(Connection& connection, const PointsWanted& wanted, Timestamp now) {
  const std::array<Value, 1> params = {wanted.id};
  AMONT_TRY(const auto rows, Collect(connection, std::string(kSeriesOf), params));
  SeriesReader reader(connection, wanted, now);
  for (const auto& row : rows) {
    const std::string group = TextOf(row[1]);
    AMONT_TRY_VOID(reader.Read(AsInteger(row[0]).value_or(0), group));
  }
  return {};
}

// ---------- Together

constexpr size_t kTogether = 64;  // checks a statement

// One row a check: {n, check_id, counts, accepts, changes, learns_windows, learns_days, windowed, before_at,
// from_at, to_at, after_at}.
constexpr size_t kWantedColumns = 12;

std::string TogetherSql(size_t count) {
  std::string rows;
  for (size_t row = 0, number = 0; row < count; ++row) {
    rows += row == 0 ? "(" : ", (";
    for (size_t i = 0; i < kWantedColumns; ++i) {
      rows += fmt::format("{}CAST(${} AS {})", i == 0 ? "" : ", ", ++number, i == 1 ? "TEXT" : "BIGINT");
    }
    rows += ')';
  }
  std::string questions;
  for (const PointQuery& query : kQueries) {
    const std::string gate = query.gate.empty() ? "" : fmt::format("wanted.{} = 1 AND ", query.gate);
    questions +=
        fmt::format("{}(SELECT {} FROM point WHERE {}series = series.id {})",
                    questions.empty() ? "" : " UNION ALL ", kColumns, gate,
                    fmt::format(fmt::runtime(query.rest), "series.id", "wanted.windowed",
                                fmt::format("wanted.{}", query.from), fmt::format("wanted.{}", query.to)));
  }
  return fmt::format(
      "SELECT asked.*, wanted.n, series.group_name FROM (VALUES {}) AS wanted (n, check_id, counts, accepts, changes, "
      "learns_windows, learns_days, windowed, before_at, from_at, to_at, after_at) JOIN series ON series.check_id = wanted.check_id CROSS JOIN "
      "LATERAL ({}) AS asked",
      rows, questions);
}

Result<void> ReadTogether(Connection& connection, std::span<const PointsWanted> wanted, Timestamp now) {
  // Powers of two, so that few texts are prepared; what is too many asks for nothing.
  const size_t count = std::bit_ceil(wanted.size());
  std::vector<Value> params;
  params.reserve(count * kWantedColumns);
  for (size_t i = 0; i < wanted.size(); ++i) {
    const Questions asked = QuestionsOf(*wanted[i].check, now);
    const auto flag = [](bool set) { return Value(int64_t{set ? 1 : 0}); };
    const std::array<Value, kWantedColumns> row = {static_cast<int64_t>(i),
                                                   wanted[i].id,
                                                   flag(asked.counts),
                                                   flag(asked.accepts),
                                                   flag(asked.changes),
                                                   flag(asked.learns && asked.windowed != 0),
                                                   flag(asked.learns && asked.windowed == 0),
                                                   asked.windowed,
                                                   Micros(asked.before),
                                                   Micros(asked.from),
                                                   Micros(asked.to),
                                                   Micros(asked.after)};
    params.insert(params.end(), row.begin(), row.end());
  }
  params.resize(count * kWantedColumns);
  AMONT_TRY_VOID(
      connection.Query(TogetherSql(count), params, {}, {}, [&](std::span<const Value> row) -> Result<void> {
        const auto n = static_cast<size_t>(AsInteger(row[9]).value_or(0));
        wanted[n].points->push_back(PointOf(row, TextOf(row[10])));
        return {};
      }));
  return {};
}

}  // namespace

Result<void> ReadPoints(Connection& connection, std::span<const PointsWanted> wanted, Timestamp now) {
  if (connection.engine() == Engine::kSqlite) {
    for (const PointsWanted& one : wanted) AMONT_TRY_VOID(ReadOneByOne(connection, one, now));
    return {};
  }
  while (!wanted.empty()) {
    const auto some = wanted.first(std::min(wanted.size(), kTogether));
    AMONT_TRY_VOID(ReadTogether(connection, some, now));
    wanted = wanted.subspan(some.size());
  }
  return {};
}

std::vector<std::string> PointQueries(Engine engine) {
  if (engine != Engine::kSqlite) return {TogetherSql(1), TogetherSql(kTogether)};
  std::vector<std::string> queries = {std::string(kSeriesOf)};
  for (const PointQuery& query : kQueries) queries.push_back(OneBySeries(query));
  return queries;
}

}  // namespace amont
