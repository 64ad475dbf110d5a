#include "core/log.h"

#include <gtest/gtest.h>

#include <regex>
#include <thread>
#include <vector>

namespace amont {
namespace {

class LogTest : public ::testing::Test {
 protected:
  ~LogTest() override { InitLog(LogLevel::kInfo, LogFormat::kLogfmt); }

  // What `log` prints, with its times replaced by TIME.
  template <class Fn>
  std::string Printed(Fn log) {
    ::testing::internal::CaptureStderr();
    log();
    static const std::regex time("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    return std::regex_replace(::testing::internal::GetCapturedStderr(), time, "TIME");
  }
};

TEST_F(LogTest, WritesLogfmt) {
  InitLog(LogLevel::kInfo, LogFormat::kLogfmt);
  EXPECT_EQ(
      Printed([] {
        Log(LogLevel::kWarn, "statement timed out", {{"source", "warehouse"}, {"table", "mart.orders"}});
        Log(LogLevel::kInfo, "ready");
      }),
      "time=TIME level=warn msg=\"statement timed out\" source=warehouse table=mart.orders\n"
      "time=TIME level=info msg=ready\n");
}

TEST_F(LogTest, QuotesWhatAReaderOfLogfmtWouldMistake) {
  InitLog(LogLevel::kInfo, LogFormat::kLogfmt);
  EXPECT_EQ(
      Printed([] {
        Log(LogLevel::kError, "x",
            {{"a", ""},
             {"b", "two words"},
             {"c", "k=v"},
             {"d", "say \"hi\""},
             {"e", "one\ntwo"},
             {"f", "bad\xff"},
             {"g", "été/表"},
             {"h", "c:\\x"}});
      }),
      "time=TIME level=error msg=x a=\"\" b=\"two words\" c=\"k=v\" d=\"say \\\"hi\\\"\" e=\"one\\ntwo\" "
      "f=\"bad\xef\xbf\xbd\" g=été/表 h=\"c:\\\\x\"\n");
}

TEST_F(LogTest, WritesJson) {
  InitLog(LogLevel::kDebug, LogFormat::kJson);
  EXPECT_EQ(Printed([] {
              Log(LogLevel::kDebug, "a \"b\"\n", {{"n", "1"}, {"t", "bad\xff"}});
            }),
            "{\"time\":\"TIME\",\"level\":\"debug\",\"msg\":\"a "
            "\\\"b\\\"\\n\",\"n\":\"1\",\"t\":\"bad\xef\xbf\xbd\"}\n");
}

TEST_F(LogTest, DropsWhatIsBelowTheLevel) {
  InitLog(LogLevel::kWarn, LogFormat::kLogfmt);
  EXPECT_EQ(Printed([] {
              Log(LogLevel::kDebug, "d");
              Log(LogLevel::kInfo, "i");
              Log(LogLevel::kWarn, "w");
              Log(LogLevel::kError, "e");
            }),
            "time=TIME level=warn msg=w\ntime=TIME level=error msg=e\n");
}

TEST_F(LogTest, PatternsInTextsAreJustText) {
  InitLog(LogLevel::kInfo, LogFormat::kLogfmt);
  EXPECT_EQ(Printed([] {
              Log(LogLevel::kInfo, "{}%v%n", {{"x", "{0}"}});
            }),
            "time=TIME level=info msg={}%v%n x={0}\n");
}

TEST_F(LogTest, LinesOfSeveralThreadsDoNotMix) {
  InitLog(LogLevel::kInfo, LogFormat::kLogfmt);
  const std::string printed = Printed([] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([] {
        for (int line = 0; line < 100; ++line)
          Log(LogLevel::kInfo, "the same line", {{"k", std::string(200, 'v')}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  const std::string line = "time=TIME level=info msg=\"the same line\" k=" + std::string(200, 'v') + "\n";
  std::string expected;
  for (int i = 0; i < 400; ++i) expected += line;
  EXPECT_EQ(printed, expected);
}

TEST(ParseLogLevel, TakesItsFourWords) {
  for (std::string_view word : {"debug", "info", "warn", "error"})
    EXPECT_TRUE(ParseLogLevel(word).has_value());
  const Result<LogLevel> level = ParseLogLevel("loud");
  ASSERT_FALSE(level.has_value());
  EXPECT_EQ(level.error().message, "the log level must be one of debug, info, warn, error, not `loud`");
}

TEST(ParseLogFormat, TakesItsTwoWords) {
  EXPECT_TRUE(ParseLogFormat("logfmt").has_value());
  EXPECT_TRUE(ParseLogFormat("json").has_value());
  const Result<LogFormat> format = ParseLogFormat("xml");
  ASSERT_FALSE(format.has_value());
  EXPECT_EQ(format.error().message, "the log format must be one of logfmt, json, not `xml`");
}

}  // namespace
}  // namespace amont
