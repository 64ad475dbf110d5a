// `amont backtest --input`, as a user runs it.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <sstream>

#include "core/time.h"
#include "tests/server/cli/project.h"

namespace amont::testing {
namespace {

class BacktestCommand : public ::testing::Test {
 protected:
  // Sixty days of 1,000 rows, but for one.
  std::string Series(const std::string& name, int bad_day, int rows) {
    std::string text;
    for (int day = 0; day < 60; ++day) {
      const Date date = Date(std::chrono::days(19723 + day));
      text += fmt::format("{},{},{}\n", name, FormatDate(date), day == bad_day ? rows : 1000 + day % 3);
    }
    return text;
  }
  ProcessResult Backtest(const std::string& csv, std::vector<std::string> flags = {}) {
    project_.directory().Write("in.csv", csv);
    flags.insert(flags.begin(), {"backtest", "--input", "in.csv"});
    return project_.Amont(flags);
  }

  Project project_;
};

TEST_F(BacktestCommand, AnswersEveryLineInItsOrder) {
  const ProcessResult result =
      Backtest("series,timestamp,value\n" + Series("a", 40, 0) + "a,someday,1\n" + Series("b", -1, 0),
               {"--format=csv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::istringstream stream(result.out);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 122U);
  EXPECT_EQ(lines[0], "series,timestamp,value,expected,low,high,status,reason");
  EXPECT_EQ(lines[1], "a,2024-01-01,1000,,,,learning,nothing is known of it yet");
  EXPECT_EQ(lines[41].substr(0, 15), "a,2024-02-10,0,") << lines[41];
  EXPECT_NE(lines[41].find(",fail,\"no rows; expected 1,00"), std::string::npos) << lines[41];
  EXPECT_EQ(lines[61], "a,someday,1,,,,error,`someday` is neither a date nor a time");
  EXPECT_EQ(lines[121].substr(0, 18), "b,2024-02-29,1002,") << lines[121];
  EXPECT_TRUE(lines[121].ends_with(",pass,")) << lines[121];
  EXPECT_EQ(Backtest("series,timestamp,value\n" + Series("a", 40, 0), {"--format=csv"}).out,
            Backtest("series,timestamp,value\n" + Series("a", 40, 0), {"--format=csv"}).out);
}

TEST_F(BacktestCommand, DrawsEachSeriesAndNamesTheNoisiest) {
  const ProcessResult result =
      Backtest(Series("quiet", -1, 0) + Series("late", 40, 0) + Series("short", 50, 100));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const std::string part :
       {"60 values, 7 learning; 1 alert in 1 incident", "2024-02-10 fail no rows; expected",
        "3 series, 180 values: 2 alerts in 2 incidents", "noisiest: short (", "late ("}) {
    EXPECT_NE(result.out.find(part), std::string::npos) << part << "\n" << result.out;
  }
}

TEST_F(BacktestCommand, TheDirectionIsHeeded) {
  EXPECT_NE(Backtest(Series("a", 40, 9000), {"--direction=rise"}).out.find("1 alert in"), std::string::npos);
  EXPECT_NE(Backtest(Series("a", 40, 9000), {"--direction=drop"}).out.find("0 alerts in"), std::string::npos);
}

TEST_F(BacktestCommand, SaysWhatItCannotRead) {
  EXPECT_EQ(project_.Amont({"backtest"}).exit_code, 64);
  const ProcessResult missing = project_.Amont({"backtest", "--input", "none.csv"});
  EXPECT_EQ(missing.exit_code, 64);
  EXPECT_NE(missing.err.find("none.csv"), std::string::npos) << missing.err;
  const ProcessResult empty = Backtest("");
  EXPECT_EQ(empty.exit_code, 64);
  EXPECT_EQ(empty.err, "amont: in.csv: there is no line in it\n");
  EXPECT_EQ(Backtest("a,2024-01-01,1\n", {"--season=weekly"}).exit_code, 64);
  EXPECT_EQ(Backtest("a,2024-01-01,1\n", {"--timezone=Mars/Olympus"}).exit_code, 64);
}

TEST_F(BacktestCommand, OneValueIsEnough) {
  const ProcessResult result = Backtest("a,2024-01-01,1\n");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("1 value, 1 learning"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace amont::testing
