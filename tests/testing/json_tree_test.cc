#include "tests/testing/json_tree.h"

#include <gtest/gtest.h>

namespace amont::testing {
namespace {

TEST(JsonTree, ReadsEveryKindOfValue) {
  const auto tree =
      ParseJson(R"( {"a": [1, -2.5e3, "x\n\"é\u00e9"], "b": {"c": true}, "d": null, "e": {}} )");
  ASSERT_TRUE(tree);
  EXPECT_EQ((*tree)["a"].items.at(1).text, "-2.5e3");
  EXPECT_EQ((*tree)["a"].items.at(2).text, "x\n\"éé");
  EXPECT_TRUE((*tree)["b"]["c"].IsTrue());
  EXPECT_EQ((*tree)["d"].kind, JsonTree::Kind::kNull);
  EXPECT_EQ((*tree)["nothing"]["below"].kind, JsonTree::Kind::kAbsent);
}

TEST(JsonTree, RefusesWhatIsNoJson) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":1,\"a\":2}", "01", "1.", "tru",
                           "\"\n\"", "\"\\x\"", "[1] 2", "nan", "{a:1}", "\"\\u12g4\"", "--1"}) {
    EXPECT_FALSE(ParseJson(text)) << text;
  }
}

}  // namespace
}  // namespace amont::testing
