#include "core/quoted.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

TEST(Quoted, StandsInBackquotes) { EXPECT_EQ(Quoted("colum"), "`colum`"); }

TEST(Quoted, StaysOnOneLine) { EXPECT_EQ(Quoted("a\nb\tc\x7f"), "`a?b?c?`"); }

TEST(Quoted, CutsBetweenCharacters) {
  EXPECT_EQ(Quoted(std::string(60, 'x')), "`" + std::string(60, 'x') + "`");
  EXPECT_EQ(Quoted(std::string(61, 'x')), "`" + std::string(60, 'x') + "…`");
  EXPECT_EQ(Quoted(std::string(59, 'x') + "é" + "y"), "`" + std::string(59, 'x') + "…`");
  EXPECT_EQ(Quoted(std::string(100, '\x80')), "`…`");  // no character starts anywhere
}

}  // namespace
}  // namespace amont
