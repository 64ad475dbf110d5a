#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "checks/plan/passes.h"
#include "core/limits.h"

namespace amont {
namespace {

class Folding {
 public:
  explicit Folding(const Planning& planning) : planning_(planning) {}

  void Add(Wanted wanted) {
    Statement& statement = StatementFor(wanted);
    Slot slot;
    if (!std::holds_alternative<CustomValue>(wanted.metric)) slot.alias = "m";  // numbered in the end
    slot.metric = wanted.Text();
    slot.expression = std::move(wanted.expression);
    slot.is_time = wanted.is_time;
    if (wanted.time) slot.format = wanted.time->format;
    slot.uses = std::move(wanted.uses);
    statement.slots.push_back(std::move(slot));
    statement.foreign_sql |= wanted.rows.foreign_sql || !wanted.filter.empty();
    if (statement.with.empty()) statement.with = std::move(wanted.rows.with);  // one table, one text
    for (std::string& group : wanted.named_groups) {
      const auto place = std::ranges::lower_bound(statement.named_groups, group);
      const bool known = place != statement.named_groups.end() && *place == group;
      if (!known) statement.named_groups.insert(place, std::move(group));
    }
  }

  std::vector<Statement> Take() {
    size_t number = 0;
    for (Statement& statement : statements_) {
      for (Slot& slot : statement.slots) {
        if (!slot.alias.empty()) slot.alias = fmt::format("m{}", ++number);
      }
    }
    return std::move(statements_);
  }

 private:
  bool Folds(const Wanted& wanted) const {
    const bool mergeable = wanted.cls == StatementClass::kProbe || wanted.cls == StatementClass::kScan ||
                           wanted.cls == StatementClass::kGroup;
    return mergeable && planning_.Enabled("fold") && std::ranges::none_of(wanted.uses, [&](const Use& use) {
             return planning_.options.apart.contains(planning_.checks[use.check]->id);
           });
  }

  Statement& StatementFor(const Wanted& wanted) {
    if (!Folds(wanted)) return statements_.emplace_back(Empty(wanted));
    const std::string key = std::string(ToString(wanted.cls)) + wanted.rows.Key();
    const auto [found, inserted] = open_.try_emplace(key, statements_.size());
    if (!inserted && statements_[found->second].slots.size() < limits::kSlotsPerStatement) {
      return statements_[found->second];
    }
    found->second = statements_.size();
    return statements_.emplace_back(Empty(wanted));
  }

  // The statement that reads what `wanted` needs, without slots.
  Statement Empty(const Wanted& wanted) const {
    Statement statement;
    statement.cls = wanted.cls;
    statement.tables = {wanted.rows.table};
    if (const auto* orphans = std::get_if<Orphans>(&wanted.metric))
      statement.tables.push_back(orphans->other);
    if (wanted.cls != StatementClass::kProbe) {  // a probe's slots read for themselves
      statement.from = wanted.rows.from;
      statement.where = wanted.rows.where;
      statement.params = wanted.rows.params;
    }
    statement.group_by = wanted.rows.group_by;
    statement.groups_max = wanted.rows.groups_max;
    if (wanted.rows.window) {
      statement.window_from = wanted.rows.window->from;
      statement.window_to = wanted.rows.window->to;
    }
    Estimate(statement);
    return statement;
  }

  // The catalog's estimate of the whole is enough where it is within the limit; else the engine is asked what
  // a scope or a window leaves of it.
  void Estimate(Statement& statement) const {
    if (statement.cls == StatementClass::kProbe || statement.cls == StatementClass::kCustom) return;
    std::optional<int64_t> rows;
    for (const TableName& table : statement.tables) {
      const CatalogTable* facts = planning_.Facts(table);
      if (facts == nullptr || !facts->row_estimate) continue;
      rows = rows.value_or(0) + *facts->row_estimate;
      statement.leaf_rows.insert(facts->leaf_rows.begin(), facts->leaf_rows.end());
    }
    const int64_t max = planning_.options.max_scan_rows;
    if (max != 0 && rows && *rows > max) return;
    statement.estimated_rows = rows;
    statement.leaf_rows.clear();
  }

  const Planning& planning_;
  std::vector<Statement> statements_;
  std::unordered_map<std::string, size_t> open_;
};

}  // namespace

std::vector<Statement> Fold(std::vector<Wanted> wanted, const Planning& planning) {
  Folding folding(planning);
  for (Wanted& next : wanted) folding.Add(std::move(next));
  return folding.Take();
}

}  // namespace amont
