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
    const std::string file = one.file.filename();
    return PrintLowered(lowered, file == "interfaces.txt" || file == "always_on.txt", diagnostics);
  });
}

}  // namespace
}  // namespace amont::testing
