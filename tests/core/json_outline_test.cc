#include "core/json_outline.h"

#include <gtest/gtest.h>

#include <string>

namespace amont {
namespace {

std::string Members(std::string_view text) {
  std::string walked;
  const Result<void> read = ForEachMember(text, [&](std::string_view key, std::string_view value) {
    walked += std::string(key) + "=" + std::string(value) + ";";
  });
  return read ? walked : walked + read.error().message;
}

std::string Values(std::string_view text) {
  std::string walked;
  const Result<void> read =
      ForEachElementOrValue(text, [&](std::string_view value) { walked += std::string(value) + ";"; });
  return read ? walked : walked + read.error().message;
}

TEST(JsonOutlineTest, GivesMembersAsText) {
  EXPECT_EQ(Members(R"( {"a": 1, "b" :{"x": "}\"]"} ,"c":[1, [2]], "d\"\u0065": "s"} )"),
            R"(a=1;b={"x": "}\"]"};c=[1, [2]];d"e="s";)");
  EXPECT_EQ(Members("{}"), "");
  EXPECT_EQ(Members("\xEF\xBB\xBF{\"a\":null}"), "a=null;");
}

TEST(JsonOutlineTest, SaysAtWhichByteAnObjectBreaks) {
  EXPECT_EQ(Members(R"({"a": 1, "b": [)"), "a=1;not JSON at byte 15: a value is missing or not closed");
  EXPECT_EQ(Members(R"({"a": 1)"), "a=1;not JSON at byte 7: the object is not closed");
  EXPECT_EQ(Members(R"({"a" 1})"), "not JSON at byte 5: a colon must follow the key");
  EXPECT_EQ(Members(R"({a: 1})"), "not JSON at byte 3: a key is missing");
  EXPECT_EQ(Members(R"({"a": 1} x)"), "a=1;not JSON at byte 9: something stands behind the end");
  EXPECT_EQ(Members("[1]"), "not JSON at byte 0: an object must stand here");
  EXPECT_EQ(Members(""), "not JSON at byte 0: an object must stand here");
  EXPECT_EQ(Members(R"({"a\q": 1})").substr(0, 8), "not JSON");
}

TEST(JsonOutlineTest, GivesElementsOrValues) {
  EXPECT_EQ(Values(R"([{"a":1}, 2 , "x,"])"), R"({"a":1};2;"x,";)");
  EXPECT_EQ(Values("{\"a\":1}\n{\"b\":2}\n"), R"({"a":1};{"b":2};)");
  EXPECT_EQ(Values("[]"), "");
  EXPECT_NE(Values("[1 2]").find("the array is not closed"), std::string::npos);
  EXPECT_NE(Values("").find("a value is missing"), std::string::npos);
}

TEST(JsonOutlineTest, TellsWhatATextBeginsWith) {
  EXPECT_EQ(FirstOfJson(" \n{"), '{');
  EXPECT_EQ(FirstOfJson("\xEF\xBB\xBF["), '[');
  EXPECT_EQ(FirstOfJson("  "), '\0');
}

}  // namespace
}  // namespace amont
