#include "server/telemetry/state_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/telemetry/seeded.h"

namespace amont {
namespace {

using testing::SeededChecks;
using testing::SeededNow;
using testing::SeededState;
using testing::SeededStates;

constexpr size_t kBlock = StateMap::kTablesPerBlock;

Conclusion Concluded(const CheckPtr& check, Status status, Timestamp at, bool matched = false) {
  Conclusion table;
  table.table = check->table;
  table.matched = matched;
  Verdict& verdict = table.verdicts.emplace_back();
  verdict.check = check;
  verdict.status = status;
  verdict.at = at;
  if (status == Status::kError) verdict.error = MakeError(ErrorCode::kUnreachable, "gone");
  return table;
}

std::vector<std::string> Ids(const std::vector<KnownCheckPtr>& listed) {
  std::vector<std::string> ids;
  for (const KnownCheckPtr& known : listed) ids.push_back(known->check->id);
  return ids;
}

size_t TablesIn(const StateMap& states, size_t block) { return states.Block(block).size(); }

TEST(StateMap, AnErrorKeepsTheLastStatusAndIsWhatStandsNow) {
  StateMap states;
  const std::vector<CheckPtr> checks = SeededChecks(1);
  states.Replace(checks, {});
  EXPECT_EQ(states.Find(checks[0]->id)->now(), std::nullopt);
  states.Apply(std::vector{Concluded(checks[0], Status::kWarn, SeededNow())});
  states.Apply(std::vector{Concluded(checks[0], Status::kError, SeededNow() + std::chrono::minutes(1))});
  const KnownCheckPtr known = states.Find(checks[0]->id);
  EXPECT_EQ(known->now(), Status::kError);
  EXPECT_EQ(known->state->status, Status::kWarn);
  EXPECT_EQ(known->state->error, "gone");
  EXPECT_EQ(known->state->last_success, SeededNow());
  EXPECT_EQ(states.Find("nothing"), nullptr);
}

TEST(StateMap, AReplaceKeepsTheStatesOfChecksThatStay) {
  StateMap states;
  const std::vector<CheckPtr> checks = SeededChecks(2);
  states.Replace(checks, {});
  states.Load(SeededStates(checks, SeededNow()));
  states.SetNextRun(std::vector{checks[1]->id}, SeededNow());
  const std::vector<CheckPtr> fewer = {checks[1]};
  states.Replace(fewer, {{"finance", Owner{"finance", "#finance", {}, {}}}});
  EXPECT_EQ(states.size(), 1u);
  EXPECT_EQ(states.Find(checks[0]->id), nullptr);
  const KnownCheckPtr known = states.Find(checks[1]->id);
  EXPECT_EQ(known->now(), Status::kPass);
  EXPECT_EQ(known->next_run, SeededNow());
  EXPECT_EQ(known->owner->contact, "#finance");
  EXPECT_EQ(TablesIn(states, 0), 1u);
}

TEST(StateMap, LoadedStatesWaitForTheirChecks) {
  StateMap states;
  EXPECT_FALSE(states.loaded());
  const std::vector<CheckPtr> checks = SeededChecks(1);
  states.Load(SeededStates(checks, SeededNow()));
  EXPECT_TRUE(states.loaded());
  EXPECT_EQ(states.size(), 0u);
  states.Replace(std::vector{checks[0]}, {});
  EXPECT_EQ(states.Find(checks[0]->id)->now(), Status::kPass);
  // A wildcard's table brings its checks along.
  states.Apply(std::vector{Concluded(checks[1], Status::kFail, SeededNow() + std::chrono::minutes(5), true)});
  EXPECT_EQ(states.Find(checks[1]->id)->now(), Status::kFail);
  EXPECT_EQ(states.Find(checks[1]->id)->state->value, std::nullopt);
}

TEST(StateMap, AnOlderStateIsLeftAlone) {
  StateMap states;
  const std::vector<CheckPtr> checks = {SeededChecks(1)[0]};
  states.Replace(checks, {});
  states.Apply(std::vector{Concluded(checks[0], Status::kFail, SeededNow())});
  states.Load(SeededStates(checks, SeededNow() - std::chrono::minutes(1)));
  EXPECT_EQ(states.Find(checks[0]->id)->now(), Status::kFail);
  states.Load(SeededStates(checks, SeededNow() + std::chrono::minutes(1)));
  EXPECT_EQ(states.Find(checks[0]->id)->now(), Status::kPass);
}

TEST(StateMap, OnlyWildcardsOfTheConfigurationInForceAddChecks) {
  StateMap states;
  const std::vector<CheckPtr> checks = SeededChecks(1);
  states.Apply(std::vector{Concluded(checks[0], Status::kFail, SeededNow(), false)});
  states.Apply(std::vector{Concluded(checks[1], Status::kFail, SeededNow(), true)}, /*adds=*/false);
  EXPECT_EQ(states.size(), 0u);
}

TEST(StateMap, ListsInOrderByPagesAndFilters) {
  StateMap states;
  const std::vector<CheckPtr> checks = SeededChecks(700);  // several looks at the map
  states.Replace(checks, {});
  std::vector<CheckState> loaded = SeededStates(checks, SeededNow());
  loaded[3'000].status = Status::kFail;
  loaded[12].error = "gone";
  states.Load(loaded);
  std::vector<std::string> all, paged;
  for (const CheckPtr& check : checks) all.push_back(check->id);
  std::ranges::sort(all);
  EXPECT_EQ(Ids(states.List({}, "", 10'000)), all);
  for (std::string after;;) {
    const std::vector<std::string> page = Ids(states.List({}, after, 999));
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back();
  }
  EXPECT_EQ(paged, all);
  CheckFilter filter;
  filter.statuses = {Status::kFail, Status::kError};
  EXPECT_EQ(Ids(states.List(filter, "", 10)).size(), 2u);
  filter = {};
  filter.kind = "volume";
  filter.table = checks[0]->table->name;
  EXPECT_EQ(Ids(states.List(filter, "", 10)), std::vector{checks[1]->id});
  filter = {};
  filter.owner = "nobody";
  EXPECT_TRUE(states.List(filter, "", 10).empty());
  filter = {};
  filter.source = "warehouse";
  EXPECT_EQ(states.List(filter, "", 7).size(), 7u);
}

TEST(StateMap, TablesKeepTheirPlacesAndTellWhatChangedOnce) {
  StateMap states;
  const std::vector<CheckPtr> checks = SeededChecks(3 * kBlock);
  states.Replace(checks, {});
  EXPECT_EQ(states.TakeDirtyBlocks(), (std::vector<size_t>{0, 1, 2}));
  EXPECT_TRUE(states.TakeDirtyBlocks().empty());
  const CheckPtr& check = checks[(kBlock + 3) * testing::kSeededChecks];
  states.Apply(std::vector{Concluded(check, Status::kFail, SeededNow())});
  EXPECT_EQ(states.TakeDirtyBlocks(), (std::vector<size_t>{1}));
  states.SetNextRun(std::vector{check->id}, SeededNow());
  states.SetNextRun(std::vector{check->id}, SeededNow());
  EXPECT_EQ(states.TakeDirtyBlocks(), (std::vector<size_t>{1}));
  states.SetNextRun(std::vector{check->id}, SeededNow());
  EXPECT_TRUE(states.TakeDirtyBlocks().empty());

  const std::vector<CheckPtr> last(checks.end() - testing::kSeededChecks, checks.end());
  states.Replace(last, {});  // all others leave, it stays where it is
  EXPECT_EQ(TablesIn(states, 0) + TablesIn(states, 1), 0u);
  EXPECT_EQ(TablesIn(states, 2), 1u);
  states.Replace(checks, {});  // and free places are taken again
  for (size_t block = 0; block < 3; ++block) EXPECT_EQ(TablesIn(states, block), kBlock);
  EXPECT_EQ(TablesIn(states, 3), 0u);
}

TEST(StateMap, ReadersAndWritersAtOnceSeeWholeChecks) {
  const std::vector<CheckPtr> checks = SeededChecks(20);
  for (int round = 0; round < 100; ++round) {
    StateMap states;
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        states.Replace(std::span(checks).first(checks.size() / (1 + i % 2)), {});
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) states.Load(SeededStates(checks, SeededNow() + std::chrono::minutes(i)));
    });
    threads.emplace_back([&] {
      for (const CheckPtr& check : checks) {
        states.Apply(std::vector{Concluded(check, Status::kFail, SeededNow(), true)});
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        for (const KnownCheckPtr& known : states.List({}, "", 50)) EXPECT_NE(known->check, nullptr);
        for (const size_t block : states.TakeDirtyBlocks()) {
          for (const StateMap::TableChecks& table : states.Block(block)) EXPECT_FALSE(table.empty());
        }
      }
    });
    threads.clear();
    EXPECT_TRUE(states.loaded());
  }
}

}  // namespace
}  // namespace amont
