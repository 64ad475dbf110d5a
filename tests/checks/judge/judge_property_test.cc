// The judge is pure and total: whatever was measured and remembered, it answers, the same each time, and
// keeps the promises that hold for every rule. Seeds are fixed; a failure names its own.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <set>

#include "checks/judge/judge.h"

namespace amont {
namespace {

constexpr int kRounds = 10'000;

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  int64_t Roll(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine_);
  }
  bool Chance(int percent) { return Roll(1, 100) <= percent; }
  template <class T>
  T OneOf(const std::vector<T>& all) {
    return all[static_cast<size_t>(Roll(0, static_cast<int64_t>(all.size()) - 1))];
  }
  template <class T>
  void Shuffle(std::vector<T>& all) {
    std::shuffle(all.begin(), all.end(), engine_);
  }

 private:
  std::mt19937_64 engine_;
};

const Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + std::chrono::hours(6);

Timestamp AnyInstant(Dice& dice) {
  if (dice.Chance(4)) return dice.OneOf<Timestamp>({Timestamp::min(), Timestamp::max(), Timestamp{}});
  return kNow + std::chrono::minutes(dice.Roll(-60'000, 500));
}

Value AnyValue(Dice& dice) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch (dice.Roll(0, 11)) {
    case 0:
      return {};
    case 1:
      return dice.Chance(50);
    case 2:
    case 3:
      return dice.Roll(-3, 50);
    case 4:
      return dice.OneOf<int64_t>({INT64_MIN, INT64_MAX, INT64_MAX - 1, 0, 1});
    case 5:
      return static_cast<double>(dice.Roll(-1000, 1000)) / 7;
    case 6:
      return dice.OneOf<double>(
          {kInfinity, -kInfinity, std::nan(""), 0.0, -0.0, 1e300, 5e-324, 9223372036854775808.0});
    case 7:
      return Decimal{dice.OneOf<std::string>(
          {"0", "12.50", "-0.00", "9223372036854775808", "NaN", "", "-", "1e5", "x"})};
    case 8:
      return AnyInstant(dice);
    case 9:
      return LocalTime(AnyInstant(dice).time_since_epoch());
    case 10:
      return DayOf(kNow) + std::chrono::days(dice.Roll(-40, 3));
    default:
      return dice.OneOf<std::string>(
          {"", "x", "2026-11-23", "2026-11-23 05:00:00", "2026-10-25T02:30:00", "\xff\n", "12"});
  }
}

Duration AnySpan(Dice& dice) {
  return dice.OneOf<Duration>({std::chrono::seconds(1), std::chrono::hours(1), std::chrono::hours(26),
                               std::chrono::days(1), std::chrono::days(7), std::chrono::days(10'000)});
}

Bounds AnyBounds(Dice& dice) {
  return {dice.Chance(60) ? AnyValue(dice) : Value(), dice.Chance(60) ? AnyValue(dice) : Value()};
}

ChangeBounds AnyChange(Dice& dice) {
  ChangeBounds bounds;
  if (dice.Chance(60)) bounds.min = static_cast<double>(dice.Roll(-10, 2)) / 10;
  if (dice.Chance(60)) bounds.max = static_cast<double>(dice.Roll(-2, 10)) / 10;
  bounds.relative = dice.Chance(70);
  return bounds;
}

Metric AnyMetric(Dice& dice) {
  using Function = Aggregate::Function;
  return dice.OneOf<Metric>({RowCount{}, RowCount{}, NewestTimestamp{{"t", "u"}, TimeFormat::kNative},
                             NullCount{"c"}, DistinctCount{"c"}, DuplicateCount{{"c", "d"}},
                             Aggregate{Function::kMax, "c"}, Aggregate{Function::kMean, "c"},
                             Percentile{"c", 0.5}, OutsideAccepted{"c", {}}, PatternMismatch{"c", "^a"},
                             LengthOutside{"c", 1, {}}, Orphans{"c", {"s", "", "t"}, "id"}, Columns{},
                             ChangeMark{}, CustomValue{"SELECT 1"}, FailRows{"SELECT 1"}});
}

std::vector<CatalogColumn> AnyColumns(Dice& dice) {
  std::vector<CatalogColumn> columns;
  for (const char* name : {"a", "b", "c"}) {
    if (dice.Chance(40)) continue;
    CatalogColumn column;
    column.name = name;
    column.type = ParseColumnType(dice.Chance(50) ? "bigint" : "text");
    column.nullable = dice.Chance(50);
    columns.push_back(column);
  }
  dice.Shuffle(columns);
  return columns;
}

Expectation AnyExpectation(Dice& dice) {
  static const Schedule kDaily = Schedule::Parse("0 7 * * *", Zone()).value();
  static const Schedule kHourly = Schedule::Parse("30m", Zone()).value();
  const auto future =
      dice.OneOf<FuturePolicy>({FuturePolicy::kIgnore, FuturePolicy::kWarn, FuturePolicy::kFail});
  switch (dice.Roll(0, 7)) {
    case 0: {
      Between between{AnyBounds(dice), AnyBounds(dice), {}, dice.Chance(20)};
      if (dice.Chance(20)) between.groups["A"] = AnyBounds(dice);
      return between;
    }
    case 1: {
      MaxAge age;
      if (dice.Chance(70)) age.fail = AnySpan(dice);
      if (dice.Chance(50)) age.warn = AnySpan(dice);
      age.future = future;
      return age;
    }
    case 2: {
      ArrivedBy arrived;
      arrived.deadline = dice.Chance(70) ? kDaily : kHourly;
      if (dice.Chance(50)) arrived.grace = AnySpan(dice);
      if (dice.Chance(50)) arrived.since = AnySpan(dice);
      arrived.future = future;
      return arrived;
    }
    case 3:
      return ChangeWithin{AnySpan(dice), AnyChange(dice), AnyChange(dice)};
    case 4: {
      ColumnsMatch match;
      match.mode = dice.OneOf<ColumnsMatch::Mode>(
          {ColumnsMatch::Mode::kContains, ColumnsMatch::Mode::kExact, ColumnsMatch::Mode::kOrdered});
      for (const CatalogColumn& column : AnyColumns(dice))
        match.columns.push_back({column.name, column.type, {}});
      if (dice.Chance(30)) match.forbid.emplace_back("c*");
      return match;
    }
    case 5: {
      NoDrift drift;
      drift.fail = dice.Chance(50);
      if (dice.Chance(50)) drift.drift_for = AnySpan(dice);
      return drift;
    }
    case 6:
      return Exists{{"a", "b"}};
    default:
      return NotEmptied{};
  }
}

struct World {
  std::shared_ptr<Table> table = std::make_shared<Table>();
  std::shared_ptr<Check> check = std::make_shared<Check>();
  CatalogTable facts;
  std::vector<Measurement> measurements;
  History history;
  Timestamp now = kNow;
};

void MeasureGroup(Dice& dice, World& world, const std::string& group) {
  std::set<Role> roles = {Role::kValue};
  for (const Role role : {Role::kPer, Role::kRows, Role::kFuture, Role::kReference}) {
    if (dice.Chance(40)) roles.insert(role);
  }
  if (dice.Chance(5)) roles.erase(Role::kValue);
  for (const Role role : roles) {
    Measurement measurement;
    measurement.role = role;
    measurement.group = group;
    measurement.at = measurement.source_now = world.now;
    measurement.value = role == Role::kRows ? Value(dice.Roll(0, 3)) : AnyValue(dice);
    if (dice.Chance(2)) measurement.error = MakeError(ErrorCode::kTimeout, "statement timed out");
    if (dice.Chance(80)) measurement.facts = &world.facts;
    if (world.check->measure.window) measurement.window_to = kNow - std::chrono::hours(6);
    world.measurements.push_back(std::move(measurement));
  }
}

void Remember(Dice& dice, World& world, const std::vector<std::string>& groups) {
  const int64_t points = dice.Roll(0, 6);
  for (int64_t i = 0; i < points; ++i) {
    PastPoint point;
    point.at = AnyInstant(dice);
    point.group = dice.OneOf(groups);
    point.value = AnyValue(dice);
    point.status =
        dice.OneOf<Status>({Status::kPass, Status::kWarn, Status::kFail, Status::kLearning, Status::kNoData});
    point.mark = dice.OneOf<std::string>({"", "1.1/5", "1.1/6", "2.1/5", "x", "/"});
    if (dice.Chance(30)) point.window_to = point.at;
    point.accepted = dice.Chance(20);
    world.history.points.push_back(std::move(point));
  }
  std::sort(world.history.points.begin(), world.history.points.end(),
            [](const PastPoint& left, const PastPoint& right) { return left.at < right.at; });
  if (dice.Chance(50)) world.history.accepted = AcceptedSchema{AnyColumns(dice), AnyInstant(dice)};
  if (dice.Chance(50)) world.history.pending = PendingSchema{AnyColumns(dice), AnyInstant(dice)};
}

World AnyWorld(uint64_t seed) {
  Dice dice(seed);
  World world;
  static const Zone kParis = Zone::Load("Europe/Paris").value();
  static const auto kBusiness = std::make_shared<const Calendar>(
      Calendar{"business", kParis, ParseWeekdays("mon-fri").value(), {DayOf(kNow) - std::chrono::days(7)}});
  world.table->name = {"src", "mart", "orders"};
  if (dice.Chance(50)) world.table->zone = kParis;
  if (dice.Chance(30)) world.table->calendar = kBusiness;
  Check& check = *world.check;
  check.id = "src/mart.orders:x";
  check.measure.metric = AnyMetric(dice);
  if (dice.Chance(20)) check.measure.per = RowCount{};
  if (dice.Chance(20)) check.measure.window = Window{"t", AnySpan(dice), {}};
  check.expectation = AnyExpectation(dice);
  check.on_empty = dice.OneOf<Status>({Status::kNoData, Status::kFail, Status::kWarn, Status::kPass});
  world.facts.columns = AnyColumns(dice);
  world.facts.change_mark = dice.OneOf<std::string>({"", "1.1/5", "1.1/6", "2.1/5", "x", "//"});
  if (dice.Chance(5)) world.facts.read_error = "cut short";
  if (dice.Chance(3)) world.now = AnyInstant(dice);
  std::vector<std::string> groups = {""};
  if (dice.Chance(30)) {
    check.measure.group_by = "country";
    groups = {"", "A", "B", "(other)", "(null)"};
    if (dice.Chance(50)) check.groups_expected = {"A", "Z"};
  }
  for (const std::string& group : groups) {
    if (dice.Chance(85)) MeasureGroup(dice, world, group);
  }
  Remember(dice, world, groups);
  world.check->table = world.table;
  return world;
}

Verdict JudgeWorld(const World& world) {
  return Judge(world.check, world.measurements, world.history, world.now);
}

std::string TextOf(const Verdict& verdict) {
  std::string text = fmt::format("{}|{}|{} {}|{}|{}|{}", ToString(verdict.status), verdict.sentence,
                                 KindName(verdict.observed), StoredText(verdict.observed), verdict.group,
                                 verdict.mark, verdict.deadline ? FormatTimestamp(*verdict.deadline) : "");
  for (const GroupVerdict& group : verdict.groups) {
    text += fmt::format("\n{} {} {}", group.group, ToString(group.status), group.sentence);
  }
  return text;
}

bool HasError(const World& world) {
  return std::any_of(world.measurements.begin(), world.measurements.end(),
                     [](const Measurement& measurement) {
                       return measurement.error && measurement.role != Role::kReference;
                     });
}

template <class Fn>
void ForEveryWorld(Fn fn) {
  for (uint64_t seed = 1; seed <= kRounds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const World world = AnyWorld(seed);
    fn(seed, world, JudgeWorld(world));
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(JudgeProperty, AnswersTheSameWhateverTheOrderOfTheMeasurements) {
  ForEveryWorld([](uint64_t seed, World world, const Verdict& verdict) {
    EXPECT_EQ(TextOf(verdict), TextOf(JudgeWorld(world)));
    // Of several errors the first is said.
    if (HasError(world)) return;
    Dice dice(seed);
    dice.Shuffle(world.measurements);
    EXPECT_EQ(TextOf(verdict), TextOf(JudgeWorld(world)));
  });
}

TEST(JudgeProperty, SaysOneLineThatIsNotEmpty) {
  ForEveryWorld([](uint64_t, const World&, const Verdict& verdict) {
    EXPECT_FALSE(verdict.sentence.empty());
    EXPECT_EQ(verdict.sentence.find('\n'), std::string::npos) << verdict.sentence;
  });
}

TEST(JudgeProperty, WhatCouldNotBeMeasuredIsAnErrorAndHasNoValue) {
  ForEveryWorld([](uint64_t, const World& world, const Verdict& verdict) {
    if (HasError(world)) {
      EXPECT_EQ(verdict.status, Status::kError);
      EXPECT_TRUE(IsNull(verdict.observed));
    }
    EXPECT_EQ(verdict.status == Status::kError, verdict.error.has_value());
    EXPECT_FALSE(verdict.status == Status::kError && verdict.accept_schema);
  });
}

TEST(JudgeProperty, TheWorstGroupSpeaksForTheCheck) {
  ForEveryWorld([](uint64_t, const World&, const Verdict& verdict) {
    if (verdict.groups.empty()) return;
    Status worst = Status::kPass;
    bool named = false;
    for (const GroupVerdict& group : verdict.groups) {
      worst = std::max(worst, group.status);
      named |= group.group == verdict.group && group.status == verdict.status;
    }
    EXPECT_EQ(verdict.status, worst);
    EXPECT_TRUE(named);
  });
}

TEST(JudgeProperty, OfEquallyBadGroupsTheOneFurthestOutsideItsBoundSpeaks) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Dice dice(seed);
    World world;
    world.check->table = world.table;
    world.check->measure.metric = RowCount{};
    world.check->measure.group_by = "country";
    Between between;
    between.fail.min = dice.Roll(1, 1000);
    std::map<std::string, double> outside;
    for (const std::string group : {"A", "B", "C", "D"}) {
      const int64_t own = dice.Chance(50) ? dice.Roll(1, 1000) : *AsInteger(between.fail.min);
      between.groups[group].min = own;
      Measurement measurement;
      measurement.group = group;
      measurement.at = measurement.source_now = world.now;
      measurement.value = dice.Roll(0, own - 1);
      outside[group] = 1 - *AsNumber(measurement.value) / static_cast<double>(own);
      world.measurements.push_back(std::move(measurement));
    }
    world.check->expectation = between;
    const Verdict verdict = JudgeWorld(world);
    ASSERT_EQ(verdict.status, Status::kFail);
    for (const auto& [group, by] : outside) EXPECT_GE(outside[verdict.group] + 1e-9, by) << group;
  }
}

TEST(JudgeProperty, NoRowsExaminedAreJudgedByOnEmptyAlone) {
  ForEveryWorld([](uint64_t, const World& world, const Verdict& verdict) {
    const Check& check = *world.check;
    const bool bounded = std::holds_alternative<Between>(check.expectation) ||
                         std::holds_alternative<ChangeWithin>(check.expectation);
    const bool counts_rows = std::holds_alternative<RowCount>(check.measure.metric) && !check.measure.per;
    if (!bounded || counts_rows || !check.measure.group_by.empty() || HasError(world)) return;
    bool no_rows = false;
    bool has_value = false;
    for (const Measurement& measurement : world.measurements) {
      no_rows |= measurement.role == Role::kRows && measurement.value == Value(int64_t{0});
      has_value |= measurement.role == Role::kValue;
    }
    if (!no_rows || !has_value) return;
    EXPECT_EQ(verdict.status, check.on_empty) << verdict.sentence;
  });
}

TEST(JudgeProperty, ZeroRowsPassOnlyWhereThatWasDeclared) {
  ForEveryWorld([](uint64_t, const World& world, const Verdict& verdict) {
    const Check& check = *world.check;
    const auto* between = std::get_if<Between>(&check.expectation);
    if (between == nullptr || verdict.status != Status::kPass || check.on_empty == Status::kPass) return;
    if (!std::holds_alternative<RowCount>(check.measure.metric) || check.measure.per) return;
    if (!check.measure.group_by.empty() || AsNumber(verdict.observed) != 0.0) return;
    const auto admits = [](const Bounds& bounds) {
      return AsNumber(bounds.min).value_or(1) <= 0 || AsNumber(bounds.max) == 0.0;
    };
    EXPECT_TRUE(admits(between->fail) || admits(between->warn)) << verdict.sentence;
  });
}

TEST(JudgeProperty, OnlyWhatComparesWithThePastLearns) {
  ForEveryWorld([](uint64_t, const World& world, const Verdict& verdict) {
    if (verdict.status != Status::kLearning) return;
    const Check& check = *world.check;
    EXPECT_TRUE(std::holds_alternative<ChangeWithin>(check.expectation) ||
                std::holds_alternative<NoDrift>(check.expectation) ||
                std::holds_alternative<ChangeMark>(check.measure.metric));
  });
}

TEST(JudgeProperty, WithoutAPastNothingIsBlamedOnIt) {
  ForEveryWorld([](uint64_t, World world, const Verdict&) {
    world.history = History{};
    std::erase_if(world.measurements, [](const Measurement& one) { return one.role == Role::kReference; });
    const Check& check = *world.check;
    const bool compares = std::holds_alternative<NotEmptied>(check.expectation) ||
                          std::holds_alternative<NoDrift>(check.expectation);
    const Verdict verdict = JudgeWorld(world);
    const bool bad = verdict.status == Status::kFail || verdict.status == Status::kWarn;
    const bool blames_empty = check.on_empty == Status::kFail || check.on_empty == Status::kWarn;
    EXPECT_FALSE(compares && !blames_empty && bad);
  });
}

TEST(JudgeProperty, AnUngroupedCheckDoesNotLookAtGroupsOfThePast) {
  ForEveryWorld([](uint64_t, World world, const Verdict& verdict) {
    if (!world.check->measure.group_by.empty()) return;
    PastPoint other;
    other.at = kNow - std::chrono::days(7);
    other.group = "another";
    other.value = int64_t{123'456};
    other.mark = "9.9/9";
    world.history.points.push_back(other);
    EXPECT_EQ(TextOf(verdict), TextOf(JudgeWorld(world)));
  });
}

TEST(JudgeProperty, ANewerRowIsNeverWorse) {
  ForEveryWorld([](uint64_t, const World& world, const Verdict&) {
    if (!std::holds_alternative<MaxAge>(world.check->expectation)) return;
    world.check->measure = Measure{NewestTimestamp{{"t"}, TimeFormat::kNative}, {}, "", {}, ""};
    Status before = Status::kFail;
    for (int hours = 24 * 40; hours >= 0; hours -= 31) {
      Measurement measurement;
      measurement.value = world.now - std::chrono::hours(hours);
      measurement.source_now = world.now;
      const Status status = Judge(world.check, std::vector{measurement}, {}, world.now).status;
      EXPECT_LE(status, before) << hours;
      before = status;
    }
  });
}

}  // namespace
}  // namespace amont
