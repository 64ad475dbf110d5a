#include "checks/plan/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "checks/plan/as_of.h"
#include "checks/plan/lower.h"
#include "checks/plan/passes.h"

namespace amont {
namespace {

auto Order(const Use& use) { return std::tuple(use.check, use.role); }
bool Before(const Use& left, const Use& right) { return Order(left) < Order(right); }

std::vector<Use> UsesOf(const std::vector<Wanted>& wanted) {
  std::vector<Use> uses;
  for (const Wanted& next : wanted) uses.insert(uses.end(), next.uses.begin(), next.uses.end());
  return uses;
}

// Checks after every pass that no (check, role) was lost or doubled. One that was is refused in plain words,
// so that a mistake here is a visible error and never a check that passes because nobody measured it.
class Verifier {
 public:
  explicit Verifier(std::vector<Use> requested) : requested_(std::move(requested)) {}

  void After(std::string_view pass, const std::vector<Wanted>& wanted, Plan& plan) {
    for (const Use& use : Misplaced(requested_, wanted, plan)) {
      plan.refusals.push_back(
          {use.check,
           MakeError(ErrorCode::kInternal,
                     fmt::format("the planner's pass `{}` misplaced its {}", pass, ToString(use.role))),
           false});
      std::erase_if(requested_, [&](const Use& other) { return other.check == use.check; });
    }
  }

 private:
  std::vector<Use> requested_;
};

// The tables that --as-of leaves whole, of those that are read.
std::vector<TableName> WholeTables(const Plan& plan, const Planning& planning) {
  if (!planning.options.as_of) return {};
  const AsOf as_of(planning);
  std::set<TableName> whole;
  for (const Statement& statement : plan.statements) {
    for (const Slot& slot : statement.slots) {
      for (const Use& use : slot.uses) {
        const TableName& table = planning.checks[use.check]->table->name;
        if (!as_of.Cuts(table)) whole.insert(table);
      }
    }
  }
  return {whole.begin(), whole.end()};
}

}  // namespace

const std::vector<std::string>& PassNames() {
  static const std::vector<std::string> kNames = {"dedupe", "prove", "classify", "fold"};
  return kNames;
}

std::vector<Use> Misplaced(std::vector<Use> requested, const std::vector<Wanted>& wanted, const Plan& plan) {
  std::map<size_t, bool> settled;  // proven or refused as a whole
  for (const Proof& proof : plan.proofs) settled[proof.check] = true;
  for (const Refusal& refusal : plan.refusals) settled[refusal.check] = true;
  std::vector<Use> placed = UsesOf(wanted);
  for (const Statement& statement : plan.statements) {
    for (const Slot& slot : statement.slots) placed.insert(placed.end(), slot.uses.begin(), slot.uses.end());
  }
  std::ranges::sort(placed, Before);
  std::ranges::sort(requested, Before);

  std::vector<Use> misplaced;
  for (const Use& use : requested) {
    const auto [first, last] = std::equal_range(placed.begin(), placed.end(), use, Before);
    const auto places = (last - first) + (settled.contains(use.check) ? 1 : 0);
    if (places != 1) misplaced.push_back(use);
  }
  return misplaced;
}

Plan MakePlan(std::span<const CheckPtr> checks, const Catalog* catalog, const Dialect& dialect,
              const PlanOptions& options) {
  const Planning planning{checks, catalog, dialect, options};
  Plan plan;
  LoweredChecks lowered = Lower(planning);
  plan.refusals = std::move(lowered.refusals);
  plan.reuses = std::move(lowered.reuses);
  plan.from_catalog = std::move(lowered.from_catalog);
  std::vector<Wanted> wanted = std::move(lowered.wanted);
  Verifier verifier(UsesOf(wanted));

  if (planning.Enabled("dedupe")) wanted = Dedupe(std::move(wanted));
  verifier.After("dedupe", wanted, plan);
  if (planning.Enabled("prove")) wanted = Prove(std::move(wanted), planning, plan.proofs);
  verifier.After("prove", wanted, plan);
  wanted = Classify(std::move(wanted), planning, plan.refusals);
  verifier.After("classify", wanted, plan);
  plan.statements = Fold(std::move(wanted), planning);
  verifier.After("fold", {}, plan);
  for (Statement& statement : plan.statements) Render(statement, dialect);
  plan.whole = WholeTables(plan, planning);
  return plan;
}

namespace {

bool ServeOneCheck(const Slot& left, const Slot& right) {
  return std::ranges::any_of(left.uses, [&](const Use& use) {
    return std::ranges::find(right.uses, use.check, &Use::check) != right.uses.end();
  });
}

// The cut nearest to the middle that leaves neighbours of one check together: a condition that fails does so
// in all the slots it stands in.
size_t CutOf(const std::vector<Slot>& slots) {
  const size_t middle = slots.size() / 2;
  for (size_t away = 0; away < middle; ++away) {
    for (const size_t cut : {middle - away, middle + away}) {
      if (cut > 0 && cut < slots.size() && !ServeOneCheck(slots[cut - 1], slots[cut])) return cut;
    }
  }
  return middle;
}

}  // namespace

std::vector<Statement> Halves(const Statement& statement, const Dialect& dialect) {
  if (statement.slots.size() < 2) return {};
  const auto middle = static_cast<std::ptrdiff_t>(CutOf(statement.slots));
  std::vector<Statement> halves(2, statement);
  halves[0].slots.assign(statement.slots.begin(), statement.slots.begin() + middle);
  halves[1].slots.assign(statement.slots.begin() + middle, statement.slots.end());
  for (Statement& half : halves) Render(half, dialect);
  return halves;
}

}  // namespace amont
