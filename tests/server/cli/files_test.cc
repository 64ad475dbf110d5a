// DuckDB sources: files as tables, files that are broken or gone, a database file that a writer holds.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/core/sql/duckdb_writer.h"
#include "tests/server/cli/project.h"

namespace amont::testing {
namespace {

constexpr std::string_view kTwoTables = R"toml([[table]]
name = "flights"
[table.volume]
min = 1000
[table.columns.delay]
min = 0
[[table]]
name = "airports"
[table.volume]
min = 1
)toml";

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    DuckdbWriter writer;
    writer.Run("COPY (SELECT i AS id, i % 60 AS delay FROM range(5000) t(i)) TO '" +
               project_.Path("flights.parquet") + "'");
    writer.Run("COPY (SELECT 'CDG' AS code) TO '" + project_.Path("airports.csv") + "' (HEADER)");
    project_.Config(
        "[source.lake]\nurl = \"duckdb:\"\ntables = { flights = \"flights*.parquet\", airports = "
        "\"airports.csv\" }\n");
    project_.Declare(kTwoTables);
  }
  Report Run() { return project_.Run({"--store=none"}); }

  Project project_;
};

TEST_F(Files, AreTables) {
  const Report report = Run();
  EXPECT_EQ(report.exit_code, 0) << report.Statuses() << report.err;
  EXPECT_EQ(report.At("lake/flights:volume").observed, "5000");
}

TEST_F(Files, AGlobThatMatchesNothingIsNamed) {
  std::filesystem::remove(project_.Path("flights.parquet"));
  const Report report = Run();
  const CheckLine& exists = report.At("lake/flights:exists");
  EXPECT_EQ(exists.status, "fail");
  EXPECT_EQ(exists.sentence,
            "no usable file of table `flights`: nothing matches " + project_.Path("flights*.parquet"));
}

TEST_F(Files, AParquetFileCutShortIsAnErrorOfItsTableAlone) {
  std::filesystem::resize_file(project_.Path("flights.parquet"),
                               std::filesystem::file_size(project_.Path("flights.parquet")) / 2);
  const Report report = Run();
  EXPECT_EQ(report.exit_code, 2) << report.Statuses();
  const CheckLine& volume = report.At("lake/flights:volume");
  EXPECT_EQ(volume.status, "error");
  EXPECT_NE(volume.sentence.find("cut short"), std::string::npos) << volume.sentence;
  EXPECT_NE(volume.sentence.find("flights.parquet"), std::string::npos) << volume.sentence;
  EXPECT_EQ(report.Status("lake/flights:exists"), "error") << "it is there, but cannot be read";
  EXPECT_EQ(report.Status("lake/airports:volume"), "pass");
}

TEST_F(Files, AnEmptyParquetFileIsAnErrorToo) {
  std::filesystem::resize_file(project_.Path("flights.parquet"), 0);
  const Report report = Run();
  EXPECT_EQ(report.Status("lake/flights:volume"), "error");
  EXPECT_EQ(report.Status("lake/airports:volume"), "pass");
}

TEST_F(Files, APatternThatMatchesNoFileIsAMissingTable) {
  std::filesystem::remove(project_.Path("flights.parquet"));
  const Report report = Run();
  EXPECT_EQ(report.exit_code, 1) << report.Statuses();
  EXPECT_EQ(report.Status("lake/flights:exists"), "fail");
  EXPECT_TRUE(report.At("lake/flights:volume").suppressed);
  EXPECT_EQ(report.Status("lake/airports:volume"), "pass");
}

TEST_F(Files, ATableThatNoFileStandsForIsMissing) {
  project_.Declare("[[table]]\nname = \"flihgts\"\n[[table]]\nname = \"airports\"\n");
  const Report report = Run();
  EXPECT_EQ(report.Status("lake/flihgts:exists"), "fail");
  EXPECT_EQ(report.Status("lake/airports:exists"), "pass");
}

TEST_F(Files, AQueryReachesNoOtherFile) {
  project_.directory().Write("secret.csv", "a\nMARKER\n");
  project_.Declare(
      "[[table]]\nname = \"airports\"\n[[table.sql]]\nname = \"peek\"\nvalue = \"SELECT a FROM '" +
      project_.Path("secret.csv") + "'\"\nmin = 0\n");
  const Report report = Run();
  EXPECT_EQ(report.Status("lake/airports:sql@peek"), "error");
  EXPECT_EQ(report.out.find("MARKER"), std::string::npos);
  EXPECT_EQ(report.Status("lake/airports:exists"), "pass");
}

TEST_F(Files, ADatabaseHeldByAWriterIsAnErrorThatNamesTheHolder) {
  const std::string path = project_.Path("held.duckdb");
  DuckdbWriter(path).Run("CREATE TABLE t AS SELECT 1 AS id");
  project_.Config("[source.lake]\nurl = \"duckdb:held.duckdb\"\nstatement_timeout = \"1s\"\n");
  project_.Declare("[[table]]\nname = \"t\"\n[table.volume]\nmin = 1\n");
  {
    const DuckdbWriter writer(path);
    const Report report = Run();
    EXPECT_EQ(report.exit_code, 2);
    const CheckLine& volume = report.At("lake/t:volume");
    EXPECT_EQ(volume.error_code, "busy");
    EXPECT_NE(volume.sentence.find("in use by pid " + std::to_string(getpid())), std::string::npos)
        << volume.sentence;
  }
  EXPECT_EQ(Run().exit_code, 0) << "once the writer is gone it is read";
}

TEST_F(Files, AWriterThatEndsInTimeIsWaitedFor) {
  const std::string path = project_.Path("held.duckdb");
  auto writer = std::make_unique<DuckdbWriter>(path);
  writer->Run("CREATE TABLE t AS SELECT 1 AS id");
  project_.Config("[source.lake]\nurl = \"duckdb:held.duckdb\"\n");
  project_.Declare("[[table]]\nname = \"t\"\n[table.volume]\nmin = 1\n");
  const auto run = project_.Start({"run", "--store=none", "--format=json"});
  EXPECT_FALSE(run->WaitForText("{", std::chrono::milliseconds(700))) << "it waits";
  writer.reset();
  EXPECT_EQ(ReadReport(run->Wait()).exit_code, 0);
}

TEST_F(Files, ADatabaseThatIsNoneIsSaidSo) {
  project_.directory().Write("text.duckdb", std::string(20'000, 'x'));
  project_.Config("[source.lake]\nurl = \"duckdb:text.duckdb\"\n");
  project_.Declare("[[table]]\nname = \"t\"\n");
  const Report report = Run();
  EXPECT_EQ(report.exit_code, 2);
  EXPECT_NE(report.At("lake/t:exists").sentence.find("not a DuckDB database"), std::string::npos)
      << report.At("lake/t:exists").sentence;
}

TEST_F(Files, ADatabaseThatIsGoneIsSaidSoAndNotCreated) {
  project_.Config("[source.lake]\nurl = \"duckdb:gone.duckdb\"\n");
  project_.Declare("[[table]]\nname = \"t\"\n");
  const Report report = Run();
  EXPECT_EQ(report.exit_code, 2);
  EXPECT_NE(report.At("lake/t:exists").sentence.find("gone.duckdb"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(project_.Path("gone.duckdb")));
}

}  // namespace
}  // namespace amont::testing
