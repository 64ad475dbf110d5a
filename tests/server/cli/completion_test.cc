// `amont completion`: the scripts hold what the parser knows, and bash completes with them.

#include <gtest/gtest.h>

#include <sstream>

#include "tests/testing/paths.h"
#include "tests/testing/process.h"

namespace amont::testing {
namespace {

std::string Script(const std::string& shell) {
  const ProcessResult result = RunProgram({AmontProgram(), "completion", shell});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

// What bash offers for the last of these words, one a line, as readline splits them.
std::string Offered(const std::vector<std::string>& words) {
  std::string line = "COMP_WORDS=(";
  for (const std::string& word : words) line += "'" + word + "' ";
  ProcessOptions options;
  options.input = Script("bash") + line + ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
                  "\n_amont\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  const ProcessResult result = RunProgram({"bash", "--norc", "-s"}, options);
  EXPECT_EQ(result.err, "");
  return result.out;
}

TEST(Completion, BashReadsTheScript) {
  ProcessOptions options;
  options.input = Script("bash");
  const ProcessResult result = RunProgram({"bash", "-n"}, options);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
}

TEST(Completion, BashCompletesCommandsFlagsAndWords) {
  EXPECT_EQ(Offered({"amont", "his"}), "history\n");
  EXPECT_EQ(Offered({"amont", "run", "--fo"}), "--format\n");
  EXPECT_EQ(Offered({"amont", "run", "--format", "j"}), "json\njunit\n");
  EXPECT_EQ(Offered({"amont", "run", "--format", "=", "ju"}), "junit\n");
  EXPECT_EQ(Offered({"amont", "run", "--format", "="}), "text\njson\njunit\n");
  EXPECT_EQ(Offered({"amont", "status", "--format", ""}), "text\njson\n");
  EXPECT_EQ(Offered({"amont", "--color", "a"}), "auto\nalways\n");
  EXPECT_EQ(Offered({"amont", "completion", "z"}), "zsh\n");
  EXPECT_EQ(Offered({"amont", "store", "ba"}), "backup\n");
  EXPECT_EQ(Offered({"amont", "plan", "--disable", "fo"}), "fold\n");
  EXPECT_EQ(Offered({"amont", "run", "--tag", ""}), "\n") << "a tag is not ours to know";
  EXPECT_EQ(Offered({"amont", "status", "--conf"}), "--config\n") << "global flags stand behind commands too";
}

TEST(Completion, KnowsTheCommandsOfACommand) {
  EXPECT_EQ(Offered({"amont", "lineage", "im"}), "impact\nimport\n");
  EXPECT_EQ(Offered({"amont", "lineage", "import", "--sou"}), "--source\n");
  EXPECT_EQ(Offered({"amont", "lineage", "upstream", "--format", "d"}), "dot\n");
  EXPECT_NE(Script("zsh").find("upstream downstream"), std::string::npos);
  EXPECT_NE(Script("fish").find(" -a 'upstream downstream"), std::string::npos);
}

TEST(Completion, AFlagsValueIsNoCommand) {
  EXPECT_EQ(Offered({"amont", "--config", "run", "stat"}), "status\n");
  EXPECT_EQ(Offered({"amont", "--config", "=", "run", "stat"}), "status\n");
}

TEST(Completion, EveryShellKnowsEveryCommandOfTheHelp) {
  const std::string help = RunProgram({AmontProgram(), "--help"}).out;
  const size_t at = help.find("Subcommands:\n");
  ASSERT_NE(at, std::string::npos) << help;
  std::istringstream lines(help.substr(at));
  std::string line;
  std::getline(lines, line);
  int commands = 0;
  while (std::getline(lines, line) && line.starts_with("  ")) {
    if (line[2] == ' ') continue;
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    ++commands;
    for (const std::string shell : {"bash", "zsh", "fish"}) {
      EXPECT_NE(Script(shell).find(name), std::string::npos) << shell << " " << name;
    }
  }
  EXPECT_GE(commands, 10) << help;
}

TEST(Completion, AnUnknownShellIsWrongUsage) {
  EXPECT_EQ(RunProgram({AmontProgram(), "completion", "tcsh"}).exit_code, 64);
  EXPECT_EQ(RunProgram({AmontProgram(), "completion"}).exit_code, 64);
}

}  // namespace
}  // namespace amont::testing
