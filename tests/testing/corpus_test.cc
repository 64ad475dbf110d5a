#include "tests/testing/corpus.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

namespace amont::testing {
namespace {

TEST(Corpus, OneCaseNeedsNoSeparator) {
  const std::vector<CorpusCase> cases = ParseCorpus("f", "in 1\nin 2\n--\nout\n");
  ASSERT_EQ(cases.size(), 1u);
  EXPECT_EQ(cases[0].input, "in 1\nin 2\n");
  EXPECT_EQ(cases[0].expected, "out\n");
  EXPECT_EQ(cases[0].line, 1);
}

TEST(Corpus, SeparatorsOpenCasesAndMayNameThem) {
  const std::vector<CorpusCase> cases = ParseCorpus("f", "==== first one\na\n--\nb\n====\nc\n--\n");
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[0].title, "first one");
  EXPECT_EQ(cases[0].line, 2);
  EXPECT_EQ(cases[1].title, "");
  EXPECT_EQ(cases[1].line, 6);
  EXPECT_EQ(cases[1].input, "c\n");
  EXPECT_EQ(cases[1].expected, "");
}

TEST(Corpus, OnlyTheFirstRuleSplitsACase) {
  const std::vector<CorpusCase> cases = ParseCorpus("f", "a\n--\nb\n--\nc\n");
  ASSERT_EQ(cases.size(), 1u);
  EXPECT_EQ(cases[0].expected, "b\n--\nc\n");
}

TEST(Corpus, PrintingIsTheInverseOfParsing) {
  for (const char* text : {"a\n--\nb\n", "==== t\na\n--\nb\n", "====\na\n\n--\n====\nb\n--\nc\n--\n"}) {
    EXPECT_EQ(PrintCorpus(ParseCorpus("f", text)), text);
  }
}

TEST(Corpus, AFolderWithoutCasesFails) {
  EXPECT_NONFATAL_FAILURE(CheckCorpus("no/such/folder", [](const CorpusCase&) { return ""; }),
                          "no cases below");
}

}  // namespace
}  // namespace amont::testing
