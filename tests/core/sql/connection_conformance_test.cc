// What every engine behind Connection promises, run on each of them.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/core/sql/engine_case.h"
#include "tests/core/sql/rows.h"

namespace amont {
namespace {

using namespace std::chrono_literals;
using testing::EngineCase;
using testing::Read;
using testing::ReadError;
using testing::ReadOne;

Value Text(std::string text) { return text; }

class ConnectionConformance : public ::testing::TestWithParam<EngineCase> {
 protected:
  void SetUp() override {
    const std::string missing = GetParam().unavailable();
    if (!missing.empty()) GTEST_SKIP() << missing;
    options_ = GetParam().make(dir_);
    options_.name = "tested";
    options_.directory = dir_.path();
    connection_ = Open();
  }

  std::shared_ptr<Connection> Open() const {
    auto connection = Connect(options_, {});
    if (!connection) {
      ADD_FAILURE() << connection.error().message;
      return nullptr;
    }
    return std::move(*connection);
  }

  // The rows of the table `kept`, as a session that saw nothing of the test sees them.
  std::string Kept() const {
    return ReadOne(*Open(), "SELECT CAST(count(*) * 100 + max(a) AS BIGINT) FROM kept");
  }

  testing::TempDir dir_;
  ConnectOptions options_;
  std::shared_ptr<Connection> connection_;
};

INSTANTIATE_TEST_SUITE_P(Engines, ConnectionConformance, ::testing::ValuesIn(testing::EngineCases()),
                         [](const auto& engine) { return engine.param.name; });

// ---------- Values

TEST_P(ConnectionConformance, NamesItsEngine) { EXPECT_EQ(connection_->engine(), GetParam().engine); }

TEST_P(ConnectionConformance, ReadsOne) {
  const auto read = Read(*connection_, "SELECT 1 AS one");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->columns.size(), 1u);
  EXPECT_EQ(read->columns[0].name, "one");
  ASSERT_EQ(read->rows.size(), 1u);
  EXPECT_EQ(read->rows[0][0], Value(int64_t{1}));
}

TEST_P(ConnectionConformance, TakesAndGivesEveryKind) {
  for (const testing::KindCase& kind : GetParam().kinds) {
    const auto read = Read(*connection_, "SELECT " + kind.sql, {kind.in});
    ASSERT_TRUE(read) << kind.sql << ": " << read.error().message;
    ASSERT_EQ(read->rows.size(), 1u) << kind.sql;
    EXPECT_EQ(read->rows[0][0], kind.out)
        << kind.sql << " gave " << KindName(read->rows[0][0]) << " " << StoredText(read->rows[0][0]);
  }
}

TEST_P(ConnectionConformance, KeepsIntegersExact) {
  for (const int64_t integer : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(),
                                int64_t{0}, int64_t{-1}, (int64_t{1} << 53) + 1}) {
    const auto read = Read(*connection_, "SELECT CAST($1 AS BIGINT)", {integer});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->rows[0][0], Value(integer));
  }
}

TEST_P(ConnectionConformance, KeepsDoublesExact) {
  for (const double number : {0.1, 1.0 / 3, -2.5e-308, 5e-324, 1.7976931348623157e308, 1e22, -12345.678}) {
    const auto read = Read(*connection_, "SELECT CAST($1 AS DOUBLE PRECISION)", {number});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->rows[0][0], Value(number)) << number;
  }
}

TEST_P(ConnectionConformance, KeepsTextsExact) {
  for (const std::string text : {"", "it's \"so\"", "🦆 canard", "a\nb\tc", "$1 ; -- no", "\\", "%s"}) {
    const auto read = Read(*connection_, "SELECT CAST($1 AS VARCHAR)", {Text(text)});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->rows[0][0], Text(text));
  }
}

TEST_P(ConnectionConformance, TellsNullFromEmpty) {
  const auto read = Read(*connection_, "SELECT NULL, '', CAST($1 AS VARCHAR)", {Value()});
  ASSERT_TRUE(read) << read.error().message;
  const std::vector<Value> expected = {Value(), Text(""), Value()};
  EXPECT_EQ(read->rows[0], expected);
}

TEST_P(ConnectionConformance, BindsParametersByNumber) {
  EXPECT_EQ(ReadOne(*connection_, "SELECT CAST($2 AS BIGINT) - CAST($1 AS BIGINT) * CAST($2 AS BIGINT)",
                    {int64_t{2}, int64_t{10}}),
            "-10");
  EXPECT_EQ(ReadOne(*connection_, "SELECT a FROM kept WHERE a = CAST($1 AS BIGINT)", {int64_t{1}}), "1");
}

TEST_P(ConnectionConformance, KeepsTheColumnsOfAnEmptyResult) {
  const auto read = Read(*connection_, "SELECT a, 'x' AS \"Two Words\" FROM kept WHERE a > 1000");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->rows.empty());
  ASSERT_EQ(read->columns.size(), 2u);
  EXPECT_EQ(read->columns[0].name, "a");
  EXPECT_EQ(read->columns[1].name, "Two Words");
}

TEST_P(ConnectionConformance, GivesRowsInOrder) {
  const auto read = Read(*connection_, GetParam().rows + " ORDER BY 1 DESC");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->rows.size(), 5000u);
  for (int64_t i = 0; i < 5000; ++i) ASSERT_EQ(read->rows[static_cast<size_t>(i)][0], Value(5000 - i));
}

// ---------- Limits

TEST_P(ConnectionConformance, EndsWithTheErrorOfTheSink) {
  int rows = 0;
  const auto result =
      connection_->Query(GetParam().rows, {}, {}, {}, [&](std::span<const Value>) -> Result<void> {
        if (++rows == 3) return MakeError(ErrorCode::kLimit, "enough");
        return {};
      });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "enough");
  EXPECT_EQ(rows, 3);
  connection_ = connection_->healthy() ? connection_ : Open();
  EXPECT_EQ(ReadOne(*connection_, "SELECT 1"), "1");
}

TEST_P(ConnectionConformance, StopsAtTheRowLimit) {
  QueryLimits limits;
  limits.rows_max = 5000;
  EXPECT_TRUE(Read(*connection_, GetParam().rows, {}, limits));
  limits.rows_max = 4999;
  EXPECT_EQ(ReadError(*connection_, GetParam().rows, {}, limits).code, ErrorCode::kLimit);
}

TEST_P(ConnectionConformance, StopsAtTheByteLimit) {
  QueryLimits limits;
  limits.bytes_max = 1000;
  EXPECT_TRUE(Read(*connection_, "SELECT CAST($1 AS VARCHAR)", {Text(std::string(1000, 'x'))}, limits));
  EXPECT_EQ(
      ReadError(*connection_, "SELECT CAST($1 AS VARCHAR)", {Text(std::string(1001, 'x'))}, limits).code,
      ErrorCode::kLimit);
}

// ---------- Errors

TEST_P(ConnectionConformance, SaysWhatWentWrongInOurCodes) {
  const std::vector<std::pair<std::string, ErrorCode>> cases = {
      {"SELECT * FROM nowhere", ErrorCode::kNotFound},
      {"SELECT absent FROM kept", ErrorCode::kData},
      {"SELECT no_such_function(a) FROM kept", ErrorCode::kData},
      {"SELEC 1", ErrorCode::kInvalid},
      {"SELECT 1 FROM", ErrorCode::kInvalid},
      {GetParam().evaluation_error, ErrorCode::kData},
  };
  for (const auto& [sql, code] : cases) {
    const Error error = ReadError(*connection_, sql);
    EXPECT_EQ(error.code, code) << sql << ": " << ToString(error.code) << " " << error.message;
    EXPECT_FALSE(error.message.empty());
    EXPECT_EQ(error.message.find('\n'), std::string::npos);
    EXPECT_TRUE(connection_->healthy()) << sql;
  }
  EXPECT_EQ(ReadOne(*connection_, "SELECT 1"), "1");
}

TEST_P(ConnectionConformance, KeepsTheUsersValuesOutOfItsMessages) {
  const Error error = ReadError(*connection_, GetParam().evaluation_error);
  EXPECT_EQ(error.message.find("marker"), std::string::npos) << error.message;
}

TEST_P(ConnectionConformance, RefusesAMissingParameter) {
  EXPECT_EQ(ReadError(*connection_, "SELECT CAST($1 AS BIGINT)").code, ErrorCode::kInvalid);
}

// ---------- Ending early

TEST_P(ConnectionConformance, CancelEndsALongStatementWithItsReason) {
  for (const ErrorCode why : {ErrorCode::kCancelled, ErrorCode::kTimeout}) {
    std::atomic<bool> ended = false;
    std::jthread other([&, held = connection_] {
      while (!ended) {
        std::this_thread::sleep_for(5ms);
        held->Cancel(why);
      }
    });
    EXPECT_EQ(ReadError(*connection_, GetParam().endless).code, why);
    ended = true;
    other.join();
    if (!connection_->healthy()) connection_ = Open();
    EXPECT_EQ(ReadOne(*connection_, "SELECT 1"), "1");
  }
}

TEST_P(ConnectionConformance, SeverEndsALongStatementWithItsReason) {
  std::atomic<bool> ended = false;
  std::jthread other([&] {
    while (!ended) {
      std::this_thread::sleep_for(5ms);
      connection_->Sever(ErrorCode::kTimeout);
    }
  });
  EXPECT_EQ(ReadError(*connection_, GetParam().endless).code, ErrorCode::kTimeout);
  ended = true;
}

TEST_P(ConnectionConformance, CancelWithoutAStatementDoesNothing) {
  connection_->Cancel(ErrorCode::kCancelled);
  EXPECT_TRUE(connection_->healthy());
  EXPECT_EQ(ReadOne(*connection_, "SELECT 1"), "1");
}

TEST_P(ConnectionConformance, AStopEndsALongStatement) {
  std::stop_source stop;
  std::jthread other([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  const auto read = Read(*connection_, GetParam().endless, {}, {}, stop.get_token());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kCancelled);
}

TEST_P(ConnectionConformance, AnEarlyStopRunsNothing) {
  std::stop_source stop;
  stop.request_stop();
  const auto read = Read(*connection_, "SELECT 1", {}, {}, stop.get_token());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(connection_->healthy());
}

TEST_P(ConnectionConformance, AnEarlyStopConnectsToNothing) {
  std::stop_source stop;
  stop.request_stop();
  const auto connection = Connect(options_, stop.get_token());
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, ErrorCode::kCancelled);
}

// ---------- The fence

TEST_P(ConnectionConformance, RefusesToWrite) {
  ASSERT_EQ(Kept(), "101");
  for (const bool foreign : {false, true}) {
    QueryLimits limits;
    limits.foreign_sql = foreign;
    for (const std::string sql :
         {"INSERT INTO kept VALUES (2)", "DELETE FROM kept", "UPDATE kept SET a = 2", "DROP TABLE kept",
          "CREATE TABLE made (a INTEGER)", "CREATE TABLE made AS SELECT 1 AS a",
          "CREATE VIEW made AS SELECT 1 AS a"}) {
      const auto connection = Open();
      EXPECT_EQ(ReadError(*connection, sql, {}, limits).code, ErrorCode::kPermission) << sql;
      EXPECT_EQ(ReadError(*Open(), "SELECT * FROM made").code, ErrorCode::kNotFound) << sql;
      EXPECT_EQ(Kept(), "101") << sql;
    }
  }
}

TEST_P(ConnectionConformance, RunsOneStatementOnly) {
  for (const std::string sql :
       {"SELECT 1; SELECT 2", "SELECT 1; DELETE FROM kept", "DELETE FROM kept; SELECT 1"}) {
    const Error error = ReadError(*connection_, sql);
    EXPECT_TRUE(error.code == ErrorCode::kInvalid || error.code == ErrorCode::kPermission) << sql;
    EXPECT_EQ(Kept(), "101") << sql;
  }
  const Error nothing = ReadError(*connection_, "-- nothing");
  EXPECT_TRUE(nothing.code == ErrorCode::kInvalid || nothing.code == ErrorCode::kPermission);
  EXPECT_EQ(ReadOne(*connection_, "SELECT 1 ;  -- a comment"), "1");
}

TEST_P(ConnectionConformance, StaysFencedWhateverAStatementTried) {
  for (const std::string sql : {"COMMIT", "ROLLBACK", "BEGIN", "SET TRANSACTION READ WRITE"}) {
    Read(*connection_, sql).has_value();  // allowed or not
    if (!connection_->healthy()) connection_ = Open();
    EXPECT_FALSE(Read(*connection_, "INSERT INTO kept VALUES (2)")) << sql;
    EXPECT_EQ(Kept(), "101") << sql;
  }
}

}  // namespace
}  // namespace amont
