// How stores are opened: to write and to read, where nobody may write, and files that are no store.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <map>

#include "core/sql/connection.h"
#include "server/store/lineage_store.h"
#include "server/store/schema.h"
#include "tests/server/store/store_fixture.h"
#include "tests/testing/paths.h"

namespace amont {
namespace {

using testing::At;
using testing::CheckOn;
using testing::TableNamed;

const Timestamp kNow = At("2026-11-24T06:00:00Z");
constexpr uid_t kNobody = 65534;

class StoreOpen : public testing::StoreFixture {
 protected:
  StoreOpen() {
    Between between;
    between.fail.min = int64_t{1};
    check_ = CheckOn(TableNamed("orders"), "emptied", RowCount{}, NotEmptied{});
    Count(check_, 12, kNow);
  }

  std::string ErrorOf(const std::string& url, StoreMode mode, ErrorCode code) {
    const auto store = OpenStore(url, mode);
    EXPECT_FALSE(store.has_value()) << "opened " << url;
    if (store) return "";
    EXPECT_EQ(ToString(store.error().code), ToString(code)) << store.error().message;
    return store.error().message;
  }
  // Every file below the folder with its content.
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
      if (entry.is_regular_file()) files[entry.path().string()] = testing::ReadFile(entry.path());
    }
    return files;
  }
  size_t PointsRead() {
    const auto histories = store_->ReadHistory(std::vector{check_}, kNow, {});
    EXPECT_TRUE(histories.has_value()) << (histories ? "" : histories.error().message);
    return histories ? histories->front().points.size() : 0;
  }

  CheckPtr check_;
};

// Runs `fn` in another process; its exit code.
int Elsewhere(const std::function<int()>& fn) {
  const pid_t child = fork();
  if (child == 0) _exit(fn());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Runs `fn` in a process that may not write where others do not let it, root or not; its exit code.
int AsNobody(const std::function<int()>& fn) {
  return Elsewhere([&] { return geteuid() != 0 || seteuid(kNobody) == 0 ? fn() : 99; });
}

// ---------- To read

TEST_F(StoreOpen, ReadingCreatesAndWritesNothing) {
  store_.reset();
  const auto before = Files();
  ASSERT_EQ(before.size(), 1u) << "a store that is closed is one file";
  Reopen(StoreMode::kRead);
  EXPECT_EQ(PointsRead(), 1u);
  EXPECT_TRUE(store_->ReadKnownTables("src", {}).has_value());
  EXPECT_TRUE(store_->ReadApart(std::vector{check_}, {}).has_value());
  EXPECT_TRUE(store_->ReadLastVerdict(check_->id).has_value());
  EXPECT_EQ(Files(), before);
  store_.reset();
  EXPECT_EQ(Files(), before);
}

TEST_F(StoreOpen, WhatWouldWriteIsRefused) {
  Reopen(StoreMode::kRead);
  const ClaimedRun any;
  const std::vector<Result<void>> refused = {
      store_->RecordTables(any, {}), store_->FinishRun(any, kNow), store_->AcceptSchema({"a", "", kNow}),
      store_->AcceptValue({check_->id, "", kNow}), store_->AcceptGone({"a", "", kNow}, {"src", "", "a"})};
  for (const Result<void>& one : refused) {
    ASSERT_FALSE(one.has_value());
    EXPECT_EQ(one.error().code, ErrorCode::kPermission);
  }
  const auto run = store_->ClaimRun({"local", "a", kNow});
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().code, ErrorCode::kPermission);
}

TEST_F(StoreOpen, ReadingWorksBesideAWriterAndSeesWhatItCommits) {
  auto reader = OpenStore(Url(), StoreMode::kRead);  // store_ has it open
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  Count(check_, 13, kNow + std::chrono::hours(1));
  auto histories = (*reader)->ReadHistory(std::vector{check_}, kNow + std::chrono::hours(1), {});
  ASSERT_TRUE(histories.has_value()) << histories.error().message;
  EXPECT_EQ(histories->front().points.size(), 2u);
  store_.reset();  // the writer goes
  histories = (*reader)->ReadHistory(std::vector{check_}, kNow + std::chrono::hours(1), {});
  ASSERT_TRUE(histories.has_value()) << histories.error().message;
  EXPECT_EQ(histories->front().points.size(), 2u);
}

TEST_F(StoreOpen, AnOpenTransactionHoldsNoReaderUp) {
  auto session = OpenSqliteStore(Path());
  ASSERT_TRUE(session.has_value());
  ASSERT_TRUE((*session)->BeginWrite().has_value());
  ASSERT_TRUE((*session)->Execute("DELETE FROM point", {}).has_value());
  Reopen(StoreMode::kRead);
  EXPECT_EQ(PointsRead(), 1u) << "what is not committed is not there";
  (*session)->Rollback();
}

TEST_F(StoreOpen, ReadingWorksInAFolderNobodyMayWriteTo) {
  store_.reset();
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0555));
  std::filesystem::permissions(Path(), std::filesystem::perms(0444));
  EXPECT_EQ(AsNobody([&] {
              auto store = OpenStore(Url(), StoreMode::kRead);
              if (!store) return 1;
              const auto histories = (*store)->ReadHistory(std::vector{check_}, kNow, {});
              return histories && histories->front().points.size() == 1 ? 0 : 2;
            }),
            0);
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
}

TEST_F(StoreOpen, ReadingWorksInSuchAFolderBesideAWriterToo) {
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0555));
  EXPECT_EQ(AsNobody([&] {
              auto store = OpenStore(Url(), StoreMode::kRead);
              if (!store) return 1;
              const auto histories = (*store)->ReadHistory(std::vector{check_}, kNow, {});
              return histories && histories->front().points.size() == 1 ? 0 : 2;
            }),
            0);
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
}

TEST_F(StoreOpen, ReadingSeesWhatAWriterThatDiedHadCommitted) {
  store_.reset();
  const pid_t child = fork();
  if (child == 0) {
    Reopen();
    Count(check_, 13, kNow + std::chrono::hours(1));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(std::filesystem::exists(Path() + "-wal")) << "its log is still there";
  const auto count = [&] {
    auto store = OpenStore(Url(), StoreMode::kRead);
    if (!store) return -1;
    const auto histories = (*store)->ReadHistory(std::vector{check_}, kNow + std::chrono::hours(1), {});
    return histories ? static_cast<int>(histories->front().points.size()) : -2;
  };
  EXPECT_EQ(count(), 2);
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0555));
  EXPECT_EQ(AsNobody(count), 2);
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
}

TEST_F(StoreOpen, ReadingNoFileIsNotFoundAndMakesNone) {
  EXPECT_NE(ErrorOf("sqlite:" + dir_.Path("none/a.db"), StoreMode::kRead, ErrorCode::kNotFound), "");
  EXPECT_FALSE(std::filesystem::exists(dir_.Path("none")));
  dir_.Write("empty.db", "");
  ErrorOf("sqlite:" + dir_.Path("empty.db"), StoreMode::kRead, ErrorCode::kNotFound);
}

TEST_F(StoreOpen, StrangeNamesAreNamesOfFiles) {
  store_.reset();
  for (const std::string name : {"a b?mode=memory#x.db", "100%25 é.db", "file:x.db"}) {
    std::filesystem::copy_file(Path(), dir_.Path(name));
    auto store = OpenStore("sqlite:" + dir_.Path(name), StoreMode::kRead);
    ASSERT_TRUE(store.has_value()) << name << ": " << store.error().message;
    const auto histories = (*store)->ReadHistory(std::vector{check_}, kNow, {});
    ASSERT_TRUE(histories.has_value());
    EXPECT_EQ(histories->front().points.size(), 1u) << name;
  }
}

// ---------- To write

TEST_F(StoreOpen, WritingMakesTheFolderAndTheFile) {
  const auto store = OpenStore("sqlite:" + dir_.Path("new/deep/a.db"), StoreMode::kWrite);
  ASSERT_TRUE(store.has_value()) << store.error().message;
  EXPECT_TRUE(std::filesystem::exists(dir_.Path("new/deep/a.db")));
}

TEST_F(StoreOpen, WritingFindsWhatWasThere) {
  Reopen();
  EXPECT_EQ(PointsRead(), 1u);
}

TEST_F(StoreOpen, AFolderThatCannotBeMadeIsSaid) {
  dir_.Write("file", "x");
  const std::string message =
      ErrorOf("sqlite:" + dir_.Path("file/a.db"), StoreMode::kWrite, ErrorCode::kPermission);
  EXPECT_NE(message.find("cannot create"), std::string::npos) << message;
}

TEST_F(StoreOpen, AFileThatMayNotBeWrittenIsSaid) {
  store_.reset();
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0555));
  EXPECT_EQ(AsNobody([&] {
              const auto store = OpenStore(Url(), StoreMode::kWrite);
              return store ? 1 : store.error().code == ErrorCode::kPermission ? 0 : 2;
            }),
            0);
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
}

TEST_F(StoreOpen, OnlyFilesAndPostgresqlAreStores) {
  for (const std::string url :
       {"", "sqlite:", "history.db", "duckdb:history.db", "mysql://amont:secret@db/s"}) {
    const std::string message = ErrorOf(url, StoreMode::kWrite, ErrorCode::kInvalid);
    EXPECT_EQ(message.find("secret"), std::string::npos);
  }
  const std::string message =
      ErrorOf("postgresql://amont:secret@127.0.0.1:1/store", StoreMode::kWrite, ErrorCode::kUnreachable);
  EXPECT_EQ(message.find("secret"), std::string::npos) << message;
}

// ---------- One service a store

TEST_F(StoreOpen, ASecondServiceAndOtherWritersAreToldWhoHoldsTheStore) {
  Reopen(StoreMode::kServe);
  const int told = Elsewhere([&] {
    for (const StoreMode mode : {StoreMode::kServe, StoreMode::kWrite}) {
      const auto other = OpenStore(Url(), mode);
      if (other || other.error().code != ErrorCode::kBusy) return 1;
      if (other.error().message.find("process " + std::to_string(getppid()) + " on ") == std::string::npos)
        return 2;
    }
    return OpenStore(Url(), StoreMode::kRead) ? 0 : 3;
  });
  EXPECT_EQ(told, 0);
  Count(check_, 13, kNow + std::chrono::hours(1));
  Reopen(StoreMode::kWrite);  // the service is gone, its file is not
  EXPECT_EQ(PointsRead(), 2u);
  Reopen(StoreMode::kServe);
}

TEST_F(StoreOpen, AnOlderStoreIsCopiedBeforeItIsMigrated) {
  store_.reset();
  {
    auto session = OpenSqliteStore(Path());
    ASSERT_TRUE(session.has_value());
    for (const char* statement : {"DROP TABLE lineage_word",
                                  "DROP TABLE lineage_clock",
                                  "DROP TABLE lineage_edge",
                                  "DROP TABLE lineage_fact",
                                  "DROP TABLE lineage_ending",
                                  "DROP TABLE lineage_reading",
                                  "DROP TABLE lineage_run_event",
                                  "DROP TABLE lineage_statement",
                                  "DROP INDEX run_first",
                                  "DROP INDEX run_last",
                                  "DROP INDEX run_asked",
                                  "DROP INDEX run_open",
                                  "ALTER TABLE run DROP COLUMN holder",
                                  "ALTER TABLE run DROP COLUMN beat",
                                  "ALTER TABLE run DROP COLUMN first_at",
                                  "ALTER TABLE run DROP COLUMN last_at",
                                  "DROP TABLE check_state",
                                  "DROP TABLE lease",
                                  "DROP TABLE accepted_file",
                                  "DROP INDEX verdict_run",
                                  "DROP INDEX verdict_told",
                                  "DROP INDEX verdict_bad",
                                  "DROP INDEX run_started",
                                  "ALTER TABLE run DROP COLUMN epoch",
                                  "UPDATE amont_store SET version = 1"}) {
      const auto done = (*session)->Execute(statement, {});
      ASSERT_TRUE(done.has_value()) << statement << ": " << done.error().message;
    }
  }
  Reopen(StoreMode::kRead);
  EXPECT_EQ(PointsRead(), 1u);
  EXPECT_TRUE(store_->ReadStates().has_value()) << "read before it is migrated";
  EXPECT_EQ(store_->Lineage().ReadSequence().value_or(-1), 0);
  EXPECT_EQ(store_->Lineage().ReadLineage({}).value_or(-1), 0);
  VerdictQuery since;
  since.since = kNow;
  const auto listed = store_->ListVerdicts(since);
  ASSERT_TRUE(listed.has_value()) << listed.error().message;
  EXPECT_EQ(listed->rows.size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(Path() + ".v1-backup"));
  Reopen();
  EXPECT_EQ(PointsRead(), 1u);
  EXPECT_EQ(Query("SELECT version FROM amont_store"),
            std::vector<std::string>{std::to_string(kStoreVersion)});
  Count(check_, 13, kNow + std::chrono::hours(1));
  const auto backup = OpenStore("sqlite:" + Path() + ".v1-backup", StoreMode::kRead);
  ASSERT_TRUE(backup.has_value()) << backup.error().message;
  EXPECT_TRUE((*backup)->ReadLastVerdict(check_->id).value_or(std::nullopt).has_value());
}

// ---------- Files that are no store, or not one of ours to touch

TEST_F(StoreOpen, AnotherProgramsDatabaseIsLeftAlone) {
  const std::string path = dir_.Path("other.db");
  {
    auto session = OpenSqliteStore(path);
    ASSERT_TRUE(session.has_value());
    ASSERT_TRUE((*session)->Execute("CREATE TABLE customers (id INTEGER)", {}).has_value());
    ASSERT_TRUE((*session)->Execute("PRAGMA journal_mode = DELETE", {}).has_value());
  }
  const std::string before = testing::ReadFile(path);
  for (const StoreMode mode : {StoreMode::kRead, StoreMode::kWrite}) {
    const std::string message = ErrorOf("sqlite:" + path, mode, ErrorCode::kInvalid);
    EXPECT_NE(message.find("another program"), std::string::npos) << message;
  }
  EXPECT_EQ(testing::ReadFile(path), before);
}

TEST_F(StoreOpen, AFileThatIsNoDatabaseIsLeftAlone) {
  const std::string path = dir_.Write("notes.txt", std::string(5000, 'x'));
  for (const StoreMode mode : {StoreMode::kRead, StoreMode::kWrite}) {
    const std::string message = ErrorOf("sqlite:" + path, mode, ErrorCode::kInvalid);
    EXPECT_NE(message.find(path), std::string::npos) << message;
  }
  EXPECT_EQ(testing::ReadFile(path), std::string(5000, 'x'));
}

TEST_F(StoreOpen, ADamagedStoreIsSaidToBeOne) {
  store_.reset();
  std::string bytes = testing::ReadFile(Path());
  ASSERT_GT(bytes.size(), 8192u);
  std::fill(bytes.begin() + 4096, bytes.end(), '\x7f');
  dir_.Write("history.db", bytes);
  auto store = OpenStore(Url(), StoreMode::kRead);
  const auto read = store ? (*store)->ReadHistory(std::vector{check_}, kNow, {})
                          : Result<std::vector<History>>(store.error());
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(ToString(read.error().code), ToString(ErrorCode::kInvalid)) << read.error().message;
}

TEST_F(StoreOpen, AStoreOfTheNextReleaseIsUsedAndOneLaterRefused) {
  const auto set_version = [&](int64_t version) {
    store_.reset();
    auto session = OpenSqliteStore(Path());
    const std::array<Value, 1> params = {version};
    return session && (*session)->Execute("UPDATE amont_store SET version = $1", params).has_value();
  };
  ASSERT_TRUE(set_version(kStoreVersion + 1));
  for (const StoreMode mode : {StoreMode::kRead, StoreMode::kWrite}) {
    Reopen(mode);
    EXPECT_EQ(PointsRead(), 1u);
  }
  EXPECT_EQ(Query("SELECT version FROM amont_store"),
            std::vector<std::string>{std::to_string(kStoreVersion + 1)});
  ASSERT_TRUE(set_version(kStoreVersion + 2));
  for (const StoreMode mode : {StoreMode::kRead, StoreMode::kWrite}) {
    const std::string message = ErrorOf(Url(), mode, ErrorCode::kInvalid);
    EXPECT_NE(message.find("use a newer amont"), std::string::npos) << message;
  }
}

TEST(NoStore, RemembersNothingAndTeachesNothing) {
  const auto store = NoStore();
  const CheckPtr check = CheckOn(TableNamed("orders"), "emptied", RowCount{}, NotEmptied{});
  const auto histories = store->ReadHistory(std::vector{check, check}, kNow, {});
  ASSERT_TRUE(histories.has_value());
  EXPECT_EQ(histories->size(), 2u);
  EXPECT_TRUE(store->ClaimRun({"local", "a", kNow}).has_value());
  EXPECT_TRUE(store->RecordTables(ClaimedRun(), {}).has_value());
  EXPECT_FALSE(store->AcceptValue({check->id, "", kNow}).has_value());
}

}  // namespace
}  // namespace amont
