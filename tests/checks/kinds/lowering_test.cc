// What every block of a [[table]] becomes, and every mistake in it: tests/cases/kinds.
#include "tests/checks/kinds/lowering.h"

#include <gtest/gtest.h>

#include "tests/testing/corpus.h"

namespace amont::testing {
namespace {

TEST(Kinds, LowerTheirBlocks) {
  CheckCorpus("kinds", [](const CorpusCase& one) {
    Diagnostics diagnostics;
    const Lowered lowered = LowerText(one.input, diagnostics);
    return PrintLowered(lowered, diagnostics);
  });
}

}  // namespace
}  // namespace amont::testing
