#include "checks/expectation.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

using namespace std::chrono_literals;

Bounds B(Value min, Value max) { return Bounds{std::move(min), std::move(max)}; }
Value I(int64_t integer) { return integer; }

TEST(ExpectationText, OfBounds) {
  EXPECT_EQ(ToText(Between{B(I(1000), {}), B(I(5000), {}), {}}), "at least 1,000 (warn: at least 5,000)");
  EXPECT_EQ(ToText(Between{B({}, I(5)), {}, {}}), "at most 5");
  EXPECT_EQ(ToText(Between{B(I(0), 2.5), {}, {}}), "between 0 and 2.5");
  EXPECT_EQ(ToText(Between{B(I(7), I(7)), {}, {}}), "exactly 7");
  EXPECT_EQ(ToText(Between{{}, B({}, I(3)), {}}), "at most 3");
  EXPECT_EQ(ToText(Between{}), "anything");
  EXPECT_EQ(ToText(Between{B(Date(2001y / 1 / 1), {}), {}, {}}), "at least 2001-01-01");
}

TEST(ExpectationText, OfRatiosIsInPercent) {
  EXPECT_EQ(ToText(Between{B({}, 0.01), B({}, 0.001), {}, true}), "at most 1% (warn: at most 0.1%)");
  EXPECT_EQ(ToText(Between{B({}, 0.07), {}, {}, true}), "at most 7%");
  EXPECT_EQ(ToText(Between{B({}, 0.0), {}, {}, true}), "at most 0%");
}

TEST(ExpectationText, NamesGroupsWithBoundsOfTheirOwn) {
  EXPECT_EQ(ToText(Between{B(I(1), {}), {}, {{"FR", B(I(10), {})}}}), "at least 1; FR at least 10");
  EXPECT_EQ(ToText(Between{{}, {}, {{"FR", B(I(10), {})}}}), "FR at least 10");
}

TEST(ExpectationText, OfAgesAndDeadlines) {
  EXPECT_EQ(ToText(MaxAge{1h, 26h}), "at most 26 h old (warn: at most 1 h old)");
  EXPECT_EQ(ToText(MaxAge{1h, std::nullopt}), "at most 1 h old");
  const auto deadline = Schedule::Parse("0 7 * * * Europe/Paris", Zone());
  ASSERT_TRUE(deadline);
  EXPECT_EQ(ToText(ArrivedBy{*deadline, 0s, std::nullopt}), "by 0 7 * * * Europe/Paris, rows of that day");
  EXPECT_EQ(ToText(ArrivedBy{*deadline, 15min, 18h}),
            "by 0 7 * * * Europe/Paris plus 15 min, rows of the last 18 h before it");
}

TEST(ExpectationText, OfChanges) {
  EXPECT_EQ(ToText(ChangeWithin{24h, {-0.3, 0.5}, {}}), "change against 24 h before: between -30% and +50%");
  EXPECT_EQ(ToText(ChangeWithin{24h, {std::nullopt, 0.5}, {std::nullopt, 0.1}}),
            "change against 24 h before: at most +50% (warn: at most +10%)");
  EXPECT_EQ(ToText(ChangeWithin{24h, {-5.0, std::nullopt, false}, {}}),
            "change against 24 h before: at least -5");
}

TEST(ExpectationText, OfColumns) {
  const ColumnsMatch match{ColumnsMatch::Mode::kContains,
                           {{"id", ParseColumnType("bigint"), false}, {"note", std::nullopt, true}},
                           {"*_ssn"}};
  EXPECT_EQ(ToText(match), "columns contain id bigint not null, note nullable; no column like *_ssn");
  EXPECT_EQ(ToText(ColumnsMatch{ColumnsMatch::Mode::kExact, {{"a", {}, {}}}, {}}), "columns are exactly a");
  EXPECT_EQ(ToText(ColumnsMatch{ColumnsMatch::Mode::kOrdered, {{"a", {}, {}}}, {}}),
            "columns are, in order, a");
  EXPECT_EQ(ToText(ColumnsMatch{ColumnsMatch::Mode::kContains, {}, {"x*"}}), "no column like x*");
  EXPECT_EQ(ToText(NoDrift{true, std::nullopt}), "columns as last accepted");
  EXPECT_EQ(ToText(NoDrift{false, std::chrono::days(2)}),
            "columns as last accepted, or unchanged for 2 days");
  EXPECT_EQ(ToText(Exists{{"a", "b"}}), "exists with a, b");
  EXPECT_EQ(ToText(Exists{}), "exists");
  EXPECT_EQ(ToText(NotEmptied{}), "not emptied");
}

}  // namespace
}  // namespace amont
