// The JSON Schema of declaration files against the reader: what the reader takes, the schema accepts; a key
// that the reader does not know, the schema refuses.
#include "checks/kinds/json_schema.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/checks/kinds/lowering.h"
#include "tests/testing/corpus.h"
#include "tests/testing/json_schema.h"
#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

std::string Schema() { return JsonSchema("declarations", DeclarationKeys()); }

std::vector<CorpusCase> AllCases() {
  std::vector<CorpusCase> all;
  for (const auto& entry : std::filesystem::directory_iterator(SourcePath("tests/cases/kinds"))) {
    for (CorpusCase& one : ParseCorpus(entry.path(), ReadFile(entry.path()))) all.push_back(std::move(one));
  }
  return all;
}

TEST(JsonSchema, AgreesWithTheReaderOnEveryCase) {
  const std::vector<CorpusCase> cases = AllCases();
  ASSERT_GT(cases.size(), 100u);
  std::vector<std::string> texts;
  for (const CorpusCase& one : cases) texts.push_back(one.input);
  const auto complaints = ValidateToml(Schema(), texts);
  if (!complaints) GTEST_SKIP() << "needs python3 with tomllib and jsonschema";
  for (size_t i = 0; i < cases.size(); ++i) {
    const std::string where = cases[i].file.filename().string() + ": " + cases[i].title;
    if (cases[i].expected.find(": error: ") == std::string::npos) {
      EXPECT_EQ((*complaints)[i], "") << where;
    } else if (cases[i].expected.find("unknown key") != std::string::npos) {
      EXPECT_NE((*complaints)[i], "") << where;
    }
  }
}

TEST(JsonSchema, AcceptsEveryDeclarationAmongTheExamples) {
  std::vector<std::string> paths;
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SourcePath("examples"))) {
    if (entry.path().extension() != ".toml" || entry.path().filename() == "amont.toml") continue;
    paths.push_back(entry.path());
    texts.push_back(ReadFile(entry.path()));
  }
  ASSERT_FALSE(paths.empty());
  const auto complaints = ValidateToml(Schema(), texts);
  if (!complaints) GTEST_SKIP() << "needs python3 with tomllib and jsonschema";
  for (size_t i = 0; i < paths.size(); ++i) EXPECT_EQ((*complaints)[i], "") << paths[i];
}

TEST(JsonSchema, RefusesTyposAtEveryLevel) {
  const std::vector<std::string> typos = {
      "tabel = []",
      "[defaults]\nname = \"x\"",
      "[defaults]\nshedule = \"15m\"",
      "[[table]]\nnam = \"x\"",
      "[[table]]\ndescription = \"a table without a name\"",
      "[[table]]\nname = \"x\"\n[table.freshnes]\nfail_after = \"1h\"",
      "[[table]]\nname = \"x\"\n[table.freshness]\nfail_after = \"1 hour\"",
      "[[table]]\nname = \"x\"\n[table.freshness]\nfail_after = 3600",
      "[[table]]\nname = \"x\"\n[table.freshness]\nfail_afte = \"1h\"",
      "[[table]]\nname = \"x\"\n[table.volume]\nwindow = { column = \"c\" }",
      "[[table]]\nname = \"x\"\n[table.volume]\nwarn = { mim = 1 }",
      "[[table]]\nname = \"x\"\n[table.volume]\nseverity = \"fatal\"",
      "[[table]]\nname = \"x\"\n[table.columns.a]\nnull_ratio = \"many\"",
      "[[table]]\nname = \"x\"\n[table.columns.a]\nnull_ratio = 1.5",
      "[[table]]\nname = \"x\"\n[table.columns.a]\nnull_ratio = { maxx = 1 }",
      "[[table]]\nname = \"x\"\n[table.columns.a]\npercentile = { max = 1 }",
      "[[table]]\nname = \"x\"\n[[table.columns.a.accepted]]\nvalue = [1]",
      "[[table]]\nname = \"x\"\n[[table.sql]]\nfail_rows = \"SELECT 1\"",
  };
  const auto complaints = ValidateToml(Schema(), typos);
  if (!complaints) GTEST_SKIP() << "needs python3 with tomllib and jsonschema";
  for (size_t i = 0; i < typos.size(); ++i) EXPECT_NE((*complaints)[i], "") << typos[i];
}

}  // namespace
}  // namespace amont::testing
