// The standard's own samples and real events of three producers: all are accepted, real lineage comes out of
// them, and over thousands of mutations of them we accept what the standard's schema accepts.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include "lineage/openlineage/batch.h"
#include "lineage/openlineage/run_accumulator.h"
#include "tests/testing/extract_text.h"
#include "tests/testing/process.h"
#include "tests/testing/shared_data.h"

namespace amont {
namespace {

using testing::SharedData;

std::vector<std::filesystem::path> FilesBelow(std::string_view folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SharedData(folder))) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<OpenLineageEvent> RealEvents() {
  std::vector<OpenLineageEvent> events;
  for (const auto& file : FilesBelow("openlineage/events")) {
    auto event = ReadOpenLineageEvent(testing::ReadFile(file), {});
    EXPECT_TRUE(event.has_value()) << file << ": " << event.error().message;
    if (event) events.push_back(*std::move(event));
  }
  return events;
}

TEST(SharedEventsTest, RealEventsAreAccepted) {
  AMONT_NEEDS_SHARED_DATA("openlineage/events");
  EXPECT_GE(RealEvents().size(), 14U);
  auto sample = ReadOpenLineageEvent(
      testing::ReadFile(SharedData("openlineage/facet_samples/example_full_event.json")), {});
  ASSERT_TRUE(sample.has_value()) << sample.error().message;
  EXPECT_EQ(sample->job->sql, "SELECT 1");
}

// A sample is an object of one facet, made for a dataset, an input, an output, a job or a run.
TEST(SharedEventsTest, EverySampleFacetIsReadWithoutAWarning) {
  AMONT_NEEDS_SHARED_DATA("openlineage/facet_samples");
  for (const auto& file : FilesBelow("openlineage/facet_samples")) {
    const std::string name = file.filename().string();
    if (name.starts_with("example_")) continue;
    const std::string facets = testing::ReadFile(file);
    const bool of_job = name.find("JobFacet") != std::string::npos || name.starts_with("LineageFacet");
    const bool of_run = name.find("RunFacet") != std::string::npos;
    const bool of_input = name.find("InputDatasetFacet") != std::string::npos;
    const auto here = [&](bool wanted) { return wanted ? facets : std::string("{}"); };
    const std::string text = fmt::format(
        R"({{"eventTime":"2026-11-24T05:00:00Z","producer":"p","schemaURL":"s","eventType":"COMPLETE",
        "run":{{"runId":"0190e1a0-0000-7000-8000-000000000001","facets":{}}},
        "job":{{"namespace":"n","name":"j","facets":{}}},
        "outputs":[{{"namespace":"file","name":"/x","facets":{}}}],
        "inputs":[{{"namespace":"file","name":"/y","inputFacets":{}}}]}})",
        here(of_run), here(of_job), here(!of_job && !of_run && !of_input), here(of_input));
    auto event = ReadOpenLineageEvent(text, {});
    ASSERT_TRUE(event.has_value()) << name << ": " << event.error().message;
    EXPECT_TRUE(event->warnings.empty()) << name << ": " << event->warnings.front();
  }
}

// Every run's Extract after all events, in this order.
std::string AllKnown(const std::vector<OpenLineageEvent>& events, const std::vector<size_t>& order) {
  RunAccumulator runs(DatasetNaming({}, {{"file:/tmp/cll_test", "lake"}}), {});
  for (const size_t i : order) runs.Add(events[i]);
  std::set<std::string> known;
  for (const OpenLineageEvent& event : events) {
    const std::optional<Extract> extract = runs.Known(event);
    if (!extract) continue;
    std::string text = testing::ExtractText(*extract) + FormatTimestamp(extract->at) + extract->origin;
    for (const Edge& edge : extract->edges)
      text += FormatTimestamp(edge.first_seen) + FormatTimestamp(edge.last_seen);
    known.insert(event.run_id + "\n" + text);
  }
  std::string all;
  for (const std::string& text : known) all += text;
  return all;
}

TEST(SharedEventsTest, AnyOrderWithDuplicatesGivesTheSameEdges) {
  AMONT_NEEDS_SHARED_DATA("openlineage/events");
  const std::vector<OpenLineageEvent> events = RealEvents();
  std::vector<size_t> order(events.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const std::string expected = AllKnown(events, order);
  EXPECT_NE(expected.find("lake/\"default.tbl1\".agg direct by job:testColumnLevelLineage/"),
            std::string::npos)
      << expected;
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<size_t> shuffled = order;
    for (int i = 0; i < round % 9; ++i) shuffled.push_back(order[random() % order.size()]);
    std::ranges::shuffle(shuffled, random);
    ASSERT_EQ(AllKnown(events, shuffled), expected) << "round " << round;
  }
}

TEST(SharedEventsTest, SparkColumnLineageIsWholeAndExact) {
  AMONT_NEEDS_SHARED_DATA("openlineage/events");
  RunAccumulator runs(DatasetNaming(), {});
  Extract last;
  for (const OpenLineageEvent& event : RealEvents()) {
    if (event.run_id == "019127df-0850-72bc-b214-b255290588a6") last = runs.Add(event).extract;
  }
  std::string columns;
  for (const Edge& edge : last.edges) {
    if (edge.kind == EdgeKind::kDirect) {
      columns += fmt::format("{}.{} -> {}.{}\n", edge.upstream.node.name, edge.upstream.column,
                             edge.downstream.node.name, edge.downstream.column);
    }
  }
  EXPECT_EQ(columns,
            "/tmp/cll_test/cll_source1. -> /tmp/cll_test/tbl1.\n"
            "/tmp/cll_test/cll_source2. -> /tmp/cll_test/tbl1.\n"
            "/tmp/cll_test/cll_source2.c -> /tmp/cll_test/tbl1.agg\n"
            "/tmp/cll_test/cll_source1.a -> /tmp/cll_test/tbl1.ident\n"
            "/tmp/cll_test/cll_source1.b -> /tmp/cll_test/tbl1.trans\n");
}

// Mutates events and judges them by the schema: one line each, "1" or "0" and the event.
constexpr const char* kMutate = R"(
import copy, json, random, sys
from jsonschema import Draft202012Validator
schema = json.load(open(sys.argv[1]))
validator = Draft202012Validator(schema)
seeds = [json.load(open(path)) for path in sys.argv[2:]]
for seed in list(seeds):
    for facets in (seed.get("run", {}).get("facets"), seed.get("job", {}).get("facets")):
        for big in ("spark.logicalPlan", "spark_unknown"): (facets or {}).pop(big, None)
    if "run" in seed:
        job = copy.deepcopy(seed); del job["run"]; seeds.append(job)
    for part in ("inputs", "outputs"):
        for dataset in seed.get(part, [])[:1]:
            seeds.append({**{k: seed[k] for k in ("eventTime", "producer", "schemaURL")}, "dataset": dataset})
random.seed(11)
values = [None, True, 7, 1.5, "text", [], {}, ["x"], {"a": 1}, [{}], {"namespace": "n", "name": "m"}, {"runId": "r"}]
keys = ["run", "job", "dataset", "inputs", "outputs", "eventType", "producer", "facets", "_deleted", "name"]
def paths(value, depth):
    if depth == 0: return
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield value, key
        yield from paths(child, depth - 1)
for _ in range(1200):
    event = copy.deepcopy(random.choice(seeds))
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        spots = list(paths(event, random.choice([1, 2, 3, 4, 5])))
        if not spots: break
        owner, key = random.choice(spots)
        what = random.random()
        if what < 0.4: del owner[key]
        elif what < 0.8: owner[key] = random.choice(values)
        elif isinstance(owner, dict): owner[random.choice(keys)] = random.choice(values)
    print(int(validator.is_valid(event)), json.dumps(event), sep="\t")
)";

TEST(SharedEventsTest, WhatIsAcceptedIsWhatTheSchemaAccepts) {
  AMONT_NEEDS_SHARED_DATA("openlineage/spec");
  const auto run = [](const std::vector<std::string>& command) { return testing::Process(command).Wait(); };
  if (run({"python3", "-c", "from jsonschema import Draft202012Validator"}).exit_code != 0)
    GTEST_SKIP() << "python3-jsonschema is not here";
  std::vector<std::string> command = {"python3", "-c", kMutate,
                                      SharedData("openlineage/spec/OpenLineage.json")};
  for (const auto& file : FilesBelow("openlineage/events")) command.push_back(file);
  command.push_back(SharedData("openlineage/facet_samples/example_full_event.json"));
  const testing::ProcessResult judged = run(command);
  ASSERT_EQ(judged.exit_code, 0) << judged.err;
  int accepted = 0;
  int refused = 0;
  std::istringstream lines(judged.out);
  for (std::string line; std::getline(lines, line);) {
    const std::string_view text = std::string_view(line).substr(2);
    const auto event = ReadOpenLineageEvent(text, {});
    // Stricter than the schema's letter, on purpose.
    if (!event && event.error().message.find("/eventTime: not a date-time") == 0) continue;
    EXPECT_EQ(event.has_value(), line[0] == '1') << (event ? "" : event.error().message) << "\n"
                                                 << text.substr(0, 2000);
    ++(event ? accepted : refused);
  }
  EXPECT_GT(accepted, 200);
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace amont
