// Recording what tables concluded: their verdicts, the points they add to histories, the schemas they saw,
// the states of their checks. A batch is read and written as a whole, in few statements.

#include "server/store/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "server/store/reading.h"
#include "server/store/schema_memory.h"
#include "server/store/states.h"

namespace amont {

namespace {

// Rules about columns have no values worth a history.
bool AddsPoints(const Verdict& verdict) {
  const Expectation& expectation = verdict.check->expectation;
  return verdict.status != Status::kError && !verdict.reused && verdict.proof.empty() &&
         !std::holds_alternative<Exists>(expectation) && !std::holds_alternative<ColumnsMatch>(expectation) &&
         !std::holds_alternative<NoDrift>(expectation);
}

// A rename moves everything that stands under an old id, where the new one has nothing yet.
Result<void> FollowRenames(StoreSession& session, const Check& check) {
  if (check.was.empty() && check.table->was.empty()) return {};
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
         {"series", "verdict", "schema_state", "schema_column", "acceptance", "apart", "check_state"}) {
      AMONT_TRY_VOID(
          session.Execute(fmt::format("UPDATE {0} SET check_id = $1 WHERE check_id = $2 AND NOT EXISTS "
                                      "(SELECT 1 FROM {0} AS present WHERE present.check_id = $1)",
                                      table),
                          params));
    }
  }
  return {};
}

const UpsertTarget kVerdicts = {
    "verdict", {"check_id", "run", "at", "status", "sentence"}, {"check_id", "run"}, {}, true};
const UpsertTarget kSeries = {
    "series", {"id", "check_id", "group_name"}, {"check_id", "group_name"}, {}, true};
// A second measurement of a closed window is its late recount.
const UpsertTarget kPoints = {
    "point",
    {"series", "at", "kind", "value", "status", "mark", "windowed", "measured", "first_measured", "accepted"},
    {"series", "at"},
    "kind = excluded.kind, value = excluded.value, status = excluded.status, mark = "
    "excluded.mark, windowed = excluded.windowed, measured = point.measured + 1"};
const UpsertTarget kApart = {"apart", {"check_id", "declaration"}, {"check_id"}};
const UpsertTarget kKnown = {"known_table",
                             {"source", "schema_name", "table_name"},
                             {"source", "schema_name", "table_name"},
                             {},
                             true};

using SeriesName = std::pair<std::string, std::string>;  // check, group

class BatchRecorder {
 public:
  BatchRecorder(StoreSession& session, RunId run) : session_(session), run_(run) {}

  Result<void> Record(std::span<const Conclusion> tables) {
    std::vector<std::string> ids;
    for (const Conclusion& table : tables) {
      for (const Verdict& verdict : table.verdicts) {
        AMONT_TRY_VOID(FollowRenames(session_, *verdict.check));
        ids.push_back(verdict.check->id);
      }
    }
    AMONT_TRY(states_, ReadStatesOf(session_, ids));
    for (const Conclusion& table : tables) {
      for (const Verdict& verdict : table.verdicts) AMONT_TRY_VOID(AddVerdict(verdict));
      AddApart(table);
      AddKnown(table);
    }
    AMONT_TRY_VOID(session_.Upsert(kVerdicts, verdicts_));
    AMONT_TRY_VOID(WritePoints());
    AMONT_TRY_VOID(WriteStates(session_, changed_));
    AMONT_TRY_VOID(session_.Upsert(kApart, apart_));
    return session_.Upsert(kKnown, known_);
  }

 private:
  struct Point {
    SeriesName series;
    Timestamp at;
    std::vector<Value> rest;  // from `kind` on
  };

  Result<void> AddVerdict(const Verdict& verdict) {
    const std::string& check = verdict.check->id;
    if (!seen_.insert(check).second) return {};
    const auto known = states_.find(check);
    KeptState kept = known == states_.end() ? KeptState() : known->second;
    const bool is_newest = known != states_.end() && kept.run < run_;
    std::optional<Status> said;
    if (is_newest) {
      said = kept.said;
    } else {
      // No state, or one of a newer run: only the verdicts themselves can tell.
      AMONT_TRY(const auto last, LastSaid(check));
      if (last && last->first == run_) return {};  // recorded before, whole
      if (last) said = last->second;
    }
    // The sentence only where the status changed: a check that fails for a month says so once.
    verdicts_.push_back({check, run_, Micros(verdict.at), std::string(ToString(verdict.status)),
                         said == verdict.status ? Value() : Value(verdict.sentence)});
    if (kept.run <= run_) {
      Advance(kept.state, verdict);
      kept.run = run_;
      kept.said = verdict.status;
      changed_.push_back(std::move(kept));
    }
    if (std::holds_alternative<NoDrift>(verdict.check->expectation) && verdict.status != Status::kError) {
      return RecordSchema(session_, verdict);
    }
    if (AddsPoints(verdict)) AddPoints(verdict);
    return {};
  }

  // The run of the newest verdict up to this run, and its status.
  Result<std::optional<std::pair<RunId, Status>>> LastSaid(const std::string& check) {
    const std::array<Value, 2> params = {check, run_};
    AMONT_TRY(const auto rows, Collect(session_,
                                       "SELECT run, status FROM verdict WHERE check_id = $1 AND run <= $2 "
                                       "ORDER BY run DESC LIMIT 1",
                                       params));
    if (rows.empty()) return std::optional<std::pair<RunId, Status>>();
    return std::optional(std::pair(AsInteger(rows[0][0]).value_or(0),
                                   ParseStatus(TextOf(rows[0][1])).value_or(Status::kError)));
  }

  void AddPoints(const Verdict& verdict) {
    if (verdict.groups.empty()) AddPoint(verdict, "", verdict.observed, verdict.status);
    for (const GroupVerdict& group : verdict.groups) {
      // A group that could not be judged has no value worth remembering.
      if (group.status != Status::kError) AddPoint(verdict, group.group, group.observed, group.status);
    }
  }

  void AddPoint(const Verdict& verdict, const std::string& group, const Value& value, Status status) {
    if (IsNull(value)) return;
    const Timestamp at = verdict.window_to.value_or(verdict.at);
    points_.push_back({{verdict.check->id, group},
                       at,
                       {std::string(KindName(value)), StoredText(value), std::string(ToString(status)),
                        verdict.mark.empty() ? Value() : Value(verdict.mark),
                        int64_t{verdict.window_to ? 1 : 0}, int64_t{1}, Micros(verdict.at), int64_t{0}}});
  }

  void AddApart(const Conclusion& table) {
    for (const Verdict& verdict : table.verdicts) {
      const std::string& check = verdict.check->id;
      const bool guilty = std::find(table.apart.begin(), table.apart.end(), check) != table.apart.end();
      if (guilty && apart_seen_.insert(check).second) {
        apart_.push_back({check, DeclarationOf(*verdict.check)});
      }
    }
  }

  // Remembers a table that a wildcard matched; not one that is only remembered still and not there any more,
  // which somebody may be letting go of right now.
  void AddKnown(const Conclusion& table) {
    const bool gone = std::any_of(table.verdicts.begin(), table.verdicts.end(), [](const Verdict& verdict) {
      return std::holds_alternative<Exists>(verdict.check->expectation) && verdict.status != Status::kPass;
    });
    if (!table.matched || table.table->is_pattern || gone) return;
    const TableName& name = table.table->name;
    known_.push_back({name.source, name.schema, name.table});
  }

  Result<void> WritePoints() {
    std::map<SeriesName, int64_t> series;
    for (const Point& point : points_) series.emplace(point.series, 0);
    AMONT_TRY_VOID(FindSeries(series));
    AMONT_TRY_VOID(MakeSeries(series));
    std::set<std::pair<int64_t, Timestamp>> places;
    std::vector<std::vector<Value>> rows;
    for (Point& point : points_) {
      const int64_t id = series.at(point.series);
      if (!places.emplace(id, point.at).second) continue;
      std::vector<Value> row = {id, Micros(point.at)};
      std::move(point.rest.begin(), point.rest.end(), std::back_inserter(row));
      rows.push_back(std::move(row));
    }
    return session_.Upsert(kPoints, rows);
  }

  // Fills in the ids of those that there are.
  Result<void> FindSeries(std::map<SeriesName, int64_t>& series) {
    std::vector<std::string> checks;
    for (const auto& [name, id] : series) {
      if (id == 0 && (checks.empty() || checks.back() != name.first)) checks.push_back(name.first);
    }
    return EachOf(session_, "SELECT check_id, group_name, id FROM series WHERE check_id IN ", checks,
                  [&](std::span<const Value> row) {
                    const auto found = series.find({TextOf(row[0]), TextOf(row[1])});
                    if (found != series.end()) found->second = AsInteger(row[2]).value_or(0);
                    return Result<void>();
                  });
  }

  Result<void> MakeSeries(std::map<SeriesName, int64_t>& series) {
    const auto missing =
        std::count_if(series.begin(), series.end(), [](const auto& one) { return one.second == 0; });
    if (missing == 0) return {};
    AMONT_TRY(const std::vector<int64_t> ids, NewIds(session_, "series", static_cast<size_t>(missing)));
    std::vector<std::vector<Value>> rows;
    for (const auto& [name, id] : series) {
      if (id == 0) rows.push_back({ids[rows.size()], name.first, name.second});
    }
    AMONT_TRY_VOID(session_.Upsert(kSeries, rows));
    return FindSeries(series);  // another process may have made some of them first
  }

  StoreSession& session_;
  const RunId run_;
  std::map<std::string, KeptState> states_;  // before this batch
  std::set<std::string> seen_;               // checks in this batch
  std::set<std::string> apart_seen_;
  std::vector<KeptState> changed_;
  std::vector<Point> points_;
  std::vector<std::vector<Value>> verdicts_, apart_, known_;
};

}  // namespace

Result<void> RecordBatch(StoreSession& session, RunId run, std::span<const Conclusion> tables) {
  return BatchRecorder(session, run).Record(tables);
}

}  // namespace amont
