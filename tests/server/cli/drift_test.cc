// Drift between runs, and what `amont accept` teaches and refuses.

#include <gtest/gtest.h>

#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"

namespace amont::testing {
namespace {

constexpr const char* kDrift = "warehouse/orders:drift";

class Drift : public ::testing::Test {
 protected:
  void SetUp() override {
    Execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, amount REAL); INSERT INTO orders VALUES (1, 1);");
    project_.Config(Project::Source("sqlite:shop.db"));
    Declare("drift = \"warn\"");
  }
  void Execute(const std::string& sql) { SqliteWriter(project_.Path("shop.db")).Run(sql); }
  void Declare(std::string_view schema) {
    project_.Declare("[[table]]\nname = \"orders\"\n[table.schema]\n" + std::string(schema) + "\n");
  }
  CheckLine Run() { return project_.Run().At(kDrift); }
  ProcessResult Accept(const std::string& id, const std::string& note = "on purpose") {
    return project_.Amont({"accept", id, "--note", note});
  }

  Project project_;
};

TEST_F(Drift, FirstSightIsAcceptedAndStaysUntilSomethingChanges) {
  EXPECT_EQ(Run().status, "learning");
  EXPECT_EQ(Run().status, "pass");
}

TEST_F(Drift, AnAddedColumnWarnsUntilItIsAccepted) {
  Run();
  Execute("ALTER TABLE orders ADD COLUMN currency TEXT");
  const CheckLine drifted = Run();
  EXPECT_EQ(drifted.status, "warn");
  EXPECT_NE(drifted.sentence.find("column currency text was added"), std::string::npos) << drifted.sentence;
  EXPECT_EQ(Run().status, "warn") << "it stays";
  const ProcessResult accepted = Accept(kDrift);
  EXPECT_EQ(accepted.exit_code, 0) << accepted.err;
  EXPECT_NE(accepted.out.find(kDrift), std::string::npos);
  EXPECT_EQ(Run().status, "pass");
}

TEST_F(Drift, ARevertedChangeIsNoDrift) {
  Run();
  Execute("ALTER TABLE orders ADD COLUMN currency TEXT");
  EXPECT_EQ(Run().status, "warn");
  Execute("ALTER TABLE orders DROP COLUMN currency");
  EXPECT_EQ(Run().status, "pass");
  EXPECT_EQ(Accept(kDrift).exit_code, 1) << "nothing is pending any more";
}

TEST_F(Drift, CanBeDeclaredToFail) {
  Declare("drift = \"fail\"");
  Run();
  Execute("ALTER TABLE orders DROP COLUMN amount");
  const Report report = project_.Run();
  EXPECT_EQ(report.Status(kDrift), "fail");
  EXPECT_EQ(report.exit_code, 1);
}

TEST_F(Drift, IsAcceptedByItselfAfterItsTime) {
  Declare("drift = \"warn\"\ndrift_for = \"1d\"");
  Run();
  Execute("ALTER TABLE orders ADD COLUMN currency TEXT");
  EXPECT_EQ(Run().status, "warn");
  SqliteWriter(project_.Path(".amont/history.db"))
      .Run("UPDATE schema_state SET since = since - 90000000000 WHERE state = 'pending'");
  const CheckLine accepted = Run();
  EXPECT_EQ(accepted.status, "pass") << accepted.sentence;
  EXPECT_EQ(Run().status, "pass");
  Execute("ALTER TABLE orders DROP COLUMN currency");
  EXPECT_EQ(Run().status, "warn") << "what was accepted is what it is compared with";
}

TEST_F(Drift, AnUnreachableSourceTeachesNothing) {
  Run();
  project_.Config(Project::Source("sqlite:gone.db"));
  EXPECT_EQ(Run().status, "error");
  project_.Config(Project::Source("sqlite:shop.db"));
  EXPECT_EQ(Run().status, "pass");
}

TEST_F(Drift, AcceptRefusesAFixedBoundAndNamesItsPlace) {
  project_.Declare(
      "[[table]]\nname = \"orders\"\n[table.volume]\nmin = 5\n[table.columns.amount]\nmax = 0\n");
  EXPECT_EQ(project_.Run().exit_code, 1);
  const ProcessResult volume = Accept("warehouse/orders:volume");
  EXPECT_EQ(volume.exit_code, 1);
  EXPECT_NE(volume.err.find("edit `min` at checks/tables.toml:"), std::string::npos) << volume.err;
  const ProcessResult max = Accept("warehouse/orders:max(amount)");
  EXPECT_EQ(max.exit_code, 1);
  EXPECT_NE(max.err.find("edit `max` at checks/tables.toml:6"), std::string::npos) << max.err;
}

TEST_F(Drift, AcceptKeepsTheNote) {
  Run();
  Execute("ALTER TABLE orders ADD COLUMN currency TEXT");
  Run();
  EXPECT_EQ(Accept(kDrift, "for the euro").exit_code, 0);
  EXPECT_EQ(SqliteWriter(project_.Path(".amont/history.db")).Text("SELECT note FROM acceptance"),
            "for the euro");
}

TEST_F(Drift, AcceptOfAnUnknownCheckSuggestsOne) {
  Run();
  const ProcessResult result = Accept("warehouse/orders:drfit");
  EXPECT_EQ(result.exit_code, 64);
  EXPECT_NE(result.err.find("did you mean `warehouse/orders:drift`?"), std::string::npos) << result.err;
}

TEST_F(Drift, AcceptWantsANoteAndAStore) {
  Run();
  EXPECT_EQ(project_.Amont({"accept", kDrift}).exit_code, 64);
  const ProcessResult none = project_.Amont({"accept", kDrift, "--note=x", "--store=none"});
  EXPECT_NE(none.exit_code, 0);
}

TEST_F(Drift, AcceptBeforeTheFirstRunCreatesNoStore) {
  const ProcessResult result = Accept(kDrift);
  EXPECT_NE(result.exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(project_.Path(".amont"))) << result.err;
}

}  // namespace
}  // namespace amont::testing
