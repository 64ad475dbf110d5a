// Copies of a store, while it is written.
#include "server/store/backup.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/server/store/store_fixture.h"
#include "tests/testing/paths.h"
#include "tests/testing/postgres.h"
#include "tests/testing/process.h"

namespace amont {
namespace {

using testing::At;
using testing::CheckOn;
using testing::TableNamed;

const Timestamp kNow = At("2026-11-24T06:00:00Z");

class Backup : public testing::StoreFixture {
 protected:
  CheckPtr check_ = CheckOn(TableNamed("orders"), "emptied", RowCount{}, NotEmptied{});
};

std::string CodeOf(const Result<void>& done) {
  return done ? "ok" : std::string(ToString(done.error().code));
}

TEST_F(Backup, ACopyMadeWhileAServiceWritesIsAWholeStore) {
  Reopen(StoreMode::kServe);
  Count(check_, 1, kNow);
  std::atomic<bool> over = false;
  std::jthread writer([&] {
    for (int i = 2; !over; ++i) Count(check_, i, kNow + std::chrono::hours(i));
  });
  for (int i = 0; i < 20; ++i) {
    const std::string copy = dir_.Path("copy" + std::to_string(i) + ".db");
    const auto copied = BackUpStore(Url(), copy);
    ASSERT_TRUE(copied.has_value()) << copied.error().message;
    const auto store = OpenStore("sqlite:" + copy, StoreMode::kWrite);
    ASSERT_TRUE(store.has_value()) << store.error().message;
    EXPECT_TRUE((*store)->ReadLastVerdict(check_->id).value_or(std::nullopt).has_value());
  }
  over = true;
  writer.join();
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
    EXPECT_EQ(entry.path().string().find(".part"), std::string::npos) << entry.path();
  }
}

TEST_F(Backup, NothingIsOverwrittenAndNothingElseIsCopied) {
  const std::string there = dir_.Write("there.txt", "mine");
  EXPECT_EQ(CodeOf(BackUpStore(Url(), there)), "busy");
  EXPECT_EQ(testing::ReadFile(there), "mine");
  EXPECT_EQ(CodeOf(BackUpStore(Url(), dir_.Path("none/copy.db"))), "permission");
  EXPECT_EQ(CodeOf(BackUpStore("sqlite:" + dir_.Path("none.db"), dir_.Path("copy.db"))), "not_found");
  EXPECT_EQ(CodeOf(BackUpStore("sqlite:" + there, dir_.Path("copy.db"))), "invalid");
  const auto other = BackUpStore("postgresql://amont:secret@db/s", dir_.Path("copy.db"));
  ASSERT_FALSE(other.has_value());
  EXPECT_NE(other.error().message.find("pg_dump"), std::string::npos);
  EXPECT_EQ(other.error().message.find("secret"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(dir_.Path("copy.db")));
}

TEST_F(Backup, TheCommandCopiesTheConfiguredStore) {
  Count(check_, 1, kNow);
  dir_.Write("amont.toml", "[store]\nurl = \"sqlite:history.db\"\n");
  const auto run = [&](const std::vector<std::string>& words) {
    std::vector<std::string> command = {testing::AmontProgram(), "store"};
    command.insert(command.end(), words.begin(), words.end());
    return testing::RunProgram(command, {.env = {}, .input = {}, .directory = dir_.path().string()});
  };
  const auto copied = run({"backup", "copy.db"});
  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_NE(copied.out.find("copy.db is a copy of"), std::string::npos) << copied.out;
  EXPECT_TRUE(OpenStore("sqlite:" + dir_.Path("copy.db"), StoreMode::kRead).has_value());
  const auto again = run({"backup", "copy.db"});
  EXPECT_EQ(again.exit_code, 64);
  EXPECT_NE(again.err.find("exists already"), std::string::npos) << again.err;
  EXPECT_EQ(run({"backup", "x.db", "--store", "postgresql://db/s"}).exit_code, 64);
  EXPECT_EQ(run({"restore", "copy.db"}).exit_code, 64);
  EXPECT_EQ(run({"backup", "x.db", "--store", "sqlite:none.db"}).exit_code, 2);
}

}  // namespace
}  // namespace amont
