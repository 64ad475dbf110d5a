#include "checks/judge/judge.h"

#include <gtest/gtest.h>

#include "tests/checks/judge/judge_case.h"
#include "tests/testing/corpus.h"

namespace amont {
namespace {

TEST(Judge, SaysWhatTheCasesExpect) {
  testing::CheckCorpus("judge",
                       [](const testing::CorpusCase& one) { return testing::AnswerJudgeCase(one.input); });
}

}  // namespace
}  // namespace amont
