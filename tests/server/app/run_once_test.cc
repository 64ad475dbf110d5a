#include "server/app/run_once.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "tests/core/sql/sqlite_writer.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using testing::SqliteWriter;

Timestamp At(int second) { return Timestamp(std::chrono::seconds(1'700'000'000 + second)); }

class RunOnceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* source : {"a", "b", "c"}) {
      std::string script;
      for (int i = 0; i < 5; ++i) {
        const std::string name = "t" + std::to_string(i);
        script += "CREATE TABLE " + name + " (id INTEGER); INSERT INTO " + name + " VALUES (1);";
        declarations_ +=
            "[[table]]\nname = \"" + name + "\"\nsource = \"" + source + "\"\n[table.volume]\nmin = 1\n";
      }
      SqliteWriter(dir_.Path(std::string(source) + ".db")).Run(script);
      config_ += std::string("[source.") + source + "]\nurl = \"sqlite:" + source + ".db\"\n";
    }
    request_.started = At(0);
    request_.key = "first";
  }
  Result<RunOutcome> Run(const RunHooks& hooks = {}, std::stop_token stop = {}) {
    dir_.Write("checks/t.toml", declarations_);
    Diagnostics diagnostics;
    auto config = LoadConfig(dir_.Write("amont.toml", config_), ProcessEnvironment(), diagnostics);
    EXPECT_FALSE(diagnostics.HasErrors()) << RenderText(diagnostics, false);
    if (!config) return config.error();
    return RunOnce(*config, request_, hooks, std::move(stop));
  }
  std::string Store(const std::string& sql) { return SqliteWriter(dir_.Path(".amont/history.db")).Text(sql); }

  testing::TempDir dir_;
  std::string config_;
  std::string declarations_;
  RunRequest request_;
};

TEST_F(RunOnceTest, MeasuresAllSourcesAndSumsTheirProgress) {
  std::atomic<int> inside = 0;
  RunProgress last;
  std::map<std::string, int> statements;
  RunHooks hooks;
  hooks.progress = [&](const RunProgress& progress) {
    EXPECT_EQ(++inside, 1) << "one at a time";
    EXPECT_GE(progress.concluded, last.concluded);
    EXPECT_GE(progress.statements, last.statements);
    last = progress;
    --inside;
  };
  hooks.statement = [&](const std::string& source, const Statement&, Duration, const Result<void>& done) {
    EXPECT_TRUE(done);
    ++statements[source];
  };
  const auto outcome = Run(hooks);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->tables.size(), 15u);
  EXPECT_EQ(outcome->statements, 18u);
  EXPECT_EQ(last.tables, 15u);
  EXPECT_EQ(last.concluded, 15u);
  EXPECT_EQ(last.statements, 18u);
  EXPECT_EQ(statements, (std::map<std::string, int>{{"a", 6}, {"b", 6}, {"c", 6}}));
  EXPECT_TRUE(outcome->cut.empty());
  EXPECT_TRUE(outcome->notes.empty());
}

TEST_F(RunOnceTest, RecordsTheRunFromClaimToEnd) {
  ASSERT_TRUE(Run());
  EXPECT_EQ(Store("SELECT trigger_kind || ' ' || trigger_key FROM run WHERE finished >= started"),
            "local first");
  EXPECT_EQ(Store("SELECT count(*) FROM verdict"), "30");
}

TEST_F(RunOnceTest, AKeyThatWasUsedBeforeIsNotRecordedTwice) {
  ASSERT_TRUE(Run());
  const auto again = Run();
  ASSERT_TRUE(again);
  ASSERT_EQ(again->notes.size(), 1u);
  EXPECT_NE(again->notes[0].find("claimed before"), std::string::npos) << again->notes[0];
  EXPECT_EQ(again->tables.size(), 15u) << "it is measured all the same";
  EXPECT_EQ(Store("SELECT count(*) FROM verdict"), "30");
  request_.record = Record::kYes;
  const auto insisting = Run();
  ASSERT_FALSE(insisting);
  EXPECT_EQ(insisting.error().code, ErrorCode::kBusy);
}

TEST_F(RunOnceTest, AFailureToRecordIsSaidOnce) {
  ASSERT_TRUE(Run());
  SqliteWriter(dir_.Path(".amont/history.db"))
      .Run(
          "CREATE TRIGGER broken BEFORE INSERT ON verdict BEGIN SELECT RAISE(FAIL, 'the disk is full'); END");
  request_.key = "second";
  const auto outcome = Run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->tables.size(), 15u);
  EXPECT_EQ(outcome->notes.size(), 1u);
}

TEST_F(RunOnceTest, SourcesThatWereCutAreNamedWithTheirReason) {
  std::filesystem::remove(dir_.Path("b.db"));
  const auto outcome = Run();
  ASSERT_TRUE(outcome);
  ASSERT_EQ(outcome->cut.size(), 1u);
  EXPECT_EQ(outcome->cut.begin()->first, "b");
  EXPECT_EQ(outcome->cut.begin()->second.code, ErrorCode::kUnreachable);
  EXPECT_EQ(outcome->tables.size(), 15u);
}

TEST_F(RunOnceTest, AStopMeansErrorsNotSilence) {
  std::stop_source stop;
  stop.request_stop();
  const auto outcome = Run({}, stop.get_token());
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->tables.size(), 15u);
  EXPECT_EQ(outcome->cut.size(), 3u);
}

TEST_F(RunOnceTest, WhatWildcardsGaveIsToldWhetherItWasSelectedOrNot) {
  declarations_ = "[[table]]\nname = \"t*\"\nsource = \"a\"\n";
  request_.selection.tables = {"t1"};
  const auto outcome = Run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->tables.size(), 1u);
  EXPECT_EQ(outcome->matched.size(), 10u);
}

TEST_F(RunOnceTest, TheStoreIsWhereItWasSaid) {
  Diagnostics diagnostics;
  const auto plain = LoadConfig(dir_.Write("amont.toml", config_), ProcessEnvironment(), diagnostics);
  ASSERT_TRUE(plain);
  EXPECT_EQ(StoreUrl(*plain, ""), "sqlite:" + dir_.Path(".amont/history.db"));
  EXPECT_EQ(StoreUrl(*plain, "none"), "none");
  EXPECT_EQ(StoreUrl(*plain, "sqlite:x.db"), "sqlite:x.db");
  const auto declared = LoadConfig(dir_.Write("amont.toml", config_ + "[store]\nurl = \"sqlite:kept.db\"\n"),
                                   ProcessEnvironment(), diagnostics);
  ASSERT_TRUE(declared);
  EXPECT_EQ(StoreUrl(*declared, ""), "sqlite:" + dir_.Path("kept.db"));
}

TEST_F(RunOnceTest, WithoutAStoreConfiguredWhatWasWrittenLastIsLookedInto) {
  Diagnostics diagnostics;
  const auto plain = LoadConfig(dir_.Write("amont.toml", config_), ProcessEnvironment(), diagnostics);
  ASSERT_TRUE(plain);
  const std::string runs = "sqlite:" + dir_.Path(".amont/history.db");
  const std::string served = "sqlite:" + dir_.Path("amont.db");
  const auto hour = std::chrono::hours(1);
  EXPECT_EQ(StoreUrlToRead(*plain, ""), runs);
  const std::string db = dir_.Write("amont.db", "");
  EXPECT_EQ(StoreUrlToRead(*plain, ""), served);
  const std::string history = dir_.Write(".amont/history.db", "");
  std::filesystem::last_write_time(db, std::filesystem::last_write_time(history) - hour);
  EXPECT_EQ(StoreUrlToRead(*plain, ""), runs);
  // A service that runs writes into its log first.
  const std::string log = dir_.Write("amont.db-wal", "");
  std::filesystem::last_write_time(log, std::filesystem::last_write_time(history) + hour);
  EXPECT_EQ(StoreUrlToRead(*plain, ""), served);
  EXPECT_EQ(StoreUrlToRead(*plain, "sqlite:x.db"), "sqlite:x.db");
}

}  // namespace
}  // namespace amont
