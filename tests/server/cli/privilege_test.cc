// A role without privileges, on PostgreSQL: an error that names the GRANT, never "it does not exist".

#include <gtest/gtest.h>

#include "tests/server/cli/project.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

class Privilege : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    admin_ = PostgresServer::Get().CreateDatabase();
    database_ = ExecuteSql(admin_, "SELECT current_database()");
    role_ = "reader_" + database_;
    Execute("CREATE ROLE " + role_ +
            " LOGIN; CREATE SCHEMA mart;"
            "CREATE TABLE mart.orders (id bigint, amount bigint, secret text);"
            "INSERT INTO mart.orders VALUES (1, 1, 'x');"
            "CREATE TABLE mart.open (id bigint); INSERT INTO mart.open VALUES (1);"
            "CREATE SCHEMA hidden; CREATE TABLE hidden.orders (id bigint);"
            "GRANT USAGE ON SCHEMA mart TO " +
            role_ + "; GRANT SELECT ON mart.open TO " + role_);
    url_ = PostgresServer::Get().Url(database_, role_);
    project_.Config(Project::Source(url_));
  }
  void TearDown() override {
    if (!role_.empty()) Execute("DROP OWNED BY " + role_ + "; DROP ROLE " + role_);
  }
  void Execute(const std::string& sql) { ExecuteSql(admin_, sql); }
  Report Run(std::string_view declarations) {
    project_.Declare(declarations);
    return project_.Run({"--store=none"});
  }

  Project project_;
  std::string admin_, database_, role_, url_;
};

TEST_F(Privilege, ATableThatMayNotBeReadIsAnErrorNamingTheGrant) {
  const Report report = Run(R"toml([[table]]
name = "mart.orders"
[table.volume]
min = 1
[[table]]
name = "mart.open"
[table.volume]
min = 1
)toml");
  const CheckLine& volume = report.At("warehouse/mart.orders:volume");
  EXPECT_EQ(volume.status, "error");
  EXPECT_EQ(volume.error_code, "permission");
  EXPECT_NE(volume.sentence.find("GRANT SELECT ON mart.orders TO " + role_), std::string::npos)
      << volume.sentence;
  EXPECT_EQ(report.Status("warehouse/mart.orders:exists"), "pass") << "it is there";
  EXPECT_EQ(report.Status("warehouse/mart.open:volume"), "pass");
  EXPECT_EQ(report.exit_code, 2);
}

TEST_F(Privilege, ASchemaThatMayNotBeUsedIsAnErrorNamingTheGrant) {
  const Report report = Run("[[table]]\nname = \"hidden.orders\"\n[table.volume]\nmin = 1\n");
  const CheckLine& volume = report.At("warehouse/hidden.orders:volume");
  EXPECT_EQ(volume.error_code, "permission");
  EXPECT_NE(volume.sentence.find("GRANT USAGE ON SCHEMA hidden TO " + role_), std::string::npos)
      << volume.sentence;
  EXPECT_NE(report.Status("warehouse/hidden.orders:exists"), "fail");
}

TEST_F(Privilege, AColumnThatMayNotBeReadIsAnErrorOfItsChecksAlone) {
  Execute("GRANT SELECT (id, amount) ON mart.orders TO " + role_);
  const Report report = Run(R"toml([[table]]
name = "mart.orders"
[table.columns.amount]
min = 0
[table.columns.secret]
null_ratio = 0.5
)toml");
  EXPECT_EQ(report.Status("warehouse/mart.orders:min(amount)"), "pass");
  const CheckLine& secret = report.At("warehouse/mart.orders:null_ratio(secret)");
  EXPECT_EQ(secret.status, "error");
  EXPECT_EQ(secret.error_code, "permission");
  EXPECT_NE(secret.sentence.find("GRANT SELECT"), std::string::npos) << secret.sentence;
}

TEST_F(Privilege, AUserQueryOfSomethingElseIsAnErrorThatNamesIt) {
  const Report report =
      Run("[[table]]\nname = \"mart.open\"\n[[table.sql]]\nname = \"peek\"\n"
          "value = \"SELECT count(*) FROM mart.orders\"\nmin = 0\n");
  const CheckLine& peek = report.At("warehouse/mart.open:sql@peek");
  EXPECT_EQ(peek.error_code, "permission");
  EXPECT_NE(peek.sentence.find("orders"), std::string::npos) << peek.sentence;
  EXPECT_EQ(report.Status("warehouse/mart.open:emptied"), "pass");
}

TEST_F(Privilege, AWildcardDoesNotForgetATableItMayNotRead) {
  project_.Declare("[[table]]\nname = \"mart.*\"\n[table.volume]\nmin = 1\n");
  const Report report = project_.Run({"--store=none"});
  EXPECT_EQ(report.Status("warehouse/mart.open:volume"), "pass");
  EXPECT_EQ(report.At("warehouse/mart.orders:volume").error_code, "permission");
}

TEST_F(Privilege, ARoleThatCannotLogInIsSaidSo) {
  project_.Config(Project::Source(PostgresServer::Get().Url(database_, "nobody_of_" + database_)));
  const Report report = Run("[[table]]\nname = \"mart.open\"\n");
  EXPECT_EQ(report.exit_code, 2);
  EXPECT_NE(report.At("warehouse/mart.open:exists").sentence.find("nobody_of_"), std::string::npos)
      << report.At("warehouse/mart.open:exists").sentence;
}

// --- validate --connect
// ---------------------------------------------------------------------------------------------

TEST_F(Privilege, ValidateConnectAgreesWithWhatIsRight) {
  project_.Declare("[[table]]\nname = \"mart.open\"\n[table.columns.id]\ntype = \"bigint\"\n");
  const ProcessResult result = project_.Amont({"validate", "--connect"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("the catalog agrees"), std::string::npos) << result.out;
}

TEST_F(Privilege, ValidateConnectNamesEverythingTheCatalogContradicts) {
  project_.Declare(R"toml([[table]]
name = "mart.open"
[table.columns.id]
type = "text"
[table.columns.idd]
min = 0
[[table]]
name = "mart.gone"
[[table]]
name = "mart.orders"
[table.columns.amount]
min = 0
)toml");
  const ProcessResult result = project_.Amont({"validate", "--connect"});
  EXPECT_EQ(result.exit_code, 3);
  for (const std::string& part :
       {std::string("id is bigint, not text"), std::string("mart.open has no column idd"),
        std::string("mart.gone does not exist"), "GRANT SELECT ON mart.orders TO " + role_,
        std::string("checks/tables.toml:7:")}) {
    EXPECT_NE(result.err.find(part), std::string::npos) << part << "\n" << result.err;
  }
  const ProcessResult json = project_.Amont({"validate", "--connect", "--format=json"});
  EXPECT_EQ(json.exit_code, 3);
  EXPECT_TRUE(ParseJson(json.out)) << json.out;
}

size_t Times(const std::string& text, const std::string& part) {
  size_t times = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

TEST_F(Privilege, ValidateConnectSaysOnceWhatConcernsManyChecks) {
  project_.Declare(R"toml([[table]]
name = "mart.orders"
not_null = ["id", "amount"]
[[table]]
name = "mart.open"
not_null = ["idd"]
[table.columns.idd]
type = "bigint"
min = 0
)toml");
  const ProcessResult result = project_.Amont({"validate", "--connect"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(Times(result.err, "error: "), 2u) << result.err;
  EXPECT_EQ(Times(result.err, "GRANT SELECT ON mart.orders"), 1u) << result.err;
  // Two of NULL, and `emptied`.
  EXPECT_NE(result.err.find("; 3 checks need it"), std::string::npos) << result.err;
  for (const char* id : {"null_count(idd)", "min(idd)", "schema"}) {
    EXPECT_NE(result.err.find("warehouse/mart.open:" + std::string(id) + " needs it"), std::string::npos)
        << id << "\n"
        << result.err;
  }
  EXPECT_NE(result.err.find("did you mean `id`?"), std::string::npos) << result.err;
}

TEST_F(Privilege, ValidateConnectSaysWhatTheCatalogCannotTell) {
  Execute(
      "CREATE VIEW mart.seen AS SELECT id, 'x'::text AS name FROM mart.open; GRANT SELECT ON mart.seen TO " +
      role_);
  project_.Declare(R"toml([[table]]
name = "mart.seen"
[table.freshness]
fail_after = "1h"
[table.columns.name]
min = 1
[[table]]
name = "mart.open"
[table.freshness]
fail_after = "1h"
)toml");
  const ProcessResult result = project_.Amont({"validate", "--connect"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(Times(result.err, "error: "), 2u) << result.err;
  for (const char* part : {"checks/tables.toml:3:", "mart.seen: no change counters here",
                           "checks/tables.toml:6:", "min(name) needs a number, but column `name` is text"}) {
    EXPECT_NE(result.err.find(part), std::string::npos) << part << "\n" << result.err;
  }
}

TEST_F(Privilege, ValidateConnectRefusesARoleThatMayDoMoreThanRead) {
  project_.Declare("[[table]]\nname = \"mart.open\"\n");
  project_.Config(Project::Source(admin_));
  const ProcessResult superuser = project_.Amont({"validate", "--connect"});
  EXPECT_EQ(superuser.exit_code, 3);
  EXPECT_NE(superuser.err.find("superuser"), std::string::npos) << superuser.err;
  EXPECT_NE(superuser.err.find("amont.toml:"), std::string::npos) << superuser.err;

  project_.Config(Project::Source(url_));
  for (const char* power : {"pg_write_server_files", "pg_execute_server_program", "pg_write_all_data"}) {
    Execute(std::string("GRANT ") + power + " TO " + role_);
    const ProcessResult result = project_.Amont({"validate", "--connect"});
    EXPECT_EQ(result.exit_code, 3) << power << result.err;
    Execute(std::string("REVOKE ") + power + " FROM " + role_);
  }
  EXPECT_EQ(project_.Amont({"validate", "--connect"}).exit_code, 0);
}

TEST_F(Privilege, ValidateConnectSaysWhichSourceCannotBeReached) {
  project_.Config(Project::Source("postgresql://amont@127.0.0.1:1/nowhere"));
  project_.Declare("[[table]]\nname = \"mart.open\"\n");
  const ProcessResult result = project_.Amont({"validate", "--connect"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("source warehouse: "), std::string::npos) << result.err;
  EXPECT_NE(result.out.find("was not compared with every source"), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find("valid"), std::string::npos) << result.out;
  EXPECT_EQ(project_.Amont({"validate"}).exit_code, 0) << "without --connect nothing is opened";
}

}  // namespace
}  // namespace amont::testing
