// The commands that measure nothing: validate, plan, schema, kinds, and the help.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"
#include "tests/testing/json_schema.h"

namespace amont::testing {
namespace {

class Commands : public ::testing::Test {
 protected:
  void SetUp() override {
    SqliteWriter(project_.Path("shop.db"))
        .Run(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount REAL, email TEXT); INSERT INTO orders "
            "VALUES (1, 1, 'a');"
            "CREATE TABLE order_lines (id INTEGER PRIMARY KEY)");
    project_.Config(Project::Source("sqlite:shop.db", "[owner.finance]"));
    project_.Declare(kGood);
  }
  static bool Has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  static constexpr std::string_view kGood =
      "[[table]]\nname = \"orders\"\n[table.volume]\nmin = 1\n[table.columns.amount]\nmin = 0\nmax = 9\n";
  Project project_;
};

TEST_F(Commands, NothingDeclaredIsAMistakeOfTheConfiguration) {
  project_.Declare("");
  for (const std::string command : {"run", "validate", "plan"}) {
    const ProcessResult result = project_.Amont({command});
    EXPECT_EQ(result.exit_code, 3) << command;
    EXPECT_TRUE(Has(result.err, "amont.toml declares nothing")) << command << ": " << result.err;
  }
}

TEST_F(Commands, WhatIsToBeRecordedNeedsAStore) {
  const ProcessResult result = project_.Amont({"run", "--store", "none", "--record=yes"});
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_EQ(result.err, "amont: --record=yes needs a store, and --store none is none: leave one out\n");
}

TEST_F(Commands, AcceptCreatesNoStore) {
  project_.Declare("[[table]]\nname = \"orders\"\n[table.schema]\ndrift = \"fail\"\n");
  for (const std::string store : {".amont/history.db", "elsewhere/own.db"}) {
    const ProcessResult result =
        project_.Amont({"accept", "warehouse/orders:drift", "--note=x", "--store=sqlite:" + store});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_TRUE(Has(result.err, "nothing was measured yet: there is no store ")) << result.err;
    EXPECT_FALSE(std::filesystem::exists(project_.Path(store))) << store;
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(project_.Path(store)).parent_path())) << store;
  }
}

TEST_F(Commands, OurFolderIsKeptOutOfVersionControl) {
  EXPECT_EQ(project_.Amont({"run"}).exit_code, 0);
  std::string line;
  std::ifstream(project_.Path(".amont/.gitignore")) >> line;
  EXPECT_EQ(line, "*");
}

// --- validate
// -------------------------------------------------------------------------------------------------------

TEST_F(Commands, ValidateSaysWhatItRead) {
  const ProcessResult result = project_.Amont({"validate"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "amont.toml: 1 file, 1 table, 4 checks: valid\n");
  EXPECT_EQ(result.err, "");
}

constexpr std::string_view kMistakes = R"toml([[table]]
name     = "orders"
owner    = "finanse"
schedule = "0 25 * * * Europe/Paris"
timezone = "Mars/Olympus"
uniqe    = ["id"]
[table.volume]
min = 10
max = 5
[table.columns.email]
null_ratio = 1.5
[[table]]
name = "orders"
[[table]]
name = "order_lines"
[table.freshness]
column     = "at"
fail_after = "3 hours"
)toml";

TEST_F(Commands, ValidateNamesManyMistakesAtOnceEachAtItsPlace) {
  project_.Declare(kMistakes);
  project_.directory().Write("checks/broken.toml", "[[table]\nname = 1\n");
  const ProcessResult result = project_.Amont({"validate"});
  EXPECT_EQ(result.exit_code, 3);
  for (const char* place : {"checks/broken.toml:1:", "checks/tables.toml:3:", "checks/tables.toml:4:",
                            "checks/tables.toml:5:", "checks/tables.toml:6:", "checks/tables.toml:8:",
                            "checks/tables.toml:11:", "checks/tables.toml:12:", "checks/tables.toml:18:"}) {
    EXPECT_TRUE(Has(result.err, place)) << place << "\n" << result.err;
  }
  EXPECT_TRUE(Has(result.err, "did you mean `finance`?")) << result.err;
  EXPECT_TRUE(Has(result.err, "did you mean `unique`?")) << result.err;
  EXPECT_TRUE(Has(result.err, "6 | uniqe    = [\"id\"]")) << "the line itself" << result.err;
  EXPECT_TRUE(Has(result.err, "^~~~~")) << "and a caret" << result.err;
}

TEST_F(Commands, ValidateSaysTheSameAsJson) {
  project_.Declare(kMistakes);
  const ProcessResult result = project_.Amont({"validate", "--format=json"});
  EXPECT_EQ(result.exit_code, 3);
  const auto json = ParseJson(result.out);
  ASSERT_TRUE(json) << result.out;
  const JsonTree& list = json->kind == JsonTree::Kind::kArray ? *json : (*json)["diagnostics"];
  EXPECT_GE(list.items.size(), 8u) << result.out;
  const JsonTree& first = list.items.at(0);
  EXPECT_EQ(first["file"].text, "checks/tables.toml");
  EXPECT_EQ(first["line"].text, "3");
  EXPECT_EQ(first["severity"].text, "error");
  EXPECT_FALSE(first["message"].text.empty());
  project_.Declare(kGood);
  const ProcessResult good = project_.Amont({"validate", "--format=json"});
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_TRUE(ParseJson(good.out)) << good.out;
}

TEST_F(Commands, ADuplicateNamesBothPlaces) {
  project_.Declare("[[table]]\nname = \"orders\"\n[[table]]\nname = \"order_lines\"\n");
  project_.directory().Write("checks/again.toml", "[[table]]\nname = \"orders\"\n");
  const ProcessResult result = project_.Amont({"validate"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_TRUE(Has(result.err, "checks/again.toml:")) << result.err;
  EXPECT_TRUE(Has(result.err, "checks/tables.toml:")) << result.err;
}

TEST_F(Commands, ValidateConnectComparesWithSqliteToo) {
  EXPECT_EQ(project_.Amont({"validate", "--connect"}).exit_code, 0);
  project_.Declare(
      "[[table]]\nname = \"orders\"\n[table.columns.amuont]\nmin = 0\n[[table]]\nname = \"ordres\"\n");
  const ProcessResult result = project_.Amont({"validate", "--connect"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_TRUE(Has(result.err, "orders has no column amuont")) << result.err;
  EXPECT_TRUE(Has(result.err, "ordres does not exist")) << result.err;
}

TEST_F(Commands, AFolderIsNoSqliteFile) {
  std::filesystem::create_directory(project_.Path("folder"));
  project_.Config(Project::Source("sqlite:folder"));
  const ProcessResult source = project_.Amont({"validate", "--connect"});
  EXPECT_EQ(source.exit_code, 2);
  EXPECT_TRUE(Has(source.err, "folder is a folder, not a file of SQLite")) << source.err;
  const ProcessResult store = project_.Amont({"run", "--store=sqlite:folder"});
  EXPECT_TRUE(Has(store.err, "folder is a folder, not a file of SQLite")) << store.err;
}

TEST_F(Commands, OnlyWhatConnectsNeedsTheEnvironment) {
  project_.Config("[source.warehouse]\nurl = \"postgresql://amont:${NOT_SET_HERE}@127.0.0.1:1/x\"\n");
  for (const char* command : {"validate", "plan"}) {
    const ProcessResult offline = project_.Amont({command});
    EXPECT_EQ(offline.exit_code, 0) << offline.err;
    EXPECT_TRUE(
        Has(offline.err, "amont.toml:2:7: warning: the environment variable `NOT_SET_HERE` is not set"))
        << offline.err;
    EXPECT_EQ(project_.Amont({command, "--connect"}).exit_code, 3) << command;
  }
  EXPECT_EQ(project_.Amont({"run"}).exit_code, 3);
}

TEST_F(Commands, ValidateConnectOfAWildcardThatMatchesNothingIsAnError) {
  project_.Declare("[[table]]\nname = \"ordr*\"\n");
  const ProcessResult result = project_.Amont({"validate", "--connect"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_TRUE(Has(result.err, "no table matches ordr*")) << result.err;
}

// --- plan
// -----------------------------------------------------------------------------------------------------------

TEST_F(Commands, PlanShowsTheSqlAndWhomEachAnswerServes) {
  const ProcessResult result = project_.Amont({"plan"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* part : {"-- source warehouse", "SELECT count(*)", "min(\"amount\")", "FROM \"orders\"",
                           "value of warehouse/orders:max(amount)"}) {
    EXPECT_TRUE(Has(result.out, part)) << part << "\n" << result.out;
  }
}

TEST_F(Commands, PlanWithoutFoldingNeedsMoreStatements) {
  const auto statements = [&](const std::vector<std::string>& arguments) {
    const std::string out = project_.Amont(arguments).out;
    size_t count = 0;
    for (size_t at = out.find("\nstatement "); at != std::string::npos; at = out.find("\nstatement ", at + 1))
      ++count;
    return count;
  };
  EXPECT_LT(statements({"plan"}), statements({"plan", "--disable=fold"}));
  const ProcessResult typo = project_.Amont({"plan", "--disable=fodl"});
  EXPECT_EQ(typo.exit_code, 64);
}

TEST_F(Commands, PlanOfOneTableAndOfNone) {
  project_.Declare(std::string(kGood) + "[[table]]\nname = \"order_lines\"\n");
  const ProcessResult one = project_.Amont({"plan", "order_lines"});
  EXPECT_TRUE(Has(one.out, "FROM \"order_lines\"")) << one.out;
  EXPECT_FALSE(Has(one.out, "FROM \"orders\"")) << one.out;
  const ProcessResult none = project_.Amont({"plan", "ordrs"});
  EXPECT_EQ(none.exit_code, 64);
  EXPECT_TRUE(Has(none.err, "did you mean `orders`?")) << none.err;
}

TEST_F(Commands, PlanSaysThatItDoesNotShowWildcardsAndConnectShowsThem) {
  project_.Declare("[[table]]\nname = \"order*\"\n[table.volume]\nmin = 1\n");
  EXPECT_TRUE(Has(project_.Amont({"plan"}).out, "--connect"));
  const ProcessResult connected = project_.Amont({"plan", "--connect"});
  EXPECT_EQ(connected.exit_code, 0) << connected.err;
  EXPECT_TRUE(Has(connected.out, "FROM \"order_lines\"")) << connected.out;
  const ProcessResult typo = project_.Amont({"plan", "--connect", "ordrs"});
  EXPECT_EQ(typo.exit_code, 64) << typo.out;
  EXPECT_TRUE(Has(typo.err, "did you mean `orders`?")) << typo.err;
}

TEST_F(Commands, PlanConnectShowsWhatTheCatalogProves) {
  project_.Declare("[[table]]\nname = \"orders\"\nunique = [\"id\"]\n");
  EXPECT_TRUE(Has(project_.Amont({"plan", "--connect"}).out, "proven"))
      << project_.Amont({"plan", "--connect"}).out;
}

// --- schema, kinds, help
// --------------------------------------------------------------------------------------------

TEST_F(Commands, SchemaPrintsWhatEditorsUse) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"schema"}, {"schema", "declarations"}, {"schema", "config"}}) {
    const ProcessResult result = project_.Amont(arguments);
    EXPECT_EQ(result.exit_code, 0);
    const auto json = ParseJson(result.out);
    ASSERT_TRUE(json) << arguments.back();
    EXPECT_NE((*json)["$schema"].kind, JsonTree::Kind::kAbsent);
  }
  const auto complaints = ValidateToml(project_.Amont({"schema"}).out,
                                       {std::string(kGood), "[[table]]\nname = \"a\"\nuniqe = [\"id\"]\n"});
  if (!complaints) GTEST_SKIP() << "python3 with jsonschema is not installed";
  EXPECT_EQ(complaints->at(0), "");
  EXPECT_NE(complaints->at(1), "");
}

TEST_F(Commands, KindsNeedsNoConfiguration) {
  const TempDir elsewhere;
  ProcessOptions options;
  options.directory = elsewhere.path().string();
  const ProcessResult all = project_.Amont({"kinds"}, options);
  EXPECT_EQ(all.exit_code, 0);
  for (const char* kind : {"freshness", "volume", "schema", "column", "sql"})
    EXPECT_TRUE(Has(all.out, kind)) << kind;
  const ProcessResult one = project_.Amont({"kinds", "volume"}, options);
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_TRUE(Has(one.out, "[table.volume]")) << one.out;
  const ProcessResult typo = project_.Amont({"kinds", "volum"}, options);
  EXPECT_EQ(typo.exit_code, 64);
  EXPECT_TRUE(Has(typo.err, "did you mean `volume`?")) << typo.err;
}

TEST_F(Commands, HelpHasExamples) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--help"}, {"run", "--help"}, {"validate", "--help"}, {"plan", "--help"}, {"accept", "--help"}}) {
    const ProcessResult result = project_.Amont(arguments);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_TRUE(Has(result.out, "Example")) << result.out;
    EXPECT_TRUE(Has(result.out, "amont ")) << result.out;
    EXPECT_EQ(result.err, "");
  }
}

TEST_F(Commands, TheVersionIsPrinted) {
  const ProcessResult result = project_.Amont({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.out.starts_with("amont ")) << result.out;
}

TEST_F(Commands, WrongUsageExitsSixtyFourOnStandardError) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"rum"},
                                             {"validate", "--format=xml"},
                                             {"plan", "--disable"},
                                             {"schema", "both"},
                                             {"accept"},
                                             {"validate", "surplus"},
                                             {"kinds", "a", "b"},
                                             {"--nope"},
                                             {"plan", "--as-of=soon"}}) {
    const ProcessResult result = project_.Amont(arguments);
    EXPECT_EQ(result.exit_code, 64) << (arguments.empty() ? "nothing" : arguments.back());
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err, "");
  }
}

}  // namespace
}  // namespace amont::testing
