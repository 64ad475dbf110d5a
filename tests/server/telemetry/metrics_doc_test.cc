// docs/metrics.md says of every family what the page itself says.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "lineage/graph_builder.h"
#include "server/telemetry/lineage_families.h"
#include "server/telemetry/metrics_page.h"
#include "tests/server/telemetry/seeded.h"
#include "tests/testing/paths.h"

namespace amont {
namespace {

constexpr char kBegin[] = "<!-- families: written by the tests with AMONT_UPDATE=1 -->\n";
constexpr char kEnd[] = "<!-- end -->\n";

// A page on which every family has a sample.
std::string FullPage() {
  StateMap states;
  Instruments instruments;
  MetricsPage page(states, instruments);
  const std::vector<CheckPtr> checks = testing::SeededChecks(1);
  auto drift = std::make_shared<Check>(*testing::SeededCheck(checks[0]->table, "schema", "drift"));
  drift->expectation = NoDrift{};
  std::vector<CheckPtr> all = checks;
  all.push_back(drift);
  states.Replace(all, {{"finance", Owner{"finance", "", {{"NAME", "x"}}, {}}}});
  std::vector<CheckState> known = testing::SeededStates(all, testing::SeededNow());
  known[0].error = "gone";
  known[1].groups[Status::kPass] = 1;
  states.Load(known);
  states.SetNextRun(std::vector{checks[0]->id}, testing::SeededNow());
  states.SetSourceUp("warehouse", true);
  instruments.RunFinished("warehouse", std::chrono::seconds(1), false);
  instruments.StatementFinished("warehouse", "scan", std::chrono::seconds(1));
  instruments.ConfigReloaded(false, testing::SeededNow(), {"checks/a.toml"});
  instruments.RpcStarted("unary", "s", "m");
  instruments.RpcHandled("unary", "s", "m", "OK", std::chrono::seconds(1));
  instruments.SetLineageEdges("declared", 1);
  GraphBuilder graph;
  Edge edge;
  edge.upstream.node = NodeName::Of({"warehouse", "raw", "orders"});
  edge.downstream.node = NodeName::Of({"warehouse", "mart", "orders"});
  graph.Add(edge);
  page.SetLineage(LineageFamilies(graph.Build(), {TableName{"warehouse", "mart", "orders"}},
                                  {{{"warehouse", "raw", "orders"}, testing::SeededNow()}}, {}));
  page.SetLeading(true);
  page.Render();
  std::string text;
  const MetricsText scraped = page.Scrape(false);
  for (size_t i = 0; const auto piece = scraped.piece(i); ++i) text += *piece;
  return text;
}

// The names of a sample's labels, in order; without those of histograms.
std::vector<std::string> LabelsOf(const std::string& sample) {
  std::vector<std::string> labels;
  const size_t open = sample.find('{');
  for (size_t at = open; at != std::string::npos && at < sample.rfind('}');) {
    const size_t equals = sample.find("=\"", at);
    if (equals == std::string::npos) break;
    const std::string name = sample.substr(at + 1, equals - at - 1);
    if (name != "le") labels.push_back(name);
    at = sample.find('"', equals + 2) + 1;
  }
  return labels;
}

std::string FamiliesTable(const std::string& page) {
  std::string table = "| metric | type | labels | is |\n|---|---|---|---|\n";
  std::istringstream lines(page);
  std::string name, help, type;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, word;
    words >> hash >> word;
    if (word == "HELP") {
      words >> name >> std::ws;
      std::getline(words, help);
    } else if (word == "TYPE") {
      words >> hash >> type;
    } else if (!name.empty()) {
      std::string labels;
      for (const std::string& label : LabelsOf(line)) labels += (labels.empty() ? "" : ", ") + label;
      table += "| `" + name + "` | " + type + " | " + labels + " | " + help + " |\n";
      name.clear();
    }
  }
  return table;
}

TEST(MetricsDoc, ListsEveryFamily) {
  const std::filesystem::path file = testing::SourcePath("docs/metrics.md");
  const std::string text = testing::ReadFile(file);
  const size_t begin = text.find(kBegin) + std::string(kBegin).size(), end = text.find(kEnd);
  ASSERT_LE(begin, end);
  const std::string table = FamiliesTable(FullPage());
  if (std::getenv("AMONT_UPDATE") != nullptr) {
    std::ofstream(file, std::ios::binary) << text.substr(0, begin) << table << text.substr(end);
  } else {
    EXPECT_EQ(text.substr(begin, end - begin), table) << "run this test with AMONT_UPDATE=1";
  }
}

// Whether written on one line or on several.
std::string Words(const std::string& text) {
  std::istringstream words(text);
  std::string all;
  for (std::string word; words >> word;) all += word + " ";
  return all;
}

TEST(MetricsDoc, ShowsTheQueriesThatAreTested) {
  const std::string doc = Words(testing::ReadFile(testing::SourcePath("docs/metrics.md")));
  const std::string rules = testing::ReadFile(testing::SourcePath("tests/cases/promql/rules.yml"));
  int queries = 0;
  for (size_t at = rules.find("expr: >"); at != std::string::npos; at = rules.find("expr: >", at + 1)) {
    const size_t end = rules.find("- record", at);
    EXPECT_NE(doc.find(Words(rules.substr(at + 7, end == std::string::npos ? end : end - at - 7))),
              std::string::npos);
    ++queries;
  }
  EXPECT_EQ(queries, 3);
}

}  // namespace
}  // namespace amont
