#include "core/sql/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace amont {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

Value D(std::string text) { return Decimal{std::move(text)}; }
Value I(int64_t integer) { return integer; }

const Timestamp kAt = Timestamp(std::chrono::sys_days(2001y / 6 / 30)) + 23h + 59min;
const LocalTime kLocal = LocalTime(kAt.time_since_epoch());
const Date kDay = 2001y / 6 / 30;

TEST(AsNumber, ReadsBooleansNumbersAndDecimals) {
  EXPECT_EQ(AsNumber(true), 1.0);
  EXPECT_EQ(AsNumber(I(-3)), -3.0);
  EXPECT_EQ(AsNumber(2.5), 2.5);
  EXPECT_EQ(AsNumber(D("-12.50")), -12.5);
}

TEST(AsNumber, HasNoneForNaNAndTheRest) {
  for (const Value& value :
       {Value(), Value(std::nan("")), D("NaN"), D(""), Value(std::string("1")), Value(kAt)}) {
    EXPECT_EQ(AsNumber(value), std::nullopt) << KindName(value);
  }
}

TEST(AsInteger, TakesWholeNumbersThatFit) {
  EXPECT_EQ(AsInteger(false), 0);
  EXPECT_EQ(AsInteger(I(kMin)), kMin);
  EXPECT_EQ(AsInteger(-4.0), -4);
  EXPECT_EQ(AsInteger(D("-0012.00")), -12);
  EXPECT_EQ(AsInteger(D("9223372036854775807")), kMax);
  EXPECT_EQ(AsInteger(D("-0.0")), 0);
}

TEST(AsInteger, RefusesFractionsAndWhatDoesNotFit) {
  for (const Value& value :
       {Value(0.5), Value(9223372036854775808.0), Value(std::nan("")), D("9223372036854775808"), D("1.5"),
        D("NaN"), D("-"), D("."), Value(std::string("1")), Value()}) {
    EXPECT_EQ(AsInteger(value), std::nullopt) << KindName(value) << " " << StoredText(value);
  }
}

TEST(HumanText, ReadsAsPeopleWrite) {
  const std::vector<std::pair<Value, std::string>> cases = {
      {Value(), "NULL"},
      {true, "true"},
      {I(7), "7"},
      {I(999), "999"},
      {I(-1000), "-1,000"},
      {I(1234567), "1,234,567"},
      {I(kMin), "-9,223,372,036,854,775,808"},
      {0.0312, "0.0312"},
      {0.03120001, "0.0312"},
      {0.0, "0"},
      {-0.0, "0"},
      {5.0, "5"},
      {12.3456, "12.35"},
      {0.99999, "0.99999"},
      {1.0000001, "1.0000001"},
      {999.999, "999.999"},
      {1234.5, "1,234.5"},
      {-1234567.891, "-1,234,567.89"},
      {4e-5, "4e-05"},
      {1e300, "1e+300"},
      {std::nan(""), "NaN"},
      {-std::numeric_limits<double>::infinity(), "-infinity"},
      {D("-12.50"), "-12.50"},
      {D("1234567.8912"), "1,234,567.8912"},
      {D("12.3456789012345678"), "12.35"},
      {D("NaN"), "NaN"},
      {kAt, "2001-06-30T23:59:00Z"},
      {kLocal, "2001-06-30 23:59:00"},
      {kDay, "2001-06-30"},
      {std::string("it's \"so\""), "it's \"so\""},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(HumanText(value), text);
}

TEST(StoredText, ReadsBackAsTheSameValue) {
  const std::vector<Value> values = {Value(),
                                     true,
                                     false,
                                     I(kMin),
                                     I(kMax),
                                     I(0),
                                     0.1,
                                     -0.0,
                                     5e-324,
                                     1e300,
                                     1.0 / 3,
                                     std::numeric_limits<double>::infinity(),
                                     D("-12.50"),
                                     D("123456789012345678901234567890.12"),
                                     kAt,
                                     kAt + 1us,
                                     kLocal,
                                     kLocal + 250ms,
                                     kDay,
                                     Date(1969y / 12 / 31),
                                     std::string(),
                                     std::string("null"),
                                     std::string("a\nb\0c", 5)};
  for (const Value& value : values) {
    const Value back = ParseStored(KindName(value), StoredText(value));
    EXPECT_EQ(back, value) << KindName(value) << " " << StoredText(value);
  }
  EXPECT_TRUE(std::isnan(std::get<double>(ParseStored("double", StoredText(std::nan(""))))));
}

TEST(StoredText, IsExact) {
  EXPECT_EQ(StoredText(I(1234567)), "1234567");
  EXPECT_EQ(StoredText(kAt), "2001-06-30T23:59:00Z");
  EXPECT_EQ(StoredText(kLocal), "2001-06-30T23:59:00");
  EXPECT_EQ(StoredText(-std::nan("")), "nan");
}

TEST(ParseStored, KeepsWhatItCannotReadAsText) {
  EXPECT_EQ(ParseStored("integer", "12x"), Value(std::string("12x")));
  EXPECT_EQ(ParseStored("timestamp", "yesterday"), Value(std::string("yesterday")));
  EXPECT_EQ(ParseStored("no such kind", "x"), Value(std::string("x")));
}

TEST(Compare, IsExactAmongIntegersAndDecimals) {
  EXPECT_EQ(Compare(I(kMax - 1), I(kMax)), std::partial_ordering::less);
  EXPECT_EQ(Compare(I(kMax), D("9223372036854775807.0")), std::partial_ordering::equivalent);
  EXPECT_EQ(Compare(D("9223372036854775807.5"), I(kMax)), std::partial_ordering::greater);
  EXPECT_EQ(Compare(D("-10.25"), D("-9.5")), std::partial_ordering::less);
  EXPECT_EQ(Compare(D("-0.00"), I(0)), std::partial_ordering::equivalent);
  EXPECT_EQ(Compare(D("0.1000000000000000000001"), D("0.1")), std::partial_ordering::greater);
}

TEST(Compare, IsExactBetweenIntegersAndDoubles) {
  EXPECT_EQ(Compare(I(kMax), 9223372036854775808.0), std::partial_ordering::less);
  EXPECT_EQ(Compare(I((1ll << 53) + 1), 9007199254740992.0), std::partial_ordering::greater);
  EXPECT_EQ(Compare(D("0.25"), 0.25), std::partial_ordering::equivalent);
  EXPECT_EQ(Compare(true, I(1)), std::partial_ordering::equivalent);
}

TEST(Compare, LeavesNaNUnordered) {
  EXPECT_EQ(Compare(std::nan(""), I(1)), std::partial_ordering::unordered);
  EXPECT_EQ(Compare(D("NaN"), D("NaN")), std::partial_ordering::unordered);
}

TEST(Compare, OrdersTimesWithTheirOwnKindAndDatesWithBoth) {
  EXPECT_EQ(Compare(kAt, kAt + 1us), std::partial_ordering::less);
  EXPECT_EQ(Compare(kLocal, kDay), std::partial_ordering::greater);
  EXPECT_EQ(Compare(kDay, kAt), std::partial_ordering::less);
  EXPECT_EQ(Compare(kAt, kLocal), std::nullopt) << "needs a zone";
}

TEST(Compare, OrdersTextsByBytesAndNothingAcrossKinds) {
  EXPECT_EQ(Compare(std::string("b"), std::string("a")), std::partial_ordering::greater);
  EXPECT_EQ(Compare(std::string("1"), I(1)), std::nullopt);
  EXPECT_EQ(Compare(Value(), Value()), std::nullopt);
  EXPECT_EQ(Compare(I(1), kDay), std::nullopt);
}

}  // namespace
}  // namespace amont
