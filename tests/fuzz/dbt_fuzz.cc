// Any bytes as dbt's files. Seeds are the corpora: the first three lines that begin like JSON are a manifest,
// a catalog and run results.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "lineage/dbt/dbt_node.h"
#include "lineage/dbt/manifest.h"
#include "lineage/dbt/run_results.h"

namespace amont {
namespace {

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

void RequireSentence(const Error& error) {
  Require(!error.message.empty() && error.message.find('\n') == std::string::npos);
}

void Try(std::string_view text) {
  RelationParts(text.substr(0, 100));
  std::vector<std::string_view> files;
  while (!text.empty() && files.size() < 3) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() == text.size() ? text.size() : line.size() + 1);
    if (line.starts_with('{')) files.push_back(line);
  }
  files.resize(3);
  const auto project = ReadDbtManifest(files[0], files[1], {.source = "wh", .databases = {{"x", "y"}}}, {});
  std::map<std::string, NodeName, std::less<>> relations;
  if (project) {
    relations = project->relations;
    for (const Edge& edge : project->extract.edges) Require(edge.upstream.node != edge.downstream.node);
    for (size_t i = 1; i < project->extract.nodes.size(); ++i) {
      Require(project->extract.nodes[i - 1].name < project->extract.nodes[i].name);
    }
    // What is declared is never undeclared.
    const auto none = UndeclaredReads(*project, [](const CompiledModel& model) { return model.declared; });
    Require(none.empty());
  } else {
    RequireSentence(project.error());
  }
  const auto run = ReadDbtRunResults(files[2], relations);
  if (!run) RequireSentence(run.error());
}

}  // namespace
}  // namespace amont

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  amont::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
