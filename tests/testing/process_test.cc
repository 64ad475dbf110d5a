#include "tests/testing/process.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace amont::testing {
namespace {

TEST(Process, CapturesOutputErrorsAndExitCode) {
  const ProcessResult result = RunProgram({"sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
  EXPECT_EQ(result.exit_code, 3);
}

TEST(Process, GivesInputEnvironmentAndDirectory) {
  TempDir dir;
  ProcessOptions options;
  options.input = "hello\n";
  options.env = {{"AMONT_WORD", "world"}, {"HOME", ""}};
  options.directory = dir.path();
  const ProcessResult result =
      RunProgram({"sh", "-c", "cat; echo $AMONT_WORD ${HOME-gone}; pwd -P"}, options);
  EXPECT_EQ(result.out, "hello\nworld gone\n" + std::filesystem::canonical(dir.path()).string() + "\n");
}

TEST(Process, AProgramThatIsNotThereExitsAsInAShell) {
  const ProcessResult result = RunProgram({"/no/such/program"});
  EXPECT_EQ(result.exit_code, 127);
  EXPECT_EQ(result.err, "/no/such/program: cannot be started\n");
}

TEST(Process, DeliversSignals) {
  Process process({"sh", "-c", "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.01; done"});
  ASSERT_TRUE(process.WaitForText("ready"));
  process.Signal(SIGINT);
  const ProcessResult result = process.Wait();
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_EQ(result.out, "ready\ncaught\n");
}

TEST(Process, WhatHangsIsKilledWhenPatienceEnds) {
  Process process({"sleep", "1000"});
  EXPECT_FALSE(process.WaitForText("never", std::chrono::milliseconds(1)));
  EXPECT_EQ(process.Wait(std::chrono::milliseconds(1)).exit_code, 128 + SIGKILL);
}

TEST(Process, AnEndWithoutTheTextIsNotWaitedOut) {
  Process process({"echo", "something else"});
  EXPECT_FALSE(process.WaitForText("never"));
}

}  // namespace
}  // namespace amont::testing
