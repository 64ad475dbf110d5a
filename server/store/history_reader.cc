// Reading what checks' judges may ask of the past: points and schemas, many checks at a time.

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "server/store/past_points.h"
#include "server/store/reading.h"

namespace amont {

namespace {

constexpr size_t kChecksAtOnce = 512;  // what is read of them is held twice

bool UsesPoints(const Check& check) {
  return std::holds_alternative<ChangeWithin>(check.expectation) ||
         std::holds_alternative<NearBaseline>(check.expectation) ||
         std::holds_alternative<NotEmptied>(check.expectation) || check.measure.window.has_value() ||
         std::holds_alternative<ChangeMark>(check.measure.metric) || !check.measure.group_by.empty();
}

// Both schemas of a check, as they stand under one id.
struct StoredSchemas {
  std::optional<AcceptedSchema> accepted;
  std::optional<PendingSchema> pending;
};

constexpr const char* kSchemaStates = "SELECT check_id, state, since FROM schema_state WHERE check_id IN ";
constexpr const char* kSchemaColumns =
    "SELECT check_id, state, position, name, type, nullable FROM schema_column WHERE check_id IN ";

Result<std::map<std::string, StoredSchemas>> ReadSchemas(Connection& connection,
                                                         std::span<const std::string> ids) {
  using Columns = std::map<int64_t, CatalogColumn>;  // by position
  std::map<std::pair<std::string, std::string>, Columns> columns;
  AMONT_TRY_VOID(EachOf(connection, kSchemaColumns, ids, [&](std::span<const Value> row) {
    CatalogColumn column;
    column.name = TextOf(row[3]);
    column.type = ParseColumnType(TextOf(row[4]));
    column.nullable = AsInteger(row[5]) == int64_t{1};
    columns[{TextOf(row[0]), TextOf(row[1])}].insert_or_assign(AsInteger(row[2]).value_or(0),
                                                               std::move(column));
    return Result<void>();
  }));
  std::map<std::string, StoredSchemas> schemas;
  AMONT_TRY_VOID(EachOf(connection, kSchemaStates, ids, [&](std::span<const Value> row) {
    const std::string id = TextOf(row[0]);
    const std::string state = TextOf(row[1]);
    const Timestamp since(Duration(AsInteger(row[2]).value_or(0)));
    std::vector<CatalogColumn> in_order;
    for (const auto& [position, column] : columns[{id, state}]) in_order.push_back(column);
    if (state == "accepted") {
      schemas[id].accepted = AcceptedSchema{std::move(in_order), since};
    } else {
      schemas[id].pending = PendingSchema{std::move(in_order), since};
    }
    return Result<void>();
  }));
  return schemas;
}

// Those of drift checks, under the first of their ids that has an accepted one.
Result<void> AddSchemas(Connection& connection, std::span<const CheckPtr> checks,
                        std::span<History> histories) {
  std::vector<std::string> ids;
  for (const CheckPtr& check : checks) {
    if (!std::holds_alternative<NoDrift>(check->expectation)) continue;
    for (std::string& id : PastIds(*check)) ids.push_back(std::move(id));
  }
  AMONT_TRY(const auto schemas, ReadSchemas(connection, ids));
  for (size_t i = 0; i < checks.size(); ++i) {
    if (!std::holds_alternative<NoDrift>(checks[i]->expectation)) continue;
    for (const std::string& id : PastIds(*checks[i])) {
      const auto found = schemas.find(id);
      if (found == schemas.end()) continue;
      if (found->second.pending) histories[i].pending = found->second.pending;
      histories[i].accepted = found->second.accepted;
      if (histories[i].accepted) break;
    }
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

// Under the first of their ids that has any.
Result<void> AddPoints(Connection& connection, std::span<const CheckPtr> checks, Timestamp now,
                       std::span<History> histories) {
  bool more = true;
  for (size_t renamed = 0; more; ++renamed) {
    more = false;
    std::vector<PointsWanted> wanted;
    for (size_t i = 0; i < checks.size(); ++i) {
      if (!UsesPoints(*checks[i]) || !histories[i].points.empty()) continue;
      std::vector<std::string> ids = PastIds(*checks[i]);
      if (renamed >= ids.size()) continue;
      more |= renamed + 1 < ids.size();
      wanted.push_back({checks[i].get(), std::move(ids[renamed]), &histories[i].points});
    }
    AMONT_TRY_VOID(ReadPoints(connection, wanted, now));
  }
  for (History& history : histories) Arrange(history.points, now);
  return {};
}

}  // namespace

Result<std::vector<History>> ReadHistories(Connection& connection, std::span<const CheckPtr> checks,
                                           Timestamp now) {
  std::vector<History> histories(checks.size());
  for (std::span<History> rest = histories; !rest.empty();) {
    const size_t count = std::min(rest.size(), kChecksAtOnce);
    AMONT_TRY_VOID(AddSchemas(connection, checks.first(count), rest.first(count)));
    AMONT_TRY_VOID(AddPoints(connection, checks.first(count), now, rest.first(count)));
    checks = checks.subspan(count);
    rest = rest.subspan(count);
  }
  return histories;
}

}  // namespace amont
