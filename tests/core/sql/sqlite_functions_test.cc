#include "core/sql/sqlite_functions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/sql/sqlite.h"
#include "tests/core/sql/rows.h"
#include "tests/core/sql/sqlite_writer.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using testing::ReadError;
using testing::ReadValue;
using testing::SqliteWriter;
using testing::TempDir;

class SqliteFunctions : public ::testing::Test {
 protected:
  // Opens a database whose table t has one column v with these SQL literals.
  void Fill(const std::vector<std::string>& values) {
    SqliteWriter writer(dir_.Path("w.db"));
    writer.Run("BEGIN; DROP TABLE IF EXISTS t; CREATE TABLE t (v)");
    for (const std::string& value : values) writer.Run("INSERT INTO t VALUES (" + value + ")");
    writer.Run("COMMIT");
    ConnectOptions options;
    options.url = "sqlite:w.db";
    options.directory = dir_.path();
    Result<std::unique_ptr<Connection>> connection = ConnectSqlite(options, {});
    ASSERT_TRUE(connection.has_value()) << connection.error().message;
    connection_ = std::move(*connection);
  }
  double Number(const std::string& sql) {
    const Value value = ReadValue(*connection_, sql);
    if (const auto* number = std::get_if<double>(&value)) return *number;
    ADD_FAILURE() << sql << " gave a " << KindName(value) << ": " << HumanText(value);
    return 0;
  }

  const TempDir dir_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(SqliteFunctions, RegexpMatchesAnywhereAndKnowsUtf8) {
  Fill({});
  const struct {
    const char* text;
    const char* pattern;
    int64_t matches;
  } cases[] = {
      {"orders@example.org", "^[^@]+@[^@]+$", 1},
      {"no address", "^[^@]+@[^@]+$", 0},
      {"abc", "b", 1},
      {"abc", "^b", 0},
      {"", "^$", 1},
      {"é", "^.$", 1},
      {"\xff\xfe", "^a", 0},  // bytes that are no UTF-8 match nothing, and are no error
      {"AB-123", "^[A-Z]{2}-\\d{3}$", 1},
      {"AB-١٢٣", "^[A-Z]{2}-\\d{3}$", 0},
      {"a\nb", "^b", 0},
      {"STRASSE", "(?i)strasse", 1},
      {"aa", "^(a)\\1$", 1},
  };
  for (const auto& [text, pattern, matches] : cases) {
    EXPECT_EQ(ReadValue(*connection_, "SELECT $1 REGEXP $2", {std::string(text), std::string(pattern)}),
              Value(matches))
        << text << " against " << pattern;
  }
  EXPECT_EQ(ReadValue(*connection_, "SELECT 12345 REGEXP '^\\d+$'"), Value(int64_t{1}));
  EXPECT_EQ(ReadValue(*connection_, "SELECT NULL REGEXP 'a'"), Value());
  EXPECT_EQ(ReadValue(*connection_, "SELECT 'a' REGEXP NULL"), Value());
}

TEST_F(SqliteFunctions, RegexpWithAPatternOfItsOwnInEveryRow) {
  Fill({"'a'", "'b'", "'c'"});
  EXPECT_EQ(ReadValue(*connection_, "SELECT count(*) FROM t WHERE v REGEXP ('^' || v || '$')"),
            Value(int64_t{3}));
  EXPECT_EQ(ReadValue(*connection_, "SELECT count(*) FROM t WHERE v REGEXP '^[ab]$'"), Value(int64_t{2}));
}

TEST_F(SqliteFunctions, ABadOrCostlyPatternIsAnErrorAndNeverAHang) {
  Fill({});
  EXPECT_EQ(ReadError(*connection_, "SELECT 'a' REGEXP '('").code, ErrorCode::kData);
  EXPECT_EQ(ReadError(*connection_, "SELECT 'a' REGEXP '\\C'").code, ErrorCode::kData);
  const Error costly = ReadError(*connection_, "SELECT $1 REGEXP '^(a+)+$'", {std::string(5000, 'a') + "!"});
  EXPECT_EQ(costly.code, ErrorCode::kData);
  EXPECT_NE(costly.message.find("too many steps"), std::string::npos) << costly.message;
}

double BruteStddev(const std::vector<double>& numbers) {
  long double mean = 0;
  for (const double number : numbers) mean += number;
  mean /= static_cast<long double>(numbers.size());
  long double squares = 0;
  for (const double number : numbers) squares += (number - mean) * (number - mean);
  return static_cast<double>(std::sqrt(squares / static_cast<long double>(numbers.size() - 1)));
}

double BrutePercentile(std::vector<double> numbers, double fraction) {
  std::sort(numbers.begin(), numbers.end());
  const double place = fraction * static_cast<double>(numbers.size() - 1);
  const auto below = static_cast<size_t>(place);
  const double high = below + 1 < numbers.size() ? numbers[below + 1] : numbers[below];
  return numbers[below] + (high - numbers[below]) * (place - static_cast<double>(below));
}

TEST_F(SqliteFunctions, AggregatesEqualBruteForceOnRandomNumbers) {
  std::mt19937_64 random(7);
  for (const double offset : {0.0, 1e9}) {
    for (const int count : {2, 3, 10, 101}) {
      std::vector<double> numbers;
      std::vector<std::string> literals = {"NULL"};
      std::normal_distribution<double> spread(0, 10);
      for (int i = 0; i < count; ++i) {
        const double number = i % 3 == 0 ? std::round(spread(random)) + offset : spread(random) + offset;
        numbers.push_back(number);
        char literal[40];
        std::snprintf(literal, sizeof literal, "%.17g", number);
        literals.emplace_back(literal);
      }
      Fill(literals);
      const double expected = BruteStddev(numbers);
      EXPECT_NEAR(Number("SELECT amont_stddev(v) FROM t"), expected, 1e-9 * std::max(1.0, std::abs(offset)));
      for (const double fraction : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 1.0}) {
        EXPECT_EQ(Number("SELECT amont_percentile(v, " + std::to_string(fraction) + ") FROM t"),
                  BrutePercentile(numbers, fraction))
            << count << " numbers at " << fraction;
      }
    }
  }
}

TEST_F(SqliteFunctions, AggregatesOfNothingAreNull) {
  Fill({"NULL"});
  EXPECT_EQ(ReadValue(*connection_, "SELECT amont_stddev(v) FROM t"), Value());
  EXPECT_EQ(ReadValue(*connection_, "SELECT amont_percentile(v, 0.5) FROM t"), Value());
  EXPECT_EQ(ReadValue(*connection_, "SELECT amont_stddev(v) FROM t WHERE 0"), Value());
  Fill({"5"});
  EXPECT_EQ(ReadValue(*connection_, "SELECT amont_stddev(v) FROM t"), Value());  // one number has no spread
  EXPECT_EQ(ReadValue(*connection_, "SELECT amont_percentile(v, 0.99) FROM t"), Value(5.0));
}

TEST_F(SqliteFunctions, AggregatesTakeFiltersAndGroups) {
  Fill({"1", "2", "3", "4", "100"});
  EXPECT_EQ(Number("SELECT amont_percentile(v, 0.5) FILTER (WHERE v < 100) FROM t"), 2.5);
  EXPECT_EQ(ReadValue(*connection_,
                      "SELECT group_concat(p) FROM (SELECT amont_percentile(v, 0.5) AS p FROM t "
                      "GROUP BY v % 2 ORDER BY 1)"),
            Value(std::string("2.0,4.0")));
}

TEST_F(SqliteFunctions, WhatIsNoNumberIsAnError) {
  Fill({"1", "'twelve'"});
  for (const std::string sql : {"SELECT amont_stddev(v) FROM t", "SELECT amont_percentile(v, 0.5) FROM t",
                                "SELECT amont_percentile(1, 1.5)", "SELECT amont_percentile(1, 'x')",
                                "SELECT amont_percentile(1, NULL)"}) {
    const Error error = ReadError(*connection_, sql);
    EXPECT_EQ(error.code, ErrorCode::kData) << sql << ": " << error.message;
    EXPECT_EQ(error.message.find("twelve"), std::string::npos) << error.message;
  }
  Fill({"'1'", "'3'"});  // texts that are numbers count as such, as in SQLite's avg()
  EXPECT_EQ(Number("SELECT amont_percentile(v, 0.5) FROM t"), 2.0);
}

}  // namespace
}  // namespace amont
