#include "server/rpc/page_token.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

TEST(PageToken, GivesItsPlaceBack) {
  for (const std::string& place : {std::string("a"), std::string("ab"), std::string("abc"),
                                   std::string("\0\xff", 2), std::string(1000, 'x')}) {
    const std::string token = MakePageToken("checks", place);
    EXPECT_EQ(token.find_first_of("+/ "), std::string::npos) << token;
    EXPECT_EQ(ReadPageToken("checks", token), place);
  }
  EXPECT_EQ(MakePageToken("checks", ""), "");
  EXPECT_EQ(ReadPageToken("checks", ""), "");
}

TEST(PageToken, OfAnotherListingIsRefused) {
  EXPECT_EQ(ReadPageToken("verdicts", MakePageToken("checks", "a")), std::nullopt);
}

TEST(PageToken, ThatWasChangedIsRefused) {
  const std::string token = MakePageToken("checks", "shop/orders:volume");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(ReadPageToken("checks", changed), "shop/orders:volume") << i;
    EXPECT_EQ(ReadPageToken("checks", token.substr(0, i)).value_or(""), "") << i;
  }
  for (const char* junk : {"x", "====", "AAAA", "????", "AAAAAAAAAAAA", "A===A===A===A==="}) {
    EXPECT_EQ(ReadPageToken("checks", junk), std::nullopt) << junk;
  }
  EXPECT_EQ(ReadPageToken("checks", std::string(9000, 'A')), std::nullopt);
}

}  // namespace
}  // namespace amont
