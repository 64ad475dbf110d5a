// The planner's bookkeeping: nothing lost, nothing doubled, halves, limits, and what history saves.

#include "checks/plan/planner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "checks/plan/passes.h"
#include "core/limits.h"
#include "tests/checks/plan/plan_case.h"

namespace amont {
namespace {

using testing::PlanCase;
using testing::ReadPlanCase;

constexpr const char* kOrders = R"(
#: table mart.orders
#:   id bigint not null
#:   amount numeric
#:   placed_at timestamptz
[[table]]
name = "mart.orders"
source = "warehouse"
not_null = ["id", "amount"]
[table.columns.amount]
mean = { min = 1, max = 2 }
)";

Wanted WantedBy(std::vector<Use> uses) {
  Wanted wanted;
  wanted.uses = std::move(uses);
  return wanted;
}

TEST(Misplaced, FindsWhatIsLostOrDoubled) {
  const Use value{0, Role::kValue};
  const Use rows{0, Role::kRows};
  const Use other{1, Role::kValue};
  Plan plan;
  EXPECT_TRUE(Misplaced({value, rows, other}, {WantedBy({value, other}), WantedBy({rows})}, plan).empty());
  EXPECT_EQ(Misplaced({value, rows}, {WantedBy({value})}, plan), std::vector<Use>{rows});
  EXPECT_EQ(Misplaced({value}, {WantedBy({value}), WantedBy({value})}, plan), std::vector<Use>{value});
  plan.proofs.push_back({0, "a proof"});
  EXPECT_TRUE(Misplaced({value, rows}, {}, plan).empty()) << "a proof stands for the whole check";
  EXPECT_EQ(Misplaced({value}, {WantedBy({value})}, plan), std::vector<Use>{value}) << "proven and asked";
  plan.refusals.push_back({1, MakeError(ErrorCode::kNotFound, "gone"), false});
  EXPECT_TRUE(Misplaced({value, other}, {}, plan).empty());
}

TEST(Planner, PlacesEveryRequestOnce) {
  PlanCase one = ReadPlanCase(kOrders);
  for (const std::string& pass : std::vector<std::string>{"", "dedupe", "prove", "classify", "fold"}) {
    one.options.disabled = {pass};
    const Plan plan = one.Make();
    EXPECT_TRUE(plan.refusals.empty()) << pass;
    std::vector<Use> placed = plan.from_catalog;
    for (const Statement& statement : plan.statements) {
      for (const Slot& slot : statement.slots)
        placed.insert(placed.end(), slot.uses.begin(), slot.uses.end());
    }
    for (size_t check = 0; check < one.checks.size(); ++check) {
      const auto values = std::ranges::count(placed, Use{check, Role::kValue});
      const auto proofs = std::ranges::count(plan.proofs, check, &Proof::check);
      EXPECT_EQ(values + proofs, 1) << one.checks[check]->id << " without " << pass;
    }
  }
}

TEST(Planner, AStatementHoldsAtMostItsSlots) {
  std::string toml = "[[table]]\nname = \"mart.wide\"\nsource = \"warehouse\"\nnot_null = [";
  for (int i = 0; i < 450; ++i) toml += fmt::format("\"c{}\", ", i);
  PlanCase one;
  one.checks = testing::DeclareChecks(toml + "]\n");
  one.dialect = MakeDialect(Engine::kPostgres, "warehouse");
  const Plan plan = one.Make();
  ASSERT_EQ(plan.statements.size(), 3u);
  size_t slots = 0;
  for (const Statement& statement : plan.statements) {
    EXPECT_LE(statement.slots.size(), static_cast<size_t>(limits::kSlotsPerStatement));
    slots += statement.slots.size();
  }
  EXPECT_EQ(slots, 451u) << "and one count of rows";
}

TEST(Halves, AreTheStatementWithHalfItsSlots) {
  PlanCase one = ReadPlanCase(kOrders);
  const Plan plan = one.Make();
  ASSERT_EQ(plan.statements.size(), 1u);
  const Statement& whole = plan.statements[0];
  ASSERT_EQ(whole.slots.size(), 3u);
  const std::vector<Statement> halves = Halves(whole, *one.dialect);
  ASSERT_EQ(halves.size(), 2u);
  EXPECT_EQ(halves[0].slots.size() + halves[1].slots.size(), 3u);
  EXPECT_EQ(halves[0].slots[0].alias, whole.slots[0].alias) << "answers keep their names";
  EXPECT_NE(halves[0].sql.find(halves[0].slots[0].expression), std::string::npos);
  EXPECT_EQ(halves[0].sql.find(halves[1].slots[0].expression), std::string::npos);
  EXPECT_EQ(halves[0].from, whole.from);
  EXPECT_TRUE(Halves(halves[0].slots.size() == 1 ? halves[0] : halves[1], *one.dialect).empty());
}

TEST(Planner, AClosedWindowIsReusedGroupByGroup) {
  PlanCase one = ReadPlanCase(R"(
#: table mart.orders
#:   country text
#:   placed_at timestamptz
[[table]]
name = "mart.orders"
source = "warehouse"
[[table.volume]]
min = 1
group_by = "country"
window = { column = "placed_at", last = "1d", delay = "2h" }
)");
  const size_t volume = one.IndexOf(":volume");
  History& history = one.history[one.checks[volume]->id];
  PastPoint point;
  point.window_to = ParseTimestamp("2026-11-24T00:00:00Z").value();
  point.at = point.first_measured = one.options.now - std::chrono::minutes(119);
  point.measured = 1;
  point.group = "FR";
  point.value = int64_t{7};
  history.points.push_back(point);
  point.group = "DE";
  point.value = int64_t{3};
  history.points.push_back(point);

  Plan plan = one.Make();
  ASSERT_EQ(plan.reuses.size(), 2u);
  EXPECT_EQ(plan.reuses[0].measurement.group, "DE");
  EXPECT_EQ(plan.reuses[0].measurement.value, Value(int64_t{3}));
  EXPECT_EQ(plan.reuses[0].measurement.window_to, point.window_to);

  history.points[0].first_measured -=
      std::chrono::minutes(2);  // one group is due for its late recount: all are
  plan = one.Make();
  EXPECT_TRUE(plan.reuses.empty());
  for (PastPoint& past : history.points) past.measured = 2;
  EXPECT_EQ(one.Make().reuses.size(), 2u);
  one.options.as_of = true;
  EXPECT_TRUE(one.Make().reuses.empty()) << "--as-of looks for itself";
}

TEST(Planner, AReferenceIsMeasuredOnlyWithoutAnyInHistory) {
  PlanCase one = ReadPlanCase(R"(
#: table mart.orders
#:   email text
#:   placed_at timestamptz
[[table]]
name = "mart.orders"
source = "warehouse"
[[table.volume]]
window = { column = "placed_at", last = "1d" }
change = { versus = "7d", min = "-30%" }
)");
  const size_t change = one.IndexOf(":volume_change");
  const auto asks = [&] {
    const Plan plan = one.Make();
    return std::ranges::any_of(plan.statements, [&](const Statement& statement) {
      return std::ranges::any_of(statement.slots, [&](const Slot& slot) {
        return std::ranges::count(slot.uses, Use{change, Role::kReference}) > 0;
      });
    });
  };
  EXPECT_TRUE(asks());
  PastPoint point;
  point.at = ParseTimestamp("2026-11-17T01:00:00Z").value();
  point.value = int64_t{10};
  point.status = Status::kFail;
  one.history[one.checks[change]->id].points = {point};
  EXPECT_TRUE(asks()) << "what failed is no reference";
  one.history[one.checks[change]->id].points[0].status = Status::kWarn;
  EXPECT_FALSE(asks());
  one.history[one.checks[change]->id].points[0].at -= std::chrono::hours(24 * 30);
  EXPECT_TRUE(asks()) << "too long ago";
  one.history[one.checks[change]->id].points[0].status = Status::kPass;
  EXPECT_FALSE(asks()) << "the last passing one serves, however old";
}

}  // namespace
}  // namespace amont
