#include "core/json_document.h"

#include <gtest/gtest.h>

#include <string>

namespace amont {
namespace {

TEST(JsonDocumentTest, ReadsEveryKindOfValue) {
  auto document =
      ParseJson(R"({"a": null, "b": true, "c": -7, "d": 1.5, "e": "x\u00e9", "f": [1, [2]], "g": {}})");
  ASSERT_TRUE(document.has_value());
  const JsonValue root = document->Root();
  EXPECT_EQ(root.Size(), 7U);
  EXPECT_EQ(root["a"].Kind(), JsonKind::kNull);
  EXPECT_TRUE(root["a"]);
  EXPECT_TRUE(root["b"].Boolean());
  EXPECT_EQ(root["c"].Integer(), -7);
  EXPECT_EQ(root["c"].Number(), -7.0);
  EXPECT_EQ(root["d"].Number(), 1.5);
  EXPECT_EQ(root["d"].Integer(), std::nullopt);
  EXPECT_EQ(root["e"].String(), "xé");
  EXPECT_EQ(root["f"].Size(), 2U);
  std::string keys;
  for (const JsonValue member : root) keys += member.Key();
  EXPECT_EQ(keys, "abcdefg");
}

TEST(JsonDocumentTest, WhatIsNotThereIsAbsentAllTheWayDown) {
  auto document = ParseJson(R"({"a": {"b": [5]}, "s": "text"})");
  ASSERT_TRUE(document.has_value());
  const JsonValue root = document->Root();
  EXPECT_FALSE(root["x"]["y"]["z"]);
  EXPECT_EQ(root["x"]["y"].String("none"), "none");
  EXPECT_EQ(root["s"].Integer(), std::nullopt);
  EXPECT_EQ(root["s"].Size(), 0U);
  for (const JsonValue child : root["x"]) ADD_FAILURE() << child.Key();
  for (const JsonValue child : root["s"]) ADD_FAILURE() << child.Key();
  for (const JsonValue child : root["a"]["b"]) EXPECT_EQ(child.Integer(), 5);
}

TEST(JsonDocumentTest, AValueIsToldApartByItsId) {
  const auto document = ParseJson(R"({"a": [1, 1], "b": 1})");
  ASSERT_TRUE(document.has_value());
  const JsonValue root = document->Root();
  EXPECT_EQ(root["a"].Id(), root["a"].Id());
  EXPECT_LT(root["a"].Id(), root["b"].Id());
}

TEST(JsonDocumentTest, ARepeatedKeyCountsAsItsLast) {
  auto document = ParseJson(R"({"a": 1, "a": {"b": 2}})");
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->Root()["a"]["b"].Integer(), 2);
}

TEST(JsonDocumentTest, NumbersTooLargeForAnIntegerStayNumbers) {
  auto document = ParseJson("[9223372036854775807, 9223372036854775808, 1e3]");
  ASSERT_TRUE(document.has_value());
  std::string kinds;
  for (const JsonValue child : document->Root()) kinds += child.Integer() ? 'i' : 'n';
  EXPECT_EQ(kinds, "inn");
}

TEST(JsonDocumentTest, SaysWhereTheTextStopsMakingSense) {
  for (const std::string text : {"", "{", "{\"a\": }", "[1,]", "nul", "{} x", "\"\xff\""}) {
    auto document = ParseJson(text);
    ASSERT_FALSE(document.has_value()) << text;
    EXPECT_NE(document.error().message.find("not JSON at byte"), std::string::npos)
        << document.error().message;
  }
}

TEST(JsonDocumentTest, DeepNestingIsRefusedNotARiskToTheStack) {
  auto document = ParseJson(std::string(1'000'000, '['));
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().message, "nested more than 2000 deep");
  EXPECT_TRUE(ParseJson(std::string(100, '[') + std::string(100, ']'), {.depth = 100}).has_value());
  EXPECT_FALSE(ParseJson(std::string(101, '[') + std::string(101, ']'), {.depth = 100}).has_value());
}

}  // namespace
}  // namespace amont
