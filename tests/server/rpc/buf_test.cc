// The contract in proto/ by buf's rules: its style, and that nobody who speaks the released one is broken.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/testing/paths.h"
#include "tests/testing/process.h"

namespace amont {
namespace {

std::string BufProgram() { return testing::SourcePath(".deps/buf/buf").string(); }

testing::ProcessResult Buf(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), BufProgram());
  return testing::RunProgram(arguments, {.env = {{"BUF_CACHE_DIR", "/tmp/amont-buf"}},
                                         .input = "",
                                         .directory = testing::SourcePath().string()});
}

class BufTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(BufProgram())) GTEST_SKIP() << "no buf in .deps: .ci/setup test unpacks it";
  }
};

TEST_F(BufTest, FindsNothingAgainstTheStyleOfTheContract) {
  const testing::ProcessResult lint = Buf({"lint"});
  EXPECT_EQ(lint.exit_code, 0) << lint.out << lint.err;
  const testing::ProcessResult format = Buf({"format", "--diff", "--exit-code"});
  EXPECT_EQ(format.exit_code, 0) << format.out << format.err;
}

TEST_F(BufTest, FindsNothingThatBreaksTheReleasedContract) {
  const testing::ProcessResult breaking = Buf({"breaking", "--against", "proto/released.txtpb"});
  EXPECT_EQ(breaking.exit_code, 0) << breaking.out << breaking.err;
}

TEST_F(BufTest, WouldFindAFieldThatChangedItsNumber) {
  const testing::TempDir changed;
  std::filesystem::copy(testing::SourcePath("proto"), changed.Path("proto"),
                        std::filesystem::copy_options::recursive);
  std::filesystem::copy(testing::SourcePath("buf.yaml"), changed.Path("buf.yaml"));
  std::string text = testing::ReadFile(changed.Path("proto/amont/v1/check_service.proto"));
  const std::string before = "string request_id = 2;";
  ASSERT_NE(text.find(before), std::string::npos);
  text.replace(text.find(before), before.size(), "string request_id = 3;");
  changed.Write("proto/amont/v1/check_service.proto", text);
  const testing::ProcessResult breaking = Buf({"breaking", changed.path().string(), "--against",
                                               testing::SourcePath("proto/released.txtpb").string()});
  EXPECT_EQ(breaking.exit_code, 100) << breaking.err;
  EXPECT_NE(breaking.out.find("request_id"), std::string::npos) << breaking.out;
}

}  // namespace
}  // namespace amont
