#include "checks/group_name.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

TEST(GroupName, TheRestAndNullAreNoValues) {
  EXPECT_EQ(ValueOfGroup("(null)"), std::nullopt);
  EXPECT_EQ(ValueOfGroup("(other)"), std::nullopt);
}

TEST(GroupName, OneLevelOfQuotesIsTakenFromWhatReadsLikeThem) {
  EXPECT_EQ(ValueOfGroup("'(null)'"), "(null)");
  EXPECT_EQ(ValueOfGroup("''(other)''"), "'(other)'");
}

TEST(GroupName, AnythingElseIsItself) {
  for (const std::string_view group : {"", "'", "''", "FR", "'FR'", "(null) ", "(NULL)", "'(nul)'"}) {
    EXPECT_EQ(ValueOfGroup(group), group);
  }
}

}  // namespace
}  // namespace amont
