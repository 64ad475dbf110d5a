#include "core/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace amont {
namespace {

TEST(JsonWriter, KeepsTheOrderOfKeys) {
  JsonWriter json;
  json.BeginObject();
  json.Key("zebra").Integer(1);
  json.Key("apple").BeginArray().Boolean(true).Null().String("x").EndArray();
  json.Key("none").BeginObject().EndObject();
  json.Key("empty").BeginArray().EndArray();
  json.EndObject();
  EXPECT_EQ(json.Text(-1), R"({"zebra":1,"apple":[true,null,"x"],"none":{},"empty":[]})");
  EXPECT_EQ(json.Text(), R"({
  "zebra": 1,
  "apple": [
    true,
    null,
    "x"
  ],
  "none": {},
  "empty": []
})");
}

TEST(JsonWriter, IndentsOnlyOutsideStrings) {
  JsonWriter json;
  json.BeginArray().String("a,{[:\"\\").String("}]\\\\").EndArray();
  EXPECT_EQ(json.Text(1), "[\n \"a,{[:\\\"\\\\\",\n \"}]\\\\\\\\\"\n]");
}

TEST(JsonWriter, TakesAnyRoot) {
  JsonWriter text;
  text.String("a");
  EXPECT_EQ(text.Text(), "\"a\"");
  JsonWriter number;
  number.Integer(-3);
  EXPECT_EQ(number.Text(-1), "-3");
}

TEST(JsonWriter, KeepsIntegersExact) {
  JsonWriter json;
  json.BeginArray();
  json.Integer(std::numeric_limits<int64_t>::max()).Integer(std::numeric_limits<int64_t>::min());
  json.Integer(9007199254740993);
  json.EndArray();
  EXPECT_EQ(json.Text(-1), "[9223372036854775807,-9223372036854775808,9007199254740993]");
}

TEST(JsonWriter, WritesNumbersThatReadBackAndNullForTheRest) {
  JsonWriter json;
  json.BeginArray().Number(0.1).Number(1).Number(1e300).Number(-0.5);
  json.Number(std::nan("")).Number(std::numeric_limits<double>::infinity()).EndArray();
  EXPECT_EQ(json.Text(-1), "[0.1,1.0,1e+300,-0.5,null,null]");
}

TEST(JsonWriter, EscapesAndRepairsStrings) {
  JsonWriter json;
  json.BeginObject().Key("k\"\n").String("tab\t nul\x01 é 表 \xff end").EndObject();
  EXPECT_EQ(json.Text(-1), "{\"k\\\"\\n\":\"tab\\t nul\\u0001 é 表 \xef\xbf\xbd end\"}");
}

TEST(JsonWriter, Moves) {
  JsonWriter json;
  json.BeginArray();
  JsonWriter moved = std::move(json);
  moved.Integer(1).EndArray();
  EXPECT_EQ(moved.Text(-1), "[1]");
}

#ifndef NDEBUG
using JsonWriterDeathTest = ::testing::Test;

TEST(JsonWriterDeathTest, AssertsOnMisuse) {
  EXPECT_DEATH(JsonWriter().BeginObject().Integer(1), "needs a key");
  EXPECT_DEATH(JsonWriter().BeginArray().Key("k"), "belongs in an object");
  EXPECT_DEATH(JsonWriter().BeginArray().EndObject(), "not begun");
  EXPECT_DEATH(JsonWriter().BeginObject().Key("k").EndObject(), "not begun");
  EXPECT_DEATH(JsonWriter().Integer(1).Integer(2), "one root");
  EXPECT_DEATH((void)JsonWriter().BeginArray().Text(), "not finished");
}
#endif

}  // namespace
}  // namespace amont
