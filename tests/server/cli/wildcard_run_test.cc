// Wildcards and groups, run against PostgreSQL.

#include <gtest/gtest.h>

#include "tests/server/cli/project.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

class WildcardRun : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    url_ = PostgresServer::Get().CreateDatabase();
    for (const char* tenant : {"acme", "bolt", "test"}) {
      const std::string schema = std::string("client_") + tenant;
      Execute("CREATE SCHEMA " + schema + "; CREATE TABLE " + schema + ".orders (id bigint, tenant text);" +
              "INSERT INTO " + schema + ".orders VALUES (1, '" + tenant + "');");
    }
    project_.Config(Project::Source(url_, "[owner.sales]"));
    project_.Declare(kPattern);
  }
  void Execute(const std::string& sql) { ExecuteSql(url_, sql); }

  static constexpr std::string_view kPattern = R"toml([[table]]
name    = "client_{tenant}.orders"
exclude = ["client_test.*"]
owner   = "sales"
[[table.sql]]
name      = "only of {tenant}"
fail_rows = "SELECT * FROM {table} WHERE tenant <> '{tenant}'"
)toml";
  Project project_;
  std::string url_;
};

TEST_F(WildcardRun, ChecksEveryTableItMatchesAndNoneItExcludes) {
  const Report report = project_.Run();
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.Statuses(), R"toml(warehouse/client_acme.orders:emptied pass
warehouse/client_acme.orders:exists pass
warehouse/client_acme.orders:sql@only of acme pass
warehouse/client_bolt.orders:emptied pass
warehouse/client_bolt.orders:exists pass
warehouse/client_bolt.orders:sql@only of bolt pass
)toml");
}

TEST_F(WildcardRun, CapturesStandInTheSqlOfEachTable) {
  Execute("INSERT INTO client_bolt.orders VALUES (2, 'acme')");
  const Report report = project_.Run();
  EXPECT_EQ(report.Status("warehouse/client_acme.orders:sql@only of acme"), "pass");
  EXPECT_EQ(report.Status("warehouse/client_bolt.orders:sql@only of bolt"), "fail");
}

TEST_F(WildcardRun, AFilterChoosesAmongWhatIsMatched) {
  const Report report = project_.Run({"client_bolt.orders"});
  EXPECT_EQ(report.checks.size(), 3u) << report.Statuses();
  EXPECT_EQ(project_.Run({"--owner=sales", "client_a*"}).checks.size(), 3u);
  const ProcessResult typo = project_.Amont({"run", "client_blot.orders"});
  EXPECT_EQ(typo.exit_code, 64);
  EXPECT_NE(typo.err.find("did you mean `client_bolt.orders`?"), std::string::npos) << typo.err;
}

TEST_F(WildcardRun, AFilterOfAWildcardsTableWhereTheSourceIsDownIsNotUsage) {
  project_.Config(Project::Source("postgresql://amont@127.0.0.1:1/nowhere", "[owner.sales]"));
  const ProcessResult result = project_.Amont({"run", "client_bolt.orders"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("warehouse"), std::string::npos) << result.err;
}

TEST_F(WildcardRun, ATableThatLeavesFailsUntilItIsAccepted) {
  EXPECT_EQ(project_.Run().exit_code, 0);
  Execute("DROP TABLE client_bolt.orders");
  const std::string gone = "warehouse/client_bolt.orders:exists";
  const Report left = project_.Run();
  EXPECT_EQ(left.Status(gone), "fail");
  EXPECT_TRUE(left.At("warehouse/client_bolt.orders:sql@only of bolt").suppressed);
  EXPECT_EQ(left.Status("warehouse/client_acme.orders:exists"), "pass");
  EXPECT_EQ(left.exit_code, 1);
  EXPECT_EQ(project_.Run().Status(gone), "fail") << "it stays";

  EXPECT_EQ(project_.Amont({"accept", gone, "--note", "bolt left us"}).exit_code, 0);
  const Report accepted = project_.Run();
  EXPECT_EQ(accepted.exit_code, 0);
  EXPECT_EQ(accepted.checks.count(gone), 0u);

  Execute(
      "CREATE TABLE client_bolt.orders (id bigint, tenant text); INSERT INTO client_bolt.orders VALUES (1, "
      "'bolt')");
  EXPECT_EQ(project_.Run().Status(gone), "pass") << "it came back";
  Execute("DROP TABLE client_bolt.orders");
  EXPECT_EQ(project_.Run().Status(gone), "fail") << "and leaves again";
}

TEST_F(WildcardRun, ATableThatLeavesBehindAnUnreachableSourceIsNotGone) {
  project_.Run();
  project_.Config(Project::Source("postgresql://amont@127.0.0.1:1/nowhere", "[owner.sales]"));
  const Report down = project_.Run();
  EXPECT_EQ(down.exit_code, 2) << down.Statuses();
  EXPECT_EQ(down.Status("warehouse/client_bolt.orders:exists"), "error");
  project_.Config(Project::Source(url_, "[owner.sales]"));
  EXPECT_EQ(project_.Run().exit_code, 0);
}

TEST_F(WildcardRun, AnExcludedTableIsLetGo) {
  project_.Run();
  std::string pattern(kPattern);
  pattern.replace(pattern.find("\"client_test.*\""), 15, "\"client_test.*\", \"client_bolt.*\"");
  project_.Declare(pattern);
  const Report report = project_.Run();
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.checks.count("warehouse/client_bolt.orders:exists"), 0u) << report.Statuses();
}

TEST_F(WildcardRun, AcceptKnowsWhatAWildcardGives) {
  project_.Declare(R"toml([[table]]
name    = "client_{tenant}.orders"
exclude = ["client_test.*"]
[table.volume]
min = 5
[table.schema]
drift = "fail"
)toml");
  project_.Run();
  const ProcessResult bound = project_.Amont({"accept", "warehouse/client_bolt.orders:volume", "--note=x"});
  EXPECT_EQ(bound.exit_code, 1);
  EXPECT_NE(bound.err.find("edit `min` at checks/tables.toml:4"), std::string::npos) << bound.err;

  const std::string drift = "warehouse/client_bolt.orders:drift";
  Execute("ALTER TABLE client_bolt.orders ADD COLUMN note text");
  EXPECT_EQ(project_.Run().Status(drift), "fail");
  EXPECT_EQ(project_.Amont({"accept", drift, "--note=x"}).exit_code, 0);
  EXPECT_EQ(project_.Run().Status(drift), "pass");

  const ProcessResult excluded = project_.Amont({"accept", "warehouse/client_test.orders:drift", "--note=x"});
  EXPECT_EQ(excluded.exit_code, 64) << excluded.out;
  const ProcessResult typo = project_.Amont({"accept", "warehouse/client_bolt.orders:drfit", "--note=x"});
  EXPECT_EQ(typo.exit_code, 64);
  EXPECT_NE(typo.err.find("did you mean `warehouse/client_bolt.orders:drift`?"), std::string::npos)
      << typo.err;
}

TEST_F(WildcardRun, AWildcardThatMatchesNothingFails) {
  project_.Declare("[[table]]\nname = \"branch_*.orders\"\n[table.volume]\nmin = 1\n");
  const Report report = project_.Run();
  EXPECT_EQ(report.exit_code, 1) << report.Statuses();
  ASSERT_EQ(report.checks.size(), 1u);
  EXPECT_EQ(report.checks.begin()->second.status, "fail");
  EXPECT_NE(report.checks.begin()->second.sentence.find("no table matches branch_*.orders"),
            std::string::npos)
      << report.checks.begin()->second.sentence;
}

TEST_F(WildcardRun, AnExactNameOverridesAWildcardCheckByCheck) {
  project_.Declare(R"toml([[table]]
name = "client_*.orders"
exclude = ["client_test.*"]
[table.volume]
min = 1
[[table]]
name = "client_bolt.orders"
[table.volume]
min = 2
)toml");
  const Report report = project_.Run({"--store=none"});
  EXPECT_EQ(report.Status("warehouse/client_acme.orders:volume"), "pass");
  EXPECT_EQ(report.Status("warehouse/client_bolt.orders:volume"), "fail");
}

TEST_F(WildcardRun, PlanSaysWhichChecksAnExactNameTookOver) {
  project_.Declare(R"toml([[table]]
name = "client_*.orders"
exclude = ["client_test.*"]
[table.volume]
min = 1
[table.columns.id]
null_count = 0
[[table]]
name = "client_bolt.orders"
[table.volume]
min = 2
[table.columns.id]
null_count = { enabled = false }
)toml");
  const ProcessResult plan = project_.Amont({"plan", "--connect", "client_bolt.orders"});
  EXPECT_NE(plan.out.find("declared by name, over a wildcard:\n"), std::string::npos) << plan.out;
  EXPECT_NE(plan.out.find("  warehouse/client_bolt.orders:volume\n"), std::string::npos) << plan.out;
  EXPECT_NE(plan.out.find("  warehouse/client_bolt.orders:null_count(id): turned off\n"), std::string::npos)
      << plan.out;
  EXPECT_EQ(project_.Amont({"plan", "--connect", "client_acme.orders"}).out.find("over a wildcard"),
            std::string::npos);
}

TEST_F(WildcardRun, TwoWildcardsThatGiveOneIdAreADiagnosticAndTheRunStillMeasures) {
  project_.Declare(R"toml([[table]]
name = "client_*.orders"
exclude = ["client_test.*"]
[table.volume]
min = 1
[[table]]
name = "client_a*.orders"
[table.volume]
min = 2
)toml");
  const ProcessResult result = project_.Amont({"run", "--store=none", "--format=json"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("two wildcards give the check"), std::string::npos) << result.err;
  EXPECT_EQ(ReadReport(result).Status("warehouse/client_bolt.orders:volume"), "pass");
}

// --- groups
// ---------------------------------------------------------------------------------------------------------

class GroupRun : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    url_ = PostgresServer::Get().CreateDatabase();
    ExecuteSql(
        url_,
        "CREATE TABLE orders (id bigint, country text, email text);"
        "INSERT INTO orders SELECT i, (ARRAY['FR','DE','IT'])[i % 3 + 1] FROM generate_series(1, 30) i;");
    project_.Config(Project::Source(url_));
    project_.Declare(
        "[[table]]\nname = \"public.orders\"\n[table.volume]\nmin = 5\ngroup_by = \"country\"\n");
  }
  Report Run() { return project_.Run(); }
  static constexpr const char* kId = "warehouse/public.orders:volume";

  Project project_;
  std::string url_;
};

TEST_F(GroupRun, JudgesEachGroup) {
  const Report report = Run();
  EXPECT_EQ(report.At(kId).groups,
            (std::map<std::string, std::string>{{"DE", "pass"}, {"FR", "pass"}, {"IT", "pass"}}));
  EXPECT_EQ(report.exit_code, 0);
}

TEST_F(GroupRun, AGroupThatVanishedCountsZero) {
  Run();
  ExecuteSql(url_, "DELETE FROM orders WHERE country = 'IT'");
  const Report report = Run();
  EXPECT_EQ(report.At(kId).groups,
            (std::map<std::string, std::string>{{"DE", "pass"}, {"FR", "pass"}, {"IT", "fail"}}));
  EXPECT_EQ(report.Status(kId), "fail");
  EXPECT_NE(report.At(kId).sentence.find("country = IT"), std::string::npos) << report.At(kId).sentence;
  EXPECT_EQ(Run().Status(kId), "fail") << "it stays";
}

TEST_F(GroupRun, AGroupThatWasNeverSeenIsExpectedWhereItIsListed) {
  project_.Declare(
      "[[table]]\nname = \"public.orders\"\n[table.volume]\nmin = 5\ngroup_by = \"country\"\n"
      "groups = { ES = { min = 1 }, FR = { min = 100 } }\n");
  const Report report = Run();
  EXPECT_EQ(report.At(kId).groups, (std::map<std::string, std::string>{
                                       {"DE", "pass"}, {"ES", "fail"}, {"FR", "fail"}, {"IT", "pass"}}));
}

TEST_F(GroupRun, NullAndTheRestAreGroupsOfTheirOwn) {
  ExecuteSql(url_,
             "INSERT INTO orders SELECT i, NULL FROM generate_series(1, 50) i; "
             "INSERT INTO orders SELECT i, 'X' || i % 4 FROM generate_series(1, 8) i");
  project_.Declare(
      "[[table]]\nname = \"public.orders\"\n[table.volume]\nmin = 5\ngroup_by = \"country\"\n"
      "max_groups = 3\n");
  const Report report = Run();
  EXPECT_EQ(report.At(kId).groups,
            (std::map<std::string, std::string>{
                {"(null)", "pass"}, {"(other)", "pass"}, {"DE", "pass"}, {"FR", "pass"}, {"IT", "pass"}}));
}

TEST_F(GroupRun, GroupingByPersonalDataIsAConfigurationError) {
  project_.Config(Project::Source(url_, "pii = [\"*mail*\"]"));
  project_.Declare("[[table]]\nname = \"public.orders\"\n[table.volume]\nmin = 5\ngroup_by = \"email\"\n");
  const ProcessResult result = project_.Amont({"run", "--store=none"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("checks/tables.toml:5:"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace amont::testing
