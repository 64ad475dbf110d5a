// Several processes on one store: writers at once, and one that dies in the middle.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <filesystem>
#include <functional>

#include "core/sql/connection.h"
#include "server/store/recorder.h"
#include "tests/server/store/store_fixture.h"
#include "tests/testing/postgres.h"

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
              if (!RecordBatch(**session, 7, std::vector{TwoVerdicts(kNow)})) return 2;
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

// ---------- Killed writers

// A leader that records a run after the other and says each that is recorded, until it is killed; then the
// next leader takes its last run over.
class KilledWriter : public testing::EachStore {
 protected:
  int64_t Lead() {
    const auto lease = store_->ReadLease(std::string(kLeaderLease)).value_or(std::nullopt).value_or(Lease());
    return store_->TakeLease(std::string(kLeaderLease), "test", lease.epoch).value_or(-1);
  }
  Conclusion TableAt(int round, int i) const {
    return TwoVerdicts(kNow + std::chrono::seconds(10'000 * round + i));
  }

  int Write(int round, int acknowledgements) {
    auto store = OpenStore(Url(), StoreMode::kWrite);
    if (!store) return 1;
    store_ = std::move(*store);
    const int64_t epoch = Lead();
    for (int i = 0; i < 10'000; ++i) {
      const auto run = store_->ClaimRun({"slot", fmt::format("{}.{}", round, i), kNow, epoch});
      if (!run || !store_->RecordTables(*run, std::vector{TableAt(round, i)})) return 2;
      if (write(acknowledgements, "x", 1) != 1) return 3;
      if (i % 2 == 0 && !store_->FinishRun(*run, kNow)) return 4;
    }
    return 0;
  }

  // How many runs were acknowledged before the writer was killed.
  int KillAWriter(int round) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    store_.reset();
    const pid_t child = Start([&] {
      close(ends[0]);
      return Write(round, ends[1]);
    });
    close(ends[1]);
    int acknowledged = 0;
    char byte = 0;
    while (acknowledged < 2 + round % 7 && read(ends[0], &byte, 1) == 1) ++acknowledged;
    kill(child, SIGKILL);
    EXPECT_EQ(CodeOf(child), 128 + SIGKILL);
    while (read(ends[0], &byte, 1) == 1) ++acknowledged;
    close(ends[0]);
    return acknowledged;
  }

  void TakeOver(int round, int from) {
    const int64_t epoch = Lead();
    for (int i = std::max(0, from); i < from + 3; ++i) {
      const std::string key = fmt::format("{}.{}", round, i);
      const auto run = store_->ClaimRun({"slot", key, kNow, epoch});
      if (!run && run.error().code == ErrorCode::kBusy) continue;  // it was finished
      ASSERT_TRUE(run.has_value()) << run.error().message;
      EXPECT_TRUE(run->judged.empty() || run->judged.size() == 2) << "half a table";
      EXPECT_TRUE(store_->RecordTables(*run, std::vector{TableAt(round, i)}).has_value());
      EXPECT_TRUE(store_->FinishRun(*run, kNow).has_value());
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, KilledWriter, testing::kStoreEngines, testing::StoreEngineName);

TEST_P(KilledWriter, LosesNoAcknowledgedVerdictAndRecordsNoneTwice) {
  const int rounds = engine() == Engine::kSqlite ? 95 : 5;
  int64_t runs = 0;
  for (int round = 0; round < rounds; ++round) {
    const int acknowledged = KillAWriter(round);
    ASSERT_GT(acknowledged, 0);
    Reopen();
    EXPECT_GE(std::stoll(Query("SELECT count(*) FROM verdict").at(0)), 2 * (runs + acknowledged)) << round;
    EXPECT_TRUE(Query("SELECT run FROM verdict GROUP BY run HAVING count(*) <> 2").empty()) << round;
    TakeOver(round, acknowledged - 2);
    runs += acknowledged + 1;
    EXPECT_EQ(Query("SELECT count(*) FROM verdict").at(0), std::to_string(2 * runs)) << round;
  }
  EXPECT_EQ(Query("SELECT count(*) FROM point").at(0), std::to_string(2 * runs));
  EXPECT_TRUE(Query("SELECT at FROM point WHERE measured <> 1").empty()) << "recorded twice";
  if (engine() == Engine::kSqlite) {
    EXPECT_EQ(Query("PRAGMA integrity_check"), std::vector<std::string>{"ok"});
  }
}

// ---------- Several at once

class SeveralProcesses : public testing::EachStore {};
INSTANTIATE_TEST_SUITE_P(Engines, SeveralProcesses, testing::kStoreEngines, testing::StoreEngineName);

TEST_P(SeveralProcesses, MayCreateTheStoreAtOnce) {
  store_.reset();
  const int rounds = engine() == Engine::kSqlite ? 10 : 3;
  for (int round = 0; round < rounds; ++round) {
    const std::string url = engine() == Engine::kSqlite
                                ? "sqlite:" + dir_.Path("fresh" + std::to_string(round) + ".db")
                                : testing::PostgresServer::Get().CreateDatabase();
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

TEST_P(SeveralProcesses, WriteAtOnceAndClaimEachRunOnce) {
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
    const auto histories = (*reader)->ReadHistory(checks, kNow + std::chrono::hours(1), {});
    ASSERT_TRUE(histories.has_value()) << histories.error().message;
    EXPECT_LE(histories->at(0).points.size(), 3u);
  }
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  const auto histories = (*reader)->ReadHistory(checks, kNow + std::chrono::hours(1), {});
  ASSERT_TRUE(histories.has_value()) << histories.error().message;
  EXPECT_EQ(histories->at(1).points.size(), 3u);
}

}  // namespace
}  // namespace amont
