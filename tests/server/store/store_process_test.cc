// Several processes on one store: writers at once, and one that dies in the middle.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "core/sql/connection.h"
#include "server/store/sql_store.h"
#include "tests/server/store/store_fixture.h"

namespace amont {
namespace {

using testing::At;
using testing::CheckOn;
using testing::ConclusionOf;
using testing::TableNamed;

const Timestamp kNow = At("2026-11-24T06:00:00Z");

pid_t Start(const std::function<int()>& fn) {
  const pid_t child = fork();
  if (child == 0) _exit(fn());
  return child;
}

int CodeOf(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Conclusion TwoVerdicts(Timestamp at) {
  std::vector<Verdict> verdicts;
  for (const char* measure : {"emptied", "volume"}) {
    Verdict verdict;
    verdict.check = CheckOn(TableNamed("orders"), measure, RowCount{}, NotEmptied{});
    verdict.status = Status::kPass;
    verdict.observed = int64_t{12};
    verdict.at = at;
    verdicts.push_back(std::move(verdict));
  }
  return ConclusionOf(std::move(verdicts));
}

using StoreProcess = testing::StoreFixture;

TEST_F(StoreProcess, AWriterThatDiesInATransactionLeavesNothingOfIt) {
  store_.reset();
  EXPECT_EQ(CodeOf(Start([&] {
              auto session = OpenSqliteStore(Path());
              if (!session || !(*session)->BeginWrite()) return 1;
              if (!RecordTable(**session, 7, TwoVerdicts(kNow))) return 2;
              kill(getpid(), SIGKILL);
              return 3;
            })),
            128 + SIGKILL);
  for (const StoreMode mode : {StoreMode::kRead, StoreMode::kWrite}) {
    Reopen(mode);
    EXPECT_TRUE(Query("SELECT * FROM verdict").empty());
    EXPECT_TRUE(Query("SELECT * FROM point").empty());
  }
  Record(TwoVerdicts(kNow), kNow);
  EXPECT_EQ(Query("SELECT count(*) FROM verdict"), std::vector<std::string>{"2"});
}

TEST_F(StoreProcess, AWriterKilledAnywhereLeavesWholeTables) {
  for (int round = 0; round < 5; ++round) {
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = Start([&] {
      auto store = OpenStore(Url(), StoreMode::kWrite);
      if (!store) return 1;
      for (int i = 0; i < 100'000; ++i) {
        const auto run = (*store)->ClaimRun({"round" + std::to_string(round), std::to_string(i), kNow});
        const Conclusion table = TwoVerdicts(kNow + std::chrono::seconds(100'000 * round + i));
        if (!run || !(*store)->RecordTables(*run, std::vector{table})) return 2;
        if (i == 3 + round && write(ready[1], "x", 1) != 1) return 3;
      }
      return 0;
    });
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    EXPECT_EQ(CodeOf(child), 128 + SIGKILL);
    close(ready[0]);
    close(ready[1]);
    EXPECT_TRUE(Query("SELECT run FROM verdict GROUP BY run HAVING count(*) <> 2").empty());
    EXPECT_EQ(Query("SELECT count(*) FROM verdict"), Query("SELECT count(*) FROM point"));
  }
  Reopen();
  EXPECT_EQ(Query("PRAGMA integrity_check"), std::vector<std::string>{"ok"});
}

TEST_F(StoreProcess, TwoProcessesMayCreateTheStoreAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const std::string url = "sqlite:" + dir_.Path("fresh" + std::to_string(round) + ".db");
    const auto open = [&] {
      auto store = OpenStore(url, StoreMode::kWrite);
      if (!store) return 1;
      const auto run = (*store)->ClaimRun({"local", std::to_string(getpid()), kNow});
      return run ? 0 : 2;
    };
    const std::vector<pid_t> children = {Start(open), Start(open), Start(open)};
    for (const pid_t child : children) EXPECT_EQ(CodeOf(child), 0);
  }
}

TEST_F(StoreProcess, TwoProcessesWriteAtOnceAndClaimEachRunOnce) {
  store_.reset();
  constexpr int kRuns = 60;
  const auto work = [&](int other) {
    auto store = OpenStore(Url(), StoreMode::kWrite);
    if (!store) return 1;
    for (int i = 0; i < kRuns; ++i) {
      const auto run = (*store)->ClaimRun({"slot", std::to_string(i), kNow});
      if (!run && run.error().code != ErrorCode::kBusy) return 2;
      const auto own =
          run ? run : (*store)->ClaimRun({"own" + std::to_string(other), std::to_string(i), kNow});
      const Conclusion table = TwoVerdicts(kNow + std::chrono::seconds(1000 * other + i));
      if (!own || !(*store)->RecordTables(*own, std::vector{table})) return 3;
    }
    return 0;
  };
  const pid_t first = Start([&] { return work(1); });
  const pid_t second = Start([&] { return work(2); });
  EXPECT_EQ(CodeOf(first), 0);
  EXPECT_EQ(CodeOf(second), 0);
  EXPECT_EQ(Query("SELECT count(*) FROM run WHERE trigger_kind = 'slot'"), std::vector<std::string>{"60"});
  EXPECT_EQ(Query("SELECT count(*) FROM verdict"), std::vector<std::string>{"240"});
  EXPECT_EQ(Query("SELECT count(*) FROM series"), std::vector<std::string>{"2"});
  EXPECT_EQ(Query("SELECT count(*) FROM point"), std::vector<std::string>{"240"});
}

TEST_F(StoreProcess, AReaderNeverSeesHalfATableHoweverFastTheWriter) {
  store_.reset();
  const pid_t writer = Start([&] {
    for (int i = 0; i < 60; ++i) {  // opens and closes, so that the log comes and goes
      auto store = OpenStore(Url(), StoreMode::kWrite);
      if (!store) return 1;
      for (int j = 0; j < 3; ++j) {
        const auto run = (*store)->ClaimRun({"slot", std::to_string(i * 3 + j), kNow});
        const Conclusion table = TwoVerdicts(kNow + std::chrono::seconds(i * 3 + j));
        if (!run || !(*store)->RecordTables(*run, std::vector{table})) return 2;
      }
    }
    return 0;
  });
  const Conclusion table = TwoVerdicts(kNow);
  const std::vector<CheckPtr> checks = {table.verdicts[0].check, table.verdicts[1].check};
  auto reader = OpenStore(Url(), StoreMode::kRead);
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  int status = 0;
  while (waitpid(writer, &status, WNOHANG) == 0) {
    const auto histories = (*reader)->ReadHistory(checks, kNow + std::chrono::hours(1));
    ASSERT_TRUE(histories.has_value()) << histories.error().message;
    EXPECT_LE(histories->at(0).points.size(), 3u);
  }
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  const auto histories = (*reader)->ReadHistory(checks, kNow + std::chrono::hours(1));
  ASSERT_TRUE(histories.has_value()) << histories.error().message;
  EXPECT_EQ(histories->at(1).points.size(), 3u);
}

}  // namespace
}  // namespace amont
