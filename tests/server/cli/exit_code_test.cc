// What `amont run` exits with, and who counts for it.

#include <gtest/gtest.h>

#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"

namespace amont::testing {
namespace {

class ExitCode : public ::testing::Test {
 protected:
  void SetUp() override {
    SqliteWriter(project_.Path("shop.db"))
        .Run(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount REAL, email TEXT);"
            "INSERT INTO orders VALUES (1, 10, 'a@x'), (2, 20, NULL), (3, 30, 'c@x');"
            "CREATE TABLE refunds (id INTEGER PRIMARY KEY, amount REAL);");
    project_.Config(Project::Source("sqlite:shop.db", "[owner.finance]"));
  }
  int Run(std::string_view declarations, const std::vector<std::string>& arguments = {}) {
    project_.Declare(declarations);
    std::vector<std::string> command = {"run", "--store=none"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const ProcessResult result = project_.Amont(command);
    said_ = result.out + result.err;
    return result.exit_code;
  }

  Project project_;
  std::string said_;
};

constexpr std::string_view kGood =
    "[[table]]\nname = \"orders\"\nunique = [\"id\"]\n[table.volume]\nmin = 3\n";
constexpr std::string_view kFailing = "[[table]]\nname = \"orders\"\n[table.volume]\nmin = 4\n";
constexpr std::string_view kWarning = "[[table]]\nname = \"orders\"\n[table.volume]\nwarn = { min = 4 }\n";
constexpr std::string_view kEmpty = "[[table]]\nname = \"refunds\"\n[table.columns.amount]\nmin = 0\n";

TEST_F(ExitCode, IsZeroWhereNothingFails) { EXPECT_EQ(Run(kGood), 0) << said_; }

TEST_F(ExitCode, IsOneWhereACheckFails) {
  EXPECT_EQ(Run(kFailing), 1);
  EXPECT_NE(said_.find("3 rows; at least 4 expected"), std::string::npos) << said_;
}

TEST_F(ExitCode, IsZeroForAWarningUnlessWarningsCount) {
  EXPECT_EQ(Run(kWarning), 0) << said_;
  EXPECT_EQ(Run(kWarning, {"--fail-on=warn"}), 1) << said_;
  EXPECT_EQ(Run(kWarning, {"--fail-on", "fail"}), 0) << said_;
}

TEST_F(ExitCode, IsTwoWhereNothingFailsAndSomethingHadNoData) { EXPECT_EQ(Run(kEmpty), 2) << said_; }

TEST_F(ExitCode, IsTwoWhereNothingFailsAndSomethingCouldNotBeMeasured) {
  EXPECT_EQ(
      Run("[[table]]\nname = \"orders\"\n[[table.sql]]\nname = \"typo\"\nvalue = \"SELEC 1\"\nmin = 0\n"), 2)
      << said_;
}

TEST_F(ExitCode, IsOneWhereOneCheckFailsAndAnotherCouldNotBeMeasured) {
  EXPECT_EQ(Run(std::string(kFailing) + "[[table.sql]]\nname = \"typo\"\nvalue = \"SELEC 1\"\nmin = 0\n"), 1)
      << said_;
}

TEST_F(ExitCode, AnInfoCheckNeverFailsARun) {
  const std::string info = std::string(kFailing) + "severity = \"info\"\n";
  EXPECT_EQ(Run(info), 0) << said_;
  EXPECT_NE(said_.find("3 rows; at least 4 expected"), std::string::npos) << said_;
  EXPECT_EQ(Run(std::string(kWarning) + "severity = \"info\"\n", {"--fail-on=warn"}), 0) << said_;
}

TEST_F(ExitCode, APilotIsShownAndNeverCounts) {
  EXPECT_EQ(Run(std::string(kFailing) + "pilot = true\n"), 0) << said_;
  EXPECT_NE(said_.find("(pilot)"), std::string::npos) << said_;
  EXPECT_NE(said_.find("3 rows; at least 4 expected"), std::string::npos) << said_;
}

TEST_F(ExitCode, APilotThatCannotBeMeasuredDoesNotCountEither) {
  EXPECT_EQ(Run("[[table]]\nname = \"orders\"\n[[table.sql]]\nname = \"typo\"\nvalue = \"SELEC 1\"\nmin = 0\n"
                "pilot = true\n"),
            0)
      << said_;
}

TEST_F(ExitCode, APilotEndsAfterItsLastDay) {
  EXPECT_EQ(Run(std::string(kFailing) + "pilot = 2999-12-31\n"), 0) << said_;
  EXPECT_EQ(Run(std::string(kFailing) + "pilot = 2001-01-31\n"), 1) << said_;
}

TEST_F(ExitCode, IsThreeForAMistakeInADeclaration) {
  EXPECT_EQ(Run("[[table]]\nname = \"orders\"\nuniqe = [\"id\"]\n"), 3);
  EXPECT_NE(said_.find("checks/tables.toml:3:1: error: "), std::string::npos) << said_;
  EXPECT_NE(said_.find("did you mean `unique`?"), std::string::npos) << said_;
}

TEST_F(ExitCode, IsThreeWhereNothingIsDeclared) {
  EXPECT_EQ(Run(""), 3);
  EXPECT_NE(said_.find("declares nothing"), std::string::npos) << said_;
}

TEST_F(ExitCode, IsThreeWithoutAConfiguration) {
  EXPECT_EQ(Run(kGood, {"--config=elsewhere.toml"}), 3);
  EXPECT_NE(said_.find("elsewhere.toml"), std::string::npos) << said_;
}

TEST_F(ExitCode, IsThreeForAMistakeInTheConfiguration) {
  project_.Config("[source.warehouse]\nurl = \"mysql://host/db\"\n");
  EXPECT_EQ(Run(kGood), 3);
  EXPECT_NE(said_.find("amont.toml:2:"), std::string::npos) << said_;
}

TEST_F(ExitCode, IsThreeWhereAVariableOfTheEnvironmentIsMissing) {
  project_.Config(Project::Source("sqlite:${AMONT_TEST_NO_SUCH_VARIABLE}"));
  EXPECT_EQ(Run(kGood), 3);
  EXPECT_NE(said_.find("AMONT_TEST_NO_SUCH_VARIABLE"), std::string::npos) << said_;
}

TEST_F(ExitCode, IsSixtyFourForWrongUsage) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--format=yaml"},
                                             {"--fail-on=error"},
                                             {"--no-such-flag"},
                                             {"--as-of=yesterday"},
                                             {"--record=maybe"},
                                             {"--as-of=2026-01-01T00:00:00Z", "--record=yes"},
                                             {"--disable=folding"},
                                             {"--log-level=loud"}}) {
    EXPECT_EQ(Run(kGood, arguments), 64) << arguments.front() << said_;
    EXPECT_FALSE(said_.empty()) << arguments.front();
  }
  EXPECT_EQ(project_.Amont({}).exit_code, 64);
  EXPECT_EQ(project_.Amont({"rum"}).exit_code, 64);
}

TEST_F(ExitCode, TheConfigurationIsFoundFromAnywhereAndByTheEnvironment) {
  project_.Declare(kGood);
  const TempDir elsewhere;
  ProcessOptions options;
  options.directory = elsewhere.path().string();
  EXPECT_EQ(
      project_.Amont({"run", "--store=none", "--config", project_.Path("amont.toml")}, options).exit_code, 0);
  EXPECT_EQ(project_.Amont({"-c", project_.Path("amont.toml"), "run", "--store=none"}, options).exit_code, 0);
  options.env["AMONT_CONFIG"] = project_.Path("amont.toml");
  EXPECT_EQ(project_.Amont({"run", "--store=none"}, options).exit_code, 0);
}

}  // namespace
}  // namespace amont::testing
