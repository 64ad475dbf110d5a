#include "checks/plan/lower.h"

#include <algorithm>

#include "checks/group_name.h"
#include "checks/plan/as_of.h"
#include "checks/plan/history_use.h"
#include "checks/plan/settle.h"
#include "checks/plan/sql_text.h"
#include "core/limits.h"

namespace amont {
namespace {

bool IsFromCatalog(const Metric& metric) {
  return std::holds_alternative<Columns>(metric) || std::holds_alternative<ChangeMark>(metric);
}

const std::string* CustomSql(const Metric& metric) {
  if (const auto* value = std::get_if<CustomValue>(&metric)) return &value->sql;
  if (const auto* rows = std::get_if<FailRows>(&metric)) return &rows->sql;
  return nullptr;
}

bool IsFreshness(const Expectation& expectation) {
  return std::holds_alternative<MaxAge>(expectation) || std::holds_alternative<ArrivedBy>(expectation);
}

// Whether zero rows examined is a matter of its own: not where the rows are the answer, nor where no table is
// named.
bool CountsRows(const Measure& measure) {
  if (!ColumnsOf(measure.metric).empty()) return !std::holds_alternative<NewestTimestamp>(measure.metric);
  const auto* fail_rows = std::get_if<FailRows>(&measure.metric);
  return fail_rows != nullptr && measure.group_by.empty() && ReadsTable(fail_rows->sql);
}

// Groups that must keep their own line however small: listed ones and those seen lately.
std::vector<std::string> NamedGroups(const Check& check, const History* history, Timestamp now) {
  std::vector<std::string> named;
  const auto keep = [&](const std::string& group) {
    if (std::optional<std::string> value = ValueOfGroup(group)) named.push_back(std::move(*value));
  };
  for (const std::string& group : check.groups_expected) keep(group);
  if (const auto* between = std::get_if<Between>(&check.expectation)) {
    for (const auto& [group, bounds] : between->groups) keep(group);
  }
  if (history != nullptr) {
    for (const PastPoint& point : history->points) {
      const bool lately = now - point.at <= std::chrono::days(limits::kGroupSeenDays);
      if (lately) keep(point.group);
    }
  }
  std::ranges::sort(named);
  named.erase(std::unique(named.begin(), named.end()), named.end());
  return named;
}

class Lowering {
 public:
  explicit Lowering(const Planning& planning) : planning_(planning), as_of_(planning) {}

  LoweredChecks All() {
    for (size_t i = 0; i < planning_.checks.size(); ++i) LowerCheck(i);
    return std::move(lowered_);
  }

 private:
  void LowerCheck(size_t index) {
    const Check& check = *planning_.checks[index];
    if (planning_.options.as_of && std::holds_alternative<ChangeMark>(check.measure.metric)) {
      lowered_.refusals.push_back(
          {index, MakeError(ErrorCode::kUnsupported, "change counters tell of now alone; declare a column")});
      return;
    }
    if (IsFromCatalog(check.measure.metric)) {
      lowered_.from_catalog.push_back({index, Role::kValue});
      return;
    }
    if (planning_.catalog != nullptr) {
      if (auto refusal = Settle(index, planning_)) {
        lowered_.refusals.push_back(std::move(*refusal));
        return;
      }
    }
    const History* history =
        index < planning_.options.history.size() ? planning_.options.history[index] : nullptr;
    const Wanted base = Base(check, history);
    const bool reused = AddReuse(index, check, base.rows, history);
    if (!reused) AddRoles(index, check, base);
    AddReference(index, check, base, history);
  }

  // The value of a check, without its use.
  Wanted Base(const Check& check, const History* history) const {
    Wanted wanted;
    wanted.metric = check.measure.metric;
    const TableName& table = check.table->name;
    if (const std::string* sql = CustomSql(check.measure.metric)) {
      wanted.rows.table = table;
      wanted.rows.from = AsSubselect(as_of_.FillIn(*sql, table, check.ZoneOf(), wanted.rows.with));
      wanted.rows.foreign_sql = true;
    } else {
      wanted.rows = as_of_.RowsOf(*check.table);
    }
    wanted.filter = Enclose(as_of_.FillIn(check.measure.where, table, check.ZoneOf(), wanted.rows.with));
    wanted.rows.foreign_sql |= !wanted.filter.empty();
    if (check.measure.window) SetWindow(wanted.rows, check, CurrentWindow(check));
    if (!check.measure.group_by.empty()) {
      wanted.rows.group_by = planning_.dialect.Quote(check.measure.group_by);
      wanted.rows.groups_max = check.groups_max > 0 ? check.groups_max : limits::kGroupsMax;
      wanted.named_groups = NamedGroups(check, history, planning_.options.now);
    }
    if (const auto* newest = std::get_if<NewestTimestamp>(&check.measure.metric)) {
      wanted.time = TimeColumnOf(*newest, check.ZoneOf(), planning_.Facts(table));
    }
    wanted.is_time = wanted.time.has_value() || (std::holds_alternative<CustomValue>(check.measure.metric) &&
                                                 IsFreshness(check.expectation));
    return wanted;
  }

  void AddRoles(size_t index, const Check& check, const Wanted& base) {
    Add(base, {index, Role::kValue});
    if (check.measure.per) {
      Wanted per = base;
      per.metric = *check.measure.per;
      Add(std::move(per), {index, Role::kPer});
    }
    if (CountsRows(check.measure)) {
      Wanted rows = base;
      rows.metric = RowCount();
      if (CustomSql(check.measure.metric) != nullptr) {  // the table itself, not the query's rows
        rows.rows = as_of_.RowsOf(*check.table);
        rows.filter.clear();
      }
      Add(std::move(rows), {index, Role::kRows});
    }
    // --as-of leaves no later rows in the column that it cuts by.
    if (base.time && !as_of_.CutsBy(check.table->name, base.time->name)) {
      Wanted future = base;
      future.future = true;
      Add(std::move(future), {index, Role::kFuture});
    }
  }

  bool AddReuse(size_t index, const Check& check, const RowSet& rows, const History* history) {
    if (!rows.window || history == nullptr || planning_.options.as_of) return false;
    std::vector<Measurement> remembered =
        RememberedWindow(check, *rows.window, *history, planning_.options.now);
    for (Measurement& measurement : remembered) {
      lowered_.reuses.push_back({{index, Role::kValue}, std::move(measurement)});
    }
    return !remembered.empty();
  }

  void AddReference(size_t index, const Check& check, const Wanted& base, const History* history) {
    const auto* change = std::get_if<ChangeWithin>(&check.expectation);
    if (change == nullptr || !base.rows.window) return;
    const WindowSpan before =
        PastWindow(*base.rows.window, change->versus, check.ZoneOf(), check.CalendarOf());
    if (history != nullptr && HasReference(*change, *history, *base.rows.window, before)) return;
    Wanted past = base;
    past.rows = as_of_.RowsOf(*check.table);
    past.rows.with = base.rows.with;
    past.rows.group_by = base.rows.group_by;
    past.rows.groups_max = base.rows.groups_max;
    past.rows.foreign_sql |= !past.filter.empty();
    SetWindow(past.rows, check, before);
    past.per = check.measure.per;
    Add(std::move(past), {index, Role::kReference});
  }

  void Add(Wanted wanted, Use use) {
    wanted.uses = {use};
    lowered_.wanted.push_back(std::move(wanted));
  }

  WindowSpan CurrentWindow(const Check& check) const {
    return ResolveWindow(*check.measure.window, check.ZoneOf(), check.CalendarOf(), planning_.options.now);
  }

  void SetWindow(RowSet& rows, const Check& check, const WindowSpan& span) const {
    const TimeColumn column =
        TimeColumnOf(check.measure.window->column, check.ZoneOf(), planning_.Facts(check.table->name));
    rows.window = span;
    rows.where = AllOf({rows.where, planning_.dialect.WindowTest(column, span, rows.params)});
  }

  const Planning& planning_;
  LoweredChecks lowered_;
  const AsOf as_of_;
};

}  // namespace

LoweredChecks Lower(const Planning& planning) { return Lowering(planning).All(); }

}  // namespace amont
