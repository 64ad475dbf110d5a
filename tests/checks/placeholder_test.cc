#include "checks/placeholder.h"

#include <gtest/gtest.h>

#include <string>

namespace amont {
namespace {

std::string Found(std::string_view text) {
  std::string found;
  for (auto next = NextPlaceholder(text, 0); next; next = NextPlaceholder(text, next->end)) {
    found.append(next->doubled ? "doubled " : "").append(next->word).append(" at ");
    found.append(text.substr(next->begin, next->end - next->begin)).append("; ");
  }
  return found;
}

TEST(Placeholder, IsAWordInBraces) {
  EXPECT_EQ(Found("a {b} {_c1}{D}"), "b at {b}; _c1 at {_c1}; D at {D}; ");
  EXPECT_EQ(Found("{} { a } {2} {2,3} {a.b} {\"a\": 1} {a"), "");
}

TEST(Placeholder, DoubledMeansTheBraces) {
  EXPECT_EQ(Found("{{a}}"), "doubled a at {{a}}; ");
  EXPECT_EQ(Found("{{{a}}}"), "doubled a at {{a}}; ");
  EXPECT_EQ(Found("{{a} {a}}"), "a at {a}; a at {a}; ");
  EXPECT_EQ(Found("{{a}}{b}}"), "doubled a at {{a}}; b at {b}; ");
}

}  // namespace
}  // namespace amont
