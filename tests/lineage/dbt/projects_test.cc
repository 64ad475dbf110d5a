// What dbt's files say, as text: tests/cases/dbt. A case begins with "source NAME" (of every database but
// those named by lines "database NAME SOURCE"); then come a manifest, and perhaps a catalog and run results.
#include <gtest/gtest.h>

#include <sstream>

#include "core/json_outline.h"
#include "lineage/dbt/manifest.h"
#include "lineage/dbt/run_results.h"
#include "tests/testing/corpus.h"
#include "tests/testing/extract_text.h"

namespace amont {
namespace {

DbtSources TakeSources(std::string_view& input) {
  DbtSources sources;
  for (;;) {
    std::istringstream line{std::string(input.substr(0, input.find('\n')))};
    std::string word;
    std::string first;
    std::string second;
    line >> word >> first >> second;
    if (word == "source") {
      sources.source = first;
    } else if (word == "database") {
      sources.databases[first] = second;
    } else {
      return sources;
    }
    input.remove_prefix(input.find('\n') + 1);
  }
}

std::string CompiledText(const CompiledModel& model) {
  std::string text = fmt::format("compiled {} as {}: {} <-", model.unique_id, model.node.Text(), model.sql);
  for (const NodeName& declared : model.declared) text += " " + declared.Text();
  return text + "\n";
}

std::string RunText(const DbtRun& run) {
  std::string text;
  for (const DbtNodeResult& result : run.results) {
    text += fmt::format("ran {} {} {} in {}", result.unique_id, result.node ? result.node->Text() : "-",
                        result.status, FormatDuration(result.took));
    if (result.rows_affected) text += fmt::format(", {} rows", *result.rows_affected);
    if (result.failures) text += fmt::format(", {} failures", *result.failures);
    if (result.completed_at) text += " at " + FormatTimestamp(*result.completed_at);
    text += "\n";
  }
  for (const std::string& warning : run.warnings) text += "warning: " + warning + "\n";
  return text;
}

std::string Answer(const testing::CorpusCase& one) {
  std::string_view input = one.input;
  const DbtSources sources = TakeSources(input);
  std::vector<std::string_view> texts;
  const Result<void> split =
      ForEachElementOrValue(input, [&](std::string_view text) { texts.push_back(text); });
  if (!split || texts.empty()) texts = {input};  // broken on purpose
  const std::string_view catalog = texts.size() > 1 ? texts[1] : "";
  const auto project = ReadDbtManifest(texts[0], catalog, sources, *ParseTimestamp("2026-11-24T05:00:00Z"));
  if (!project) return "error: " + project.error().message + "\n";
  std::string answer = fmt::format("project {} v{}{}\n", project->name, project->version,
                                   project->extract.complete ? " complete" : "");
  answer += testing::ExtractText(project->extract);
  for (const CompiledModel& model : project->compiled) answer += CompiledText(model);
  if (texts.size() < 3) return answer;
  const auto run = ReadDbtRunResults(texts[2], project->relations);
  return answer + (run ? RunText(*run) : "error: " + run.error().message + "\n");
}

TEST(DbtProjectsTest, SayWhatTheCorpusHas) { testing::CheckCorpus("dbt", Answer); }

NodeName Table(std::string schema, std::string table) {
  return NodeName::Of({"wh", std::move(schema), std::move(table)});
}

TEST(UndeclaredReadsTest, AreWhatDependsOnDoesNotHave) {
  CompiledModel model;
  model.unique_id = "model.p.m";
  model.node = Table("mart", "m");
  model.declared = {Table("raw", "a"), Table("raw", "b")};
  const auto of = [&](const std::vector<NodeName>& reads) {
    std::string text;
    for (const UndeclaredRead& read : UndeclaredReads(model, reads)) text += read.read.Text() + " ";
    return text;
  };
  EXPECT_EQ(of({Table("raw", "a"), Table("RAW", "B"), Table("", "a"), Table("mart", "m")}), "");
  EXPECT_EQ(of({Table("raw", "c"), Table("other", "a"), Table("raw", "c")}), "wh/raw.c wh/other.a ");
  DbtProject project;
  project.compiled = {model, model};
  int asked = 0;
  const auto all = UndeclaredReads(project, [&](const CompiledModel&) -> std::vector<NodeName> {
    ++asked;
    return {Table("raw", "c")};
  });
  EXPECT_EQ(all.size(), 2U);
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace amont
