#include "core/wildcard.h"

#include <gtest/gtest.h>

#include <string>

namespace amont {
namespace {

TEST(MatchesWildcard, TakesStarsForAnyRun) {
  EXPECT_TRUE(MatchesWildcard("*email*", "email"));
  EXPECT_TRUE(MatchesWildcard("*email*", "customer_email_hash"));
  EXPECT_TRUE(MatchesWildcard("*_ssn", "a_ssn_ssn"));
  EXPECT_TRUE(MatchesWildcard("**", ""));
  EXPECT_FALSE(MatchesWildcard("*_ssn", "ssn"));
  EXPECT_FALSE(MatchesWildcard("a*b*c", "a-b-b"));
}

TEST(MatchesWildcard, TakesOneByteForAQuestionMark) {
  EXPECT_TRUE(MatchesWildcard("t?", "t1"));
  EXPECT_FALSE(MatchesWildcard("t?", "t"));
  EXPECT_FALSE(MatchesWildcard("t?", "t12"));
}

TEST(MatchesWildcard, WantsTheWholeText) {
  EXPECT_TRUE(MatchesWildcard("id", "id"));
  EXPECT_FALSE(MatchesWildcard("id", "ids"));
  EXPECT_FALSE(MatchesWildcard("", "x"));
  EXPECT_TRUE(MatchesWildcard("", ""));
}

TEST(MatchesWildcard, IgnoresTheCaseOfAsciiLetters) {
  EXPECT_TRUE(MatchesWildcard("*EMAIL", "Customer_Email"));
  EXPECT_FALSE(MatchesWildcard("é", "É"));
}

TEST(MatchesWildcard, EndsSoonOnManyStars) {
  EXPECT_FALSE(MatchesWildcard("*a*a*a*a*a*a*a*a*b", std::string(20'000, 'a')));
}

}  // namespace
}  // namespace amont
