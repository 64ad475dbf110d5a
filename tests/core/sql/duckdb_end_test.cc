// How a DuckDB statement or session ends early: cancelled, severed, over its limits, out of memory, or never
// begun because a writer holds the file. Every wait here is for an event; none measures time.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "core/sql/duckdb.h"
#include "tests/core/sql/duckdb_writer.h"
#include "tests/core/sql/rows.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using testing::DuckdbWriter;
using testing::Process;
using testing::Read;
using testing::ReadError;
using testing::ReadValue;
using testing::Rows;
using testing::TempDir;
using namespace std::chrono_literals;

// Hours of work, with nothing that the optimiser could skip.
const std::string kEndless = "SELECT sum((a.range * b.range) % 7) FROM range(10000000) a, range(10000000) b";

std::unique_ptr<Connection> OpenMemory(int64_t memory = limits::kDuckdbMemoryBytes) {
  ConnectOptions options;
  options.url = "duckdb:";
  options.directory = "/";
  Result<std::unique_ptr<Connection>> connection = ConnectDuckdb(options, {}, memory);
  return connection ? std::move(*connection) : nullptr;
}

// Does something to the connection again and again until the query has ended: an early one may find nothing
// running.
template <class Act>
Error EndBy(Connection& connection, const std::string& sql, Act act) {
  std::atomic<bool> ended{false};
  std::thread other([&] {
    while (!ended) {
      act(connection);
      std::this_thread::sleep_for(1ms);
    }
  });
  const Error error = ReadError(connection, sql);
  ended = true;
  other.join();
  return error;
}

TEST(DuckdbEnd, CancelFromAnotherThreadEndsTheQueryWithItsReason) {
  const auto connection = OpenMemory();
  ASSERT_NE(connection, nullptr);
  Error error = EndBy(*connection, kEndless, [](Connection& c) { c.Cancel(ErrorCode::kTimeout); });
  EXPECT_EQ(error.code, ErrorCode::kTimeout) << error.message;
  error = EndBy(*connection, kEndless, [](Connection& c) { c.Sever(ErrorCode::kCancelled); });
  EXPECT_EQ(error.code, ErrorCode::kCancelled) << error.message;
  EXPECT_TRUE(connection->healthy());
  EXPECT_EQ(ReadValue(*connection, "SELECT 1"), Value(int64_t{1}));
}

TEST(DuckdbEnd, CancelEndsAQueryThatIsSendingRows) {
  const auto connection = OpenMemory();
  ASSERT_NE(connection, nullptr);
  QueryLimits limits;
  limits.rows_max = 1'000'000'000;
  limits.bytes_max = 1'000'000'000'000;
  int64_t rows = 0;
  const Result<std::vector<ResultColumn>> ended = connection->Query(
      "SELECT range FROM range(1000000000)", {}, limits, {}, [&](std::span<const Value>) -> Result<void> {
        if (++rows == 10'000) connection->Cancel(ErrorCode::kCancelled);
        return {};
      });
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().code, ErrorCode::kCancelled);
  EXPECT_LT(rows, 100'000);
  EXPECT_EQ(ReadValue(*connection, "SELECT 1"), Value(int64_t{1}));
}

TEST(DuckdbEnd, AStopEndsTheQuery) {
  const auto connection = OpenMemory();
  ASSERT_NE(connection, nullptr);
  std::stop_source early;
  early.request_stop();
  Result<Rows> answer = Read(*connection, kEndless, {}, {}, early.get_token());
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kCancelled);

  std::stop_source stop;
  std::thread other([&] {
    std::this_thread::sleep_for(5ms);
    stop.request_stop();
  });
  answer = Read(*connection, kEndless, {}, {}, stop.get_token());
  other.join();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(ReadValue(*connection, "SELECT 1"), Value(int64_t{1}));
}

TEST(DuckdbEnd, CancellingNothingDoesNotHitTheNextQuery) {
  const auto connection = OpenMemory();
  ASSERT_NE(connection, nullptr);
  for (int i = 0; i < 20; ++i) {
    connection->Cancel(ErrorCode::kTimeout);
    connection->Sever(ErrorCode::kCancelled);
    EXPECT_EQ(ReadValue(*connection, "SELECT 1"), Value(int64_t{1}));
  }
}

TEST(DuckdbEnd, TheSinksErrorEndsTheQuery) {
  const auto connection = OpenMemory();
  ASSERT_NE(connection, nullptr);
  const Result<std::vector<ResultColumn>> ended = connection->Query(
      "SELECT range FROM range(1000000000)", {}, {}, {},
      [](std::span<const Value>) -> Result<void> { return MakeError(ErrorCode::kInternal, "enough"); });
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().message, "enough");
  EXPECT_EQ(ReadValue(*connection, "SELECT 1"), Value(int64_t{1}));
}

TEST(DuckdbEnd, LimitsOfRowsAndBytesHoldWithoutReadingTheRest) {
  const auto connection = OpenMemory();
  ASSERT_NE(connection, nullptr);
  QueryLimits few;
  few.rows_max = 3;
  Result<Rows> answer = Read(*connection, "SELECT range FROM range(3)", {}, few);
  EXPECT_TRUE(answer.has_value());
  answer = Read(*connection, "SELECT range FROM range(100000000000)", {}, few);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kLimit);
  QueryLimits small;
  small.bytes_max = 1000;
  answer = Read(*connection, "SELECT repeat('x', 100) FROM range(100000000000)", {}, small);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kLimit);
}

TEST(DuckdbEnd, MoreThanTheMemoryIsSpilledToAPrivateFolderOrIsALimit) {
  const TempDir dir;
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before != nullptr ? before : "/tmp";
  setenv("TMPDIR", dir.Path("").c_str(), 1);
  auto connection = OpenMemory(48 << 20);
  setenv("TMPDIR", kept.c_str(), 1);
  ASSERT_NE(connection, nullptr);
  const std::filesystem::directory_iterator folder(dir.path());
  ASSERT_NE(folder, std::filesystem::directory_iterator());
  EXPECT_EQ(folder->status().permissions(), std::filesystem::perms::owner_all);
  // 1.5 M distinct texts of 32 bytes are some 100 MB: they go through the spill folder.
  EXPECT_EQ(ReadValue(*connection,
                      "SELECT count(*) FROM (SELECT DISTINCT md5(range::VARCHAR) FROM range(1500000))"),
            Value(int64_t{1500000}));
  // One list cannot be spilled.
  const Error error = ReadError(*connection, "SELECT len(list(md5(range::VARCHAR))) FROM range(3000000)");
  EXPECT_EQ(error.code, ErrorCode::kLimit) << error.message;
  EXPECT_EQ(ReadValue(*connection, "SELECT 1"), Value(int64_t{1}));
  connection.reset();
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

// ---------- A file that another process writes

// Not a test: run by the tests below in a process of its own. Holds the file until it is killed.
TEST(DISABLED_DuckdbHolder, HoldsAFile) {
  const char* path = std::getenv("AMONT_TEST_HELD_FILE");
  ASSERT_NE(path, nullptr);
  DuckdbWriter writer(path);
  std::cout << "holding" << std::endl;
  std::this_thread::sleep_for(10min);
}

Process Hold(const std::string& path) {
  return Process(
      {"/proc/self/exe", "--gtest_filter=DISABLED_DuckdbHolder.*", "--gtest_also_run_disabled_tests"},
      {.env = {{"AMONT_TEST_HELD_FILE", path}, {"GTEST_OUTPUT", ""}}, .input = "", .directory = ""});
}

class DuckdbBusy : public ::testing::Test {
 protected:
  DuckdbBusy() {
    DuckdbWriter(dir_.Path("w.duckdb")).Run("CREATE TABLE t AS SELECT 7 AS n");
    options_.url = "duckdb:w.duckdb";
    options_.directory = dir_.path();
  }
  const TempDir dir_;
  ConnectOptions options_;
};

TEST_F(DuckdbBusy, AWriterIsNamedWhenTheWaitIsOver) {
  Process holder = Hold(dir_.Path("w.duckdb"));
  ASSERT_TRUE(holder.WaitForText("holding")) << holder.Errors();
  options_.statement_timeout = 120ms;
  const Result<std::unique_ptr<Connection>> opened = ConnectDuckdb(options_, {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kBusy);
  EXPECT_NE(opened.error().message.find("in use by pid " + std::to_string(holder.pid())), std::string::npos)
      << opened.error().message;
}

TEST_F(DuckdbBusy, AWriterThatLeavesIsWaitedFor) {
  Process holder = Hold(dir_.Path("w.duckdb"));
  ASSERT_TRUE(holder.WaitForText("holding")) << holder.Errors();
  std::thread other([&] {
    std::this_thread::sleep_for(120ms);
    holder.Signal(SIGKILL);
  });
  Result<std::unique_ptr<Connection>> opened = ConnectDuckdb(options_, {});
  other.join();
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(ReadValue(**opened, "SELECT n FROM t"), Value(int64_t{7}));
}

TEST_F(DuckdbBusy, AStopEndsTheWait) {
  Process holder = Hold(dir_.Path("w.duckdb"));
  ASSERT_TRUE(holder.WaitForText("holding")) << holder.Errors();
  std::stop_source stop;
  std::thread other([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  options_.statement_timeout = 1h;
  const Result<std::unique_ptr<Connection>> opened = ConnectDuckdb(options_, stop.get_token());
  other.join();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kCancelled);
}

TEST_F(DuckdbBusy, ASessionThatWentHoldsNothing) {
  {
    const Result<std::unique_ptr<Connection>> opened = ConnectDuckdb(options_, {});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
  }
  Process holder = Hold(dir_.Path("w.duckdb"));
  EXPECT_TRUE(holder.WaitForText("holding")) << holder.Errors();
}

}  // namespace
}  // namespace amont
