#include "lineage/openlineage/run_accumulator.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "tests/testing/extract_text.h"

namespace amont {
namespace {

OpenLineageDataset Dataset(std::string name) {
  OpenLineageDataset dataset;
  dataset.id = {.space = "postgres://h:5432", .name = std::move(name)};
  return dataset;
}

OpenLineageEvent RunEvent(int run, RunTransition transition, std::vector<OpenLineageDataset> inputs,
                          std::vector<OpenLineageDataset> outputs) {
  OpenLineageEvent event;
  event.at = Timestamp(std::chrono::seconds(1'000'000 + run));
  event.run_id = fmt::format("0190e1a0-0000-7000-8000-{:012}", run);
  event.transition = transition;
  event.job.emplace();
  event.job->id = {.space = "n", .name = fmt::format("j{}", run)};
  event.inputs = std::move(inputs);
  event.outputs = std::move(outputs);
  return event;
}

TEST(RunAccumulatorTest, TheOldestEndedRunsAreForgottenFirst) {
  RunAccumulator runs(DatasetNaming(), {.runs = 2});
  const OpenLineageEvent open = RunEvent(1, RunTransition::kStart, {Dataset("d.s.a")}, {});
  const OpenLineageEvent ended =
      RunEvent(2, RunTransition::kComplete, {Dataset("d.s.a")}, {Dataset("d.s.b")});
  runs.Add(open);
  runs.Add(ended);
  EXPECT_EQ(runs.runs(), 2U);
  runs.Add(RunEvent(3, RunTransition::kStart, {}, {}));
  EXPECT_EQ(runs.runs(), 2U);
  EXPECT_EQ(runs.forgotten(), 1U);
  EXPECT_FALSE(runs.Known(ended).has_value());
  EXPECT_TRUE(runs.Known(open).has_value());
  // No ended one is left: the one whose last event is oldest goes.
  const OpenLineageEvent latest = RunEvent(4, RunTransition::kStart, {}, {});
  runs.Add(latest);
  EXPECT_FALSE(runs.Known(open).has_value());
  EXPECT_TRUE(runs.Known(latest).has_value());
}

TEST(RunAccumulatorTest, FactsAreBoundedOverAllRunsAndInOne) {
  RunAccumulator runs(DatasetNaming(), {.runs = 1'000, .facts = 100, .facts_of_run = 30});
  for (int run = 0; run < 50; ++run) {
    std::vector<OpenLineageDataset> inputs;
    for (int i = 0; i < 40; ++i) inputs.push_back(Dataset(fmt::format("d.s.t{}", i)));
    const Extract extract = runs.Add(RunEvent(run, RunTransition::kComplete, inputs, {})).extract;
    EXPECT_EQ(extract.nodes.size(), 31U);  // with the job's
    ASSERT_EQ(extract.warnings.size(), 1U);
  }
  EXPECT_LE(runs.facts(), 100U);
  EXPECT_LE(runs.runs(), 4U);
}

TEST(RunAccumulatorTest, TwoThousandInputsAreFine) {
  RunAccumulator runs(DatasetNaming(), {});
  std::vector<OpenLineageDataset> inputs;
  for (int i = 0; i < 2'000; ++i) inputs.push_back(Dataset(fmt::format("d.s.t{}", i)));
  EXPECT_EQ(runs.Add(RunEvent(1, RunTransition::kComplete, inputs, {Dataset("d.m.x")})).extract.edges.size(),
            2'000U);
  // More pairs than make sense go through the job.
  std::vector<OpenLineageDataset> outputs;
  for (int i = 0; i < 100; ++i) outputs.push_back(Dataset(fmt::format("d.m.t{}", i)));
  const Extract wide = runs.Add(RunEvent(2, RunTransition::kComplete, inputs, outputs)).extract;
  EXPECT_EQ(wide.edges.size(), 2'100U);
}

TEST(RunAccumulatorTest, OtherSourcesGiveOtherNames) {
  RunAccumulator runs(DatasetNaming(), {});
  const OpenLineageEvent event =
      RunEvent(1, RunTransition::kComplete, {Dataset("shop.s.a")}, {Dataset("shop.s.b")});
  EXPECT_EQ(runs.Add(event).extract.edges.at(0).upstream.Text(), "\"postgres://h:5432\"/\"shop.s\".a");
  runs.SetNaming(DatasetNaming({{"wh", "postgres://h/shop", "", "public", {}}}, {}));
  EXPECT_EQ(runs.Known(event)->edges.at(0).upstream.Text(), "wh/s.a");
}

TEST(RunAccumulatorTest, WhichNameCameFirstDoesNotMatter) {
  const DatasetNaming naming({{"wh", "postgres://h/shop", "", "public", {}}}, {});
  const auto path = [](std::vector<DatasetId> symlinks) {
    OpenLineageDataset dataset;
    dataset.id = {.space = "file", .name = "/x"};
    dataset.symlinks = std::move(symlinks);
    return dataset;
  };
  const OpenLineageDataset ours = path({{.space = "postgres://h:5432", .name = "shop.s.t"}});
  const OpenLineageDataset other = path({{.space = "hive://h:10000", .name = "s.t"}});
  const std::vector<OpenLineageEvent> events = {
      RunEvent(1, RunTransition::kComplete, {ours}, {Dataset("shop.s.o")}),
      RunEvent(2, RunTransition::kComplete, {other}, {Dataset("shop.s.o")})};
  for (const bool turned : {false, true}) {
    RunAccumulator runs(naming, {});
    runs.Add(events[turned ? 1 : 0]);
    runs.Add(events[turned ? 0 : 1]);
    for (const OpenLineageEvent& event : events) {
      EXPECT_EQ(runs.Known(event)->edges.at(0).upstream.Text(), "wh/s.t") << turned;
    }
  }
}

TEST(RunAccumulatorTest, ARunIdOfEveryRunIsOneOfItsJobOnly) {
  RunAccumulator runs(DatasetNaming(), {});
  OpenLineageEvent one = RunEvent(1, RunTransition::kComplete, {Dataset("d.s.a")}, {});
  OpenLineageEvent two = RunEvent(2, RunTransition::kComplete, {}, {Dataset("d.s.b")});
  one.run_id = two.run_id = "run_id";
  runs.Add(one);
  EXPECT_TRUE(runs.Add(two).extract.edges.empty());
}

}  // namespace
}  // namespace amont
