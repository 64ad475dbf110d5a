// Where `amont run` keeps history, and when it does not: --store, --record, [store], --as-of.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"
#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

// `drift` says whether there is a memory: learning at first sight, pass once it remembers.
constexpr const char* kDrift = "warehouse/orders:drift";

class StoreRun : public ::testing::Test {
 protected:
  void SetUp() override {
    SqliteWriter(project_.Path("shop.db"))
        .Run("CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2);");
    project_.Config(Project::Source("sqlite:shop.db"));
    project_.Declare("[[table]]\nname = \"orders\"\n[table.schema]\ndrift = \"warn\"\n");
  }
  std::string Drift(const std::vector<std::string>& arguments = {}) {
    return project_.Run(arguments).Status(kDrift);
  }
  bool Exists(std::string_view relative) { return std::filesystem::exists(project_.Path(relative)); }

  Project project_;
};

TEST_F(StoreRun, RemembersInItsOwnFolderBesideTheConfiguration) {
  EXPECT_EQ(Drift(), "learning");
  EXPECT_TRUE(Exists(".amont/history.db"));
  EXPECT_EQ(Drift(), "pass");
}

TEST_F(StoreRun, TheFolderIsBesideTheConfigurationWhereverItIsRunFrom) {
  const TempDir elsewhere;
  ProcessOptions options;
  options.directory = elsewhere.path().string();
  const std::vector<std::string> command = {"run", "--format=json", "--config", project_.Path("amont.toml")};
  EXPECT_EQ(ReadReport(project_.Amont(command, options)).Status(kDrift), "learning");
  EXPECT_TRUE(Exists(".amont/history.db"));
  EXPECT_FALSE(std::filesystem::exists(elsewhere.Path(".amont")));
}

TEST_F(StoreRun, StoreNoneNeitherReadsNorWrites) {
  EXPECT_EQ(Drift({"--store=none"}), "learning");
  EXPECT_FALSE(Exists(".amont"));
  EXPECT_EQ(Drift(), "learning");
  EXPECT_EQ(Drift({"--store=none"}), "learning");
}

TEST_F(StoreRun, RecordNoReadsAndDoesNotWrite) {
  EXPECT_EQ(Drift({"--record=no"}), "learning");
  EXPECT_FALSE(Exists(".amont"));
  EXPECT_EQ(Drift(), "learning");
  EXPECT_EQ(Drift({"--record=no"}), "pass");
  SqliteWriter(project_.Path("shop.db")).Run("ALTER TABLE orders ADD COLUMN note TEXT");
  EXPECT_EQ(Drift({"--record=no"}), "warn");
}

TEST_F(StoreRun, ANamedStoreIsCreatedAndUsed) {
  EXPECT_EQ(Drift({"--store", "sqlite:" + project_.Path("deep/own.db")}), "learning");
  EXPECT_FALSE(Exists(".amont"));
  EXPECT_EQ(Drift({"--store", "sqlite:" + project_.Path("deep/own.db")}), "pass");
}

TEST_F(StoreRun, TheConfiguredStoreIsUsedAndIsRelativeToTheConfiguration) {
  project_.Config(Project::Source("sqlite:shop.db", "[store]\nurl = \"sqlite:kept.db\"\n"));
  EXPECT_EQ(Drift(), "learning");
  EXPECT_TRUE(Exists("kept.db"));
  EXPECT_EQ(Drift(), "pass");
}

TEST_F(StoreRun, AsOfIsNeverRecorded) {
  EXPECT_EQ(Drift({"--as-of=2026-01-01T00:00:00Z"}), "learning");
  EXPECT_FALSE(Exists(".amont"));
  EXPECT_EQ(Drift(), "learning");
  const auto before = std::filesystem::file_size(project_.Path(".amont/history.db"));
  const std::string bytes =
      SqliteWriter(project_.Path(".amont/history.db")).Text("SELECT count(*) FROM verdict");
  EXPECT_EQ(Drift({"--as-of=2026-01-01T00:00:00Z"}), "pass") << "history is read all the same";
  EXPECT_EQ(SqliteWriter(project_.Path(".amont/history.db")).Text("SELECT count(*) FROM verdict"), bytes);
  EXPECT_EQ(std::filesystem::file_size(project_.Path(".amont/history.db")), before);
}

TEST_F(StoreRun, ARunIsRecordedFromItsStartToItsEnd) {
  EXPECT_EQ(project_.Run().exit_code, 0);
  SqliteWriter store(project_.Path(".amont/history.db"));
  EXPECT_EQ(store.Text("SELECT count(*) FROM run WHERE finished >= started"), "1");
}

TEST_F(StoreRun, WhatCannotBeRecordedIsANoteAndTheChecksStillRun) {
  // Where history should lie there is a file, so not even root can write it.
  project_.directory().Write(".amont", "not a folder");
  const Report report = project_.Run();
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.Status(kDrift), "learning");
  ASSERT_FALSE(report.notes.empty());
  EXPECT_EQ(report.notes.front().substr(0, 14), "not recorded: ") << report.notes.front();
  const ProcessResult text = project_.Amont({"run"});
  EXPECT_NE(text.out.find("note: not recorded: "), std::string::npos) << text.out;
}

TEST_F(StoreRun, AFolderThatMayNotBeWrittenIsANote) {
  // Root may write anywhere, so the program runs as somebody else.
  std::vector<std::string> command = {AmontProgram(), "run", "--format=json"};
  if (geteuid() == 0) {
    command.insert(command.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  }
  ProcessOptions options;
  options.directory = project_.directory().path().string();
  chmod(project_.directory().path().c_str(), 0555);
  const ProcessResult result = RunProgram(command, options);
  chmod(project_.directory().path().c_str(), 0755);
  if (result.exit_code == 126 || result.exit_code == 127) GTEST_SKIP() << result.err;
  const Report report = ReadReport(result);
  EXPECT_EQ(report.exit_code, 0);
  ASSERT_FALSE(report.notes.empty());
  EXPECT_NE(report.notes.front().find("not recorded: "), std::string::npos);
}

TEST_F(StoreRun, RecordYesInsistsAndExitsThree) {
  project_.directory().Write(".amont", "not a folder");
  const ProcessResult result = project_.Amont({"run", "--record=yes"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find(".amont"), std::string::npos) << result.err;
}

TEST_F(StoreRun, AFileThatIsNoStoreIsLeftAlone) {
  SqliteWriter(project_.Path("other.db")).Run("CREATE TABLE mine (x)");
  const std::string url = "--store=sqlite:" + project_.Path("other.db");
  const ProcessResult result = project_.Amont({"run", url});
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_NE(result.err.find("database of another program"), std::string::npos) << result.err;
  EXPECT_EQ(SqliteWriter(project_.Path("other.db")).Text("SELECT count(*) FROM sqlite_schema"), "1");
}

TEST_F(StoreRun, AStoreThatIsDamagedIsANoteAndLeftAlone) {
  EXPECT_EQ(Drift(), "learning");
  const std::string garbage(8192, 'x');
  project_.directory().Write(".amont/history.db", garbage);
  const Report report = project_.Run();
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.Status(kDrift), "learning");
  ASSERT_FALSE(report.notes.empty());
  EXPECT_NE(report.notes.front().find("history.db"), std::string::npos) << report.notes.front();
  EXPECT_EQ(ReadFile(project_.Path(".amont/history.db")), garbage);
}

TEST_F(StoreRun, AStoreOfANewerReleaseIsNotTouched) {
  EXPECT_EQ(Drift(), "learning");
  SqliteWriter(project_.Path(".amont/history.db")).Run("UPDATE amont_store SET version = 99");
  const Report report = project_.Run();
  EXPECT_EQ(report.exit_code, 0);
  ASSERT_FALSE(report.notes.empty());
  EXPECT_NE(report.notes.front().find("newer amont"), std::string::npos) << report.notes.front();
}

TEST_F(StoreRun, AStoreOfAnUnknownKindIsAnError) {
  const ProcessResult result = project_.Amont({"run", "--store=mysql://host/db"});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.err.find("sqlite:FILE"), std::string::npos) << result.err;
}

TEST_F(StoreRun, ARenamedTableKeepsItsHistory) {
  EXPECT_EQ(Drift(), "learning");
  SqliteWriter(project_.Path("shop.db")).Run("ALTER TABLE orders RENAME TO sales");
  project_.Declare("[[table]]\nname = \"sales\"\nwas = [\"orders\"]\n[table.schema]\ndrift = \"warn\"\n");
  EXPECT_EQ(project_.Run().Status("warehouse/sales:drift"), "pass");
}

}  // namespace
}  // namespace amont::testing
