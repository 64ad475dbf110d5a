// From rows to measurements: slots by alias, times to instants, and what is missing said.

#include <gtest/gtest.h>

#include "checks/plan/planner.h"

namespace amont {
namespace {

Timestamp At(const std::string& text) {
  const auto at = ParseTimestamp(text);
  EXPECT_TRUE(at) << text;
  return at ? *at : Timestamp();
}

class Answers : public ::testing::Test {
 protected:
  Answers() {
    const auto paris = Zone::Load("Europe/Paris");
    EXPECT_TRUE(paris);
    auto table = std::make_shared<Table>();
    if (paris) table->zone = *paris;
    Check check;
    check.table = table;
    checks_ = {std::make_shared<const Check>(check)};
    options_.now = At("2026-10-25T01:10:00Z");
    slot_.alias = "m1";
    slot_.is_time = true;
    slot_.uses = {{0, Role::kValue}};
  }

  Measurement Read(const Rows& rows) {
    Statement statement;
    statement.slots = {slot_};
    const std::vector<Answer> answers = ReadAnswers(statement, rows, checks_, options_);
    EXPECT_EQ(answers.size(), 1u);
    return answers.empty() ? Measurement() : answers[0].measurement;
  }
  std::string Time(const Value& value) {
    const Measurement measurement = Read({{"now", "m1"}, {{options_.now, value}}});
    return measurement.error ? "error: " + measurement.error->message : StoredText(measurement.value);
  }

  std::vector<CheckPtr> checks_;
  PlanOptions options_;
  Slot slot_;
};

TEST_F(Answers, NaiveTimesAreTheLatestInstantNotAfterNow) {
  const auto local = [](const std::string& text) { return LocalTime(At(text).time_since_epoch()); };
  EXPECT_EQ(Time(local("2026-10-25T12:00:00")), "2026-10-25T11:00:00Z");
  EXPECT_EQ(Time(local("2026-10-25T02:05:00")), "2026-10-25T01:05:00Z") << "the second pass of the hour";
  EXPECT_EQ(Time(local("2026-10-25T02:30:00")), "2026-10-25T00:30:00Z") << "the second pass is still to come";
  EXPECT_EQ(Time(std::string("2026-10-24 12:00:00.5")), "2026-10-24T10:00:00.5Z");
}

TEST_F(Answers, DaysStayDays) {
  EXPECT_EQ(Time(Value(std::chrono::floor<std::chrono::days>(At("2026-10-24T00:00:00Z")))), "2026-10-24");
  EXPECT_EQ(Read({{"m1"}, {{std::string("2026-10-25")}}}).value,
            Value(std::chrono::floor<std::chrono::days>(At("2026-10-25T00:00:00Z"))));
}

TEST_F(Answers, EpochsAndTextsAreRead) {
  EXPECT_EQ(Time(std::string("2026-10-24T12:00:00+02:00")), "2026-10-24T10:00:00Z");
  EXPECT_EQ(Time(At("2026-10-24T12:00:00Z")), "2026-10-24T12:00:00Z");
  EXPECT_EQ(Time(std::string("soon")), "error: the newest value is not a time");
  EXPECT_EQ(Time(int64_t{5}), "error: the newest value is not a time but integer");
  EXPECT_EQ(Time(Value()), "");
  slot_.format = TimeFormat::kUnixSeconds;
  EXPECT_EQ(Time(int64_t{1764000000}), "2025-11-24T16:00:00Z");
  EXPECT_EQ(Time(1764000000.5), "2025-11-24T16:00:00.5Z");
  slot_.format = TimeFormat::kUnixMillis;
  EXPECT_EQ(Time(Decimal{"1764000000500"}), "2025-11-24T16:00:00.5Z");
  EXPECT_EQ(Time(1e300), "error: a time is out of range");
}

TEST_F(Answers, InfinityIsLaterThanAnything) {
  EXPECT_EQ(Read({{"m1"}, {{std::string("infinity")}}}).value, Value(Timestamp::max()));
}

TEST_F(Answers, TheEnginesClockStandsBesideTheAnswer) {
  EXPECT_EQ(Read({{"m1", "now"}, {{Value(), At("2026-10-25T01:12:00Z")}}}).source_now,
            At("2026-10-25T01:12:00Z"));
  EXPECT_EQ(Read({{"m1", "now"}, {{Value(), std::string("2026-10-25T01:12:00.123Z")}}}).source_now,
            At("2026-10-25T01:12:00.123Z"));
  EXPECT_EQ(Read({{"m1"}, {{Value()}}}).source_now, options_.now);
  options_.as_of = true;
  EXPECT_EQ(Read({{"m1", "now"}, {{Value(), At("2026-10-25T01:12:00Z")}}}).source_now, options_.now);
}

TEST_F(Answers, WhatIsNotInTheResultIsAnError) {
  slot_.is_time = false;
  EXPECT_TRUE(Read({{"m2"}, {{int64_t{1}}}}).error);
  EXPECT_TRUE(Read({{"m1"}, {}}).error);
  EXPECT_TRUE(Read({{"m1"}, {{int64_t{1}}, {int64_t{2}}}}).error);
  EXPECT_EQ(Read({{"m0", "m1"}, {{int64_t{1}, int64_t{2}}}}).value, Value(int64_t{2}))
      << "by alias, never by position";
}

}  // namespace
}  // namespace amont
