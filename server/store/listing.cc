#include "server/store/listing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "core/limits.h"
#include "server/store/reading.h"
#include "server/store/schema.h"

namespace amont {

namespace {

constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
constexpr int64_t kLast = std::numeric_limits<int64_t>::max();

// A place in a listing: "NUMBER:TEXT".
struct Place {
  int64_t number = kLast;
  std::string text;  // at `kLast`: beyond every text
};

std::string TextOfPlace(int64_t number, const std::string& text) {
  return fmt::format("{}:{}", number, text);
}

Result<Place> ParsePlace(const std::string& after) {
  if (after.empty()) return Place();
  Place place;
  const size_t colon = after.find(':');
  const char* end = after.data() + std::min(colon, after.size());
  const auto [rest, error] = std::from_chars(after.data(), end, place.number);
  if (colon == std::string::npos || error != std::errc() || rest != end) {
    return MakeError(ErrorCode::kInvalid, "this page token is none that a listing gave");
  }
  place.text = after.substr(colon + 1);
  return place;
}

size_t LimitOf(const Page& page) { return std::clamp<size_t>(page.limit, 1, limits::kListedMax); }

// ---------- Verdicts

// The sentence stands in the newest row before that says the same.
constexpr std::string_view kVerdicts =
    "SELECT check_id, run, at, status, coalesce(sentence, (SELECT told.sentence FROM verdict AS told "
    "WHERE told.check_id = verdict.check_id AND told.run < verdict.run AND told.sentence IS NOT NULL AND "
    "told.status = verdict.status ORDER BY told.run DESC LIMIT 1)) FROM verdict WHERE ";
// By what they are found, then the page. $1, $2: the place; $3: the oldest run; $4, $5: times.
constexpr std::string_view kOfAll = "";
constexpr std::string_view kOfCheck = "check_id = $6 AND run <= $1 AND ";
constexpr std::string_view kOfRun = "run = $6 AND ";
constexpr std::string_view kOfStatus = "status = $6 AND status <> 'pass' AND ";
constexpr std::string_view kOfPage = "(run, check_id) < ($1, $2) AND run >= $3 AND at >= $4 AND at < $5 ";
constexpr std::string_view kNewestRuns = "ORDER BY run DESC, check_id DESC LIMIT ";
constexpr std::string_view kNextCheck =
    "SELECT min(check_id) FROM verdict WHERE check_id > $1 AND check_id < $2";
// The latest verdicts' run that began them before a time, and the newest run of the day before it: runs are
// numbered as they start, but the clocks of sources differ, and a run that was taken over judges later.
constexpr std::string_view kLastBefore =
    "SELECT coalesce(first_at, started - 86400000000) FROM run WHERE coalesce(first_at, started - 86400000000) < $1 "
    "ORDER BY coalesce(first_at, started - 86400000000) DESC, id DESC LIMIT 1";
constexpr std::string_view kNewestBetween =
    "SELECT max(id) FROM run WHERE coalesce(first_at, started - 86400000000) > $1 AND "
    "coalesce(first_at, started - 86400000000) <= $2";
// Likewise the first that ended at a time or later.
constexpr std::string_view kFirstFrom =
    "SELECT coalesce(last_at, started + 86400000000) FROM run WHERE coalesce(last_at, started + 86400000000) >= $1 "
    "ORDER BY coalesce(last_at, started + 86400000000), id LIMIT 1";
constexpr std::string_view kOldestBetween =
    "SELECT min(id) FROM run WHERE coalesce(last_at, started + 86400000000) >= $1 AND "
    "coalesce(last_at, started + 86400000000) < $2";

class VerdictLister {
 public:
  VerdictLister(Connection& connection, const VerdictQuery& query)
      : connection_(connection), query_(query), limit_(LimitOf(query.page)) {}

  Result<VerdictPage> List() {
    AMONT_TRY(place_, ParsePlace(query_.page.after));
    AMONT_TRY_VOID(FindRuns());
    AMONT_TRY_VOID(ReadStreams());
    const auto newer = [](const VerdictRow& left, const VerdictRow& right) {
      return std::tie(left.run, left.check) > std::tie(right.run, right.check);
    };
    std::sort(page_.rows.begin(), page_.rows.end(), newer);
    if (page_.rows.size() > limit_) {
      page_.rows.resize(limit_);
      page_.next = TextOfPlace(page_.rows.back().run, page_.rows.back().check);
    }
    return std::move(page_);
  }

 private:
  // Between which runs the times lie.
  Result<void> FindRuns() {
    if (!query_.until && !query_.since) return {};
    AMONT_TRY(const int64_t version, ReadStoreVersion(connection_));
    if (version < 3) return {};  // only read, and not migrated yet: all runs are looked through
    constexpr int64_t kDay = 86'400'000'000;
    if (query_.until) {
      AMONT_TRY(const auto at, One(kLastBefore, {Micros(*query_.until)}));
      AMONT_TRY(const auto last, One(kNewestBetween, {at.value_or(0) - kDay, at.value_or(0)}));
      if (!at || last.value_or(0) < place_.number) place_ = {at ? last.value_or(0) + 1 : 0, ""};
    }
    if (query_.since) {
      AMONT_TRY(const auto at, One(kFirstFrom, {Micros(*query_.since)}));
      AMONT_TRY(const auto first, One(kOldestBetween, {at.value_or(0), at.value_or(0) + kDay}));
      oldest_ = at ? first.value_or(0) : kLast;
    }
    return {};
  }

  Result<std::optional<int64_t>> One(std::string_view sql, std::vector<Value> params) {
    AMONT_TRY(const auto rows, Collect(connection_, std::string(sql), params));
    return rows.empty() ? std::optional<int64_t>() : AsInteger(rows[0][0]);
  }

  Result<void> ReadStreams() {
    const std::set<Status>& statuses = query_.statuses;
    if (!query_.check.empty()) return Read(kOfCheck, Value(query_.check), statuses);
    if (query_.run) return Read(kOfRun, Value(*query_.run), statuses);
    if (!query_.table.empty()) return ReadTable();
    if (statuses.empty() || statuses.contains(Status::kPass)) return Read(kOfAll, std::nullopt, statuses);
    for (const Status status : statuses) {
      AMONT_TRY_VOID(Read(kOfStatus, Value(std::string(ToString(status))), {}));
    }
    return {};
  }

  // Every check of the table, found by leaps from one to the next.
  Result<void> ReadTable() {
    const std::string end = query_.table + ";";  // the byte after ":"
    std::string check = query_.table + ":";
    while (true) {
      const std::array<Value, 2> params = {check, end};
      AMONT_TRY(const auto rows, Collect(connection_, std::string(kNextCheck), params));
      if (rows.empty() || IsNull(rows[0][0])) return {};
      check = TextOf(rows[0][0]);
      AMONT_TRY_VOID(Read(kOfCheck, Value(check), query_.statuses));
    }
  }

  Result<void> Read(std::string_view where, const std::optional<Value>& key,
                    const std::set<Status>& statuses) {
    std::string sql = std::string(kVerdicts).append(where).append(kOfPage);
    if (!statuses.empty()) {
      std::vector<std::string> texts;
      for (const Status status : statuses) texts.push_back(fmt::format("'{}'", ToString(status)));
      sql += fmt::format("AND status IN ({}) ", fmt::join(texts, ", "));
    }
    sql += fmt::format("{}{}", kNewestRuns, limit_ + 1);  // one more tells whether a page follows
    std::vector<Value> params = {place_.number, place_.text, oldest_,
                                 query_.since ? Micros(*query_.since) : kFirst,
                                 query_.until ? Micros(*query_.until) : kLast};
    if (key) params.push_back(*key);
    AMONT_TRY(const auto rows, Collect(connection_, sql, params));
    for (const auto& row : rows) {
      VerdictRow verdict;
      verdict.check = TextOf(row[0]);
      verdict.run = AsInteger(row[1]).value_or(0);
      verdict.at = Timestamp(Duration(AsInteger(row[2]).value_or(0)));
      verdict.status = ParseStatus(TextOf(row[3])).value_or(Status::kError);
      verdict.sentence = TextOf(row[4]);
      page_.rows.push_back(std::move(verdict));
    }
    return {};
  }

  Connection& connection_;
  const VerdictQuery& query_;
  const size_t limit_;
  Place place_;
  RunId oldest_ = 0;
  VerdictPage page_;
};

// ---------- Measurements

constexpr std::string_view kSeries = "SELECT id, group_name FROM series WHERE check_id = $1";
constexpr std::string_view kPoints =
    "SELECT at, kind, value, status, windowed, accepted FROM point WHERE series = $1 AND at >= $2 AND at <= $3 "
    "ORDER BY at DESC LIMIT ";

}  // namespace

Result<VerdictPage> ListVerdictsOf(Connection& connection, const VerdictQuery& query) {
  return VerdictLister(connection, query).List();
}

Result<MeasurementPage> ListMeasurementsOf(Connection& connection, const MeasurementQuery& query) {
  AMONT_TRY(const Place place, ParsePlace(query.page.after));
  const size_t limit = LimitOf(query.page);
  const std::array<Value, 1> check = {query.check};
  AMONT_TRY(const auto all, Collect(connection, std::string(kSeries), check));
  const int64_t since = query.since ? Micros(*query.since) : kFirst;
  const int64_t until = query.until ? Micros(*query.until) - 1 : kLast;
  MeasurementPage page;
  for (const auto& series : all) {
    const std::string group = TextOf(series[1]);
    if (query.group && *query.group != group) continue;
    // Among those of one instant the last group is the newest.
    const int64_t reached = query.page.after.empty() || group < place.text
                                ? place.number
                                : std::max(place.number, kFirst + 1) - 1;
    const std::array<Value, 3> params = {series[0], since, std::min(until, reached)};
    AMONT_TRY(const auto rows, Collect(connection, fmt::format("{}{}", kPoints, limit + 1), params));
    for (const auto& row : rows) {
      MeasurementRow point;
      point.group = group;
      point.at = Timestamp(Duration(AsInteger(row[0]).value_or(0)));
      point.value = ParseStored(TextOf(row[1]), TextOf(row[2]));
      point.status = ParseStatus(TextOf(row[3])).value_or(Status::kError);
      point.windowed = AsInteger(row[4]) == int64_t{1};
      point.accepted = AsInteger(row[5]) == int64_t{1};
      page.rows.push_back(std::move(point));
    }
  }
  std::sort(page.rows.begin(), page.rows.end(), [](const MeasurementRow& left, const MeasurementRow& right) {
    return std::tie(left.at, left.group) > std::tie(right.at, right.group);
  });
  if (page.rows.size() > limit) {
    page.rows.resize(limit);
    page.next = TextOfPlace(Micros(page.rows.back().at), page.rows.back().group);
  }
  return page;
}

std::vector<std::string> ListingQueries() {
  std::vector<std::string> queries = {std::string(kNextCheck),     std::string(kLastBefore),
                                      std::string(kNewestBetween), std::string(kFirstFrom),
                                      std::string(kOldestBetween), std::string(kSeries),
                                      std::string(kPoints) + "101"};
  for (const std::string_view where : {kOfAll, kOfCheck, kOfRun, kOfStatus}) {
    queries.push_back(std::string(kVerdicts).append(where).append(kOfPage).append(kNewestRuns) + "101");
  }
  return queries;
}

}  // namespace amont
