#include "server/telemetry/table_families.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "checks/declare/declarations.h"
#include "tests/testing/corpus.h"

namespace amont {
namespace {

Timestamp At(const std::string& text) {
  const Result<Timestamp> at = ParseTimestamp(text);
  EXPECT_TRUE(at.has_value()) << text;
  return at.value_or(Timestamp{});
}

Surroundings World() {
  Surroundings world;
  world.sources["warehouse"].name = "warehouse";
  world.owners["finance"].labels = {{"team", "finance"}, {"empty", ""}};
  world.owners["odd"].labels = {{"cost-center", "a \"b\"\n"}, {"cost.center", "c"}, {"cost_center", "d"}};
  return world;
}

// One line of a state: `status fail`, `groups pass 41`.
void SetField(CheckState& state, const std::string& key, const std::string& value) {
  if (key == "status") state.status = ParseStatus(value);
  if (key == "error") state.error = value;
  if (key == "last_run") state.last_run = At(value);
  if (key == "last_success") state.last_success = At(value);
  if (key == "newest") state.newest = At(value);
  if (key == "deadline") state.deadline = At(value);
  if (key == "value") state.value = std::strtod(value.c_str(), nullptr);
  if (key == "expected_min") state.expected_min = std::strtod(value.c_str(), nullptr);
  if (key == "expected_max") state.expected_max = std::strtod(value.c_str(), nullptr);
  if (key == "rows") state.rows = std::atoll(value.c_str());
  if (key == "schema_changes") state.schema_changes = std::atoll(value.c_str());
  if (key == "groups") {
    const size_t blank = value.find(' ');
    state.groups[*ParseStatus(value.substr(0, blank))] = std::atoll(value.c_str() + blank);
  }
}

// Declarations, a line "states:", and states.
std::string Render(const testing::CorpusCase& c) {
  const size_t split = c.input.find("states:\n");
  auto file = std::make_shared<SourceText>();
  file->path = "checks.toml";
  file->text = "[defaults]\nsource = \"warehouse\"\n" + c.input.substr(0, split);
  const std::vector<std::shared_ptr<const SourceText>> files = {file};
  Diagnostics diagnostics;
  const Surroundings world = World();
  const Declarations declarations = Declare(files, world, diagnostics);
  if (diagnostics.HasErrors()) return RenderText(diagnostics, false);
  StateMap states;
  states.Replace(declarations.checks, world.owners);
  std::vector<CheckState> loaded;
  std::istringstream lines(c.input.substr(split + 8));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  ")) {
      if (states.Find(line) == nullptr) return "no check " + line + "\n";
      loaded.emplace_back().check = line;
      continue;
    }
    const size_t blank = line.find(' ', 2);
    const std::string key = line.substr(2, blank - 2), value = line.substr(blank + 1);
    if (key == "next_run") {
      states.SetNextRun(std::vector<std::string>{loaded.back().check}, At(value));
    } else {
      SetField(loaded.back(), key, value);
    }
  }
  states.Load(loaded);
  FamilyLines text;
  RenderTables(states.Block(0), At("2026-11-24T09:00:00Z"), text);
  std::string all;
  for (const std::string& family : text) all += family;
  return all;
}

TEST(TableFamilies, Corpus) { testing::CheckCorpus("metrics", Render); }

}  // namespace
}  // namespace amont
