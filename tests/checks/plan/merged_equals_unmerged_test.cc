// The planner's first promise: what it merges into one statement gives what each measure gives alone. Random
// tables and random checks, on every engine that runs here; all passes against none of them (proofs are off
// on both sides).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "checks/plan/planner.h"
#include "tests/checks/plan/live_source.h"

namespace amont {
namespace {

using testing::LiveSource;
using testing::Measured;

constexpr int kTables = 8;
constexpr int kChecks = 30;

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(engine_); }
  bool Chance(int percent) { return Below(100) < percent; }
  template <class T>
  const T& Of(const std::vector<T>& choices) {
    return choices[static_cast<size_t>(Below(static_cast<int>(choices.size())))];
  }

 private:
  std::mt19937 engine_;
};

// A cell of SQL, NULL one time in eight.
std::string Cell(Random& random, const std::string& text) { return random.Chance(12) ? "NULL" : text; }

std::string RandomTable(Random& random, const std::string& name) {
  std::string sql = fmt::format(
      "CREATE TABLE {} (id BIGINT, few INTEGER, amount DECIMAL(10,2), ratio DOUBLE PRECISION, word TEXT, "
      "\"Größe %\" TEXT,"
      " seen TIMESTAMP, on_day DATE, due_on DATE);\n",
      name);
  const int rows = random.Chance(15) ? random.Below(2) : 20 + random.Below(200);
  if (rows == 0) return sql;
  sql += fmt::format("INSERT INTO {} VALUES\n", name);
  for (int i = 0; i < rows; ++i) {
    const int day = 1 + random.Below(28);
    sql += fmt::format(
        "({}, {}, {}, {}, {}, {}, {}, {}, {}){}\n", Cell(random, std::to_string(i / 2)),
        Cell(random, std::to_string(random.Below(6))),
        Cell(random, fmt::format("{}.{:02}", random.Below(900) - 100, random.Below(100))),
        Cell(random, fmt::format("{}e{}", random.Below(1000) - 500, random.Below(5) - 2)),
        Cell(random, fmt::format("'{}'", std::string(static_cast<size_t>(random.Below(5)),
                                                     static_cast<char>('a' + random.Below(3))))),
        Cell(random, fmt::format("'g{}'", random.Below(9) / 2 * random.Below(3))),
        Cell(random, fmt::format("'2026-11-{:02} {:02}:00:00'", day, random.Below(24))),
        Cell(random, fmt::format("'2026-11-{:02}'", day)),
        Cell(random, fmt::format("'2026-11-{:02}'", 1 + random.Below(28))), i + 1 < rows ? "," : ";");
  }
  return sql;
}

Metric RandomMetric(Random& random) {
  const std::vector<std::string> any = {"id", "few", "amount", "ratio", "word", "Größe %", "seen", "on_day"};
  const std::vector<std::string> numbers = {"id", "few", "amount", "ratio"};
  switch (random.Below(10)) {
    case 0:
      return RowCount();
    case 1:
      return NullCount{random.Of(any)};
    case 2:
      return DistinctCount{random.Of(any)};
    case 3: {
      DuplicateCount duplicates{{random.Of(any)}};
      if (random.Chance(50)) duplicates.columns.push_back(random.Of(any));
      if (duplicates.columns.size() == 2 && duplicates.columns[0] == duplicates.columns[1])
        duplicates.columns.pop_back();
      return duplicates;
    }
    case 4:
      return Aggregate{
          random.Of<Aggregate::Function>({Aggregate::Function::kMean, Aggregate::Function::kSum,
                                          Aggregate::Function::kStddev, Aggregate::Function::kMin}),
          random.Of(numbers)};
    case 5:
      return Percentile{random.Of(numbers), random.Below(5) / 4.0};
    case 6:
      return OutsideAccepted{"few", {int64_t{0}, int64_t{1}, 2.0}};
    case 7:
      return PatternMismatch{random.Of<std::string>({"word", "Größe %"}), "^(a|b)+$|'"};
    case 8:
      return LengthOutside{"word", 1, 3};
    default:
      return NewestTimestamp{{random.Of<std::string>({"seen", "on_day"})}, TimeFormat::kNative};
  }
}

CheckPtr RandomCheck(Random& random, const std::shared_ptr<const Table>& table, int number) {
  Check check;
  check.id = fmt::format("{}:{}", table->name.Full(), number);
  check.table = table;
  check.measure.metric = RandomMetric(random);
  check.expectation = Between();
  const bool newest = std::holds_alternative<NewestTimestamp>(check.measure.metric);
  if (random.Chance(40))
    check.measure.where =
        random.Of<std::string>({"few < 3", "amount > 0 OR few IS NULL", "word LIKE 'a%' -- c"});
  if (random.Chance(25) && !newest) check.measure.per = RowCount();
  if (random.Chance(25)) check.measure.group_by = random.Of<std::string>({"few", "Größe %", "on_day"});
  if (!check.measure.group_by.empty()) check.groups_max = random.Of<int>({0, 2});
  if (random.Chance(20) && !newest) {
    const std::string column = random.Of<std::string>({"on_day", "due_on", "seen"});
    const Duration last =
        column == "seen" ? std::chrono::hours(6) : std::chrono::hours(24 * (1 + random.Below(3)));
    check.measure.window = Window{column, last, {}};
  }
  return std::make_shared<const Check>(std::move(check));
}

// Numbers within 1e-9 of each other, everything else as it prints.
bool Same(const Value& left, const Value& right) {
  const auto a = AsNumber(left);
  const auto b = AsNumber(right);
  if (a && b) return *a == *b || std::abs(*a - *b) <= 1e-9 * std::max(std::abs(*a), std::abs(*b));
  return KindName(left) == KindName(right) && StoredText(left) == StoredText(right);
}

class MergedEqualsUnmerged : public ::testing::TestWithParam<Engine> {};

TEST_P(MergedEqualsUnmerged, OnRandomTables) {
  const std::string missing = LiveSource::Unavailable(GetParam());
  if (!missing.empty()) GTEST_SKIP() << missing;
  const auto source = LiveSource::Create(GetParam());
  const char* seed = std::getenv("AMONT_TEST_SEED");  // another run of the dice
  Random random(seed != nullptr ? static_cast<uint32_t>(std::stoul(seed)) : 20261124);
  std::vector<CheckPtr> checks;
  std::vector<std::string> tables;
  std::string script;
  for (int i = 0; i < kTables; ++i) {
    auto table = std::make_shared<Table>();
    table->name = {"warehouse", "", fmt::format("t{}", i)};
    if (random.Chance(40))
      table->scope = random.Of<std::string>({"id > 3", "on_day >= {today} - 20 OR id IS NULL"});
    tables.push_back(table->name.table);
    script += RandomTable(random, table->name.table);
    if (random.Chance(50)) script += fmt::format("CREATE INDEX i{0} ON t{0} (seen);\n", i);
    for (int number = 0; number < kChecks; ++number) checks.push_back(RandomCheck(random, table, number));
  }
  source->Execute(script + "ANALYZE;");  // so that probes go along with scans
  const Catalog catalog = source->ReadCatalog(tables);
  PlanOptions options;
  options.now = *ParseTimestamp("2026-11-24T05:00:00Z");
  options.disabled = {"prove"};
  const Plan merged = MakePlan(checks, &catalog, source->dialect(), options);
  options.disabled = {"prove", "dedupe", "classify", "fold"};
  const Plan apart = MakePlan(checks, &catalog, source->dialect(), options);
  EXPECT_GT(apart.statements.size(), 5 * merged.statements.size()) << "nothing was merged";

  const Measured left = source->Measure(merged, checks, options);
  const Measured right = source->Measure(apart, checks, options);
  ASSERT_EQ(left.size(), right.size());
  auto other = right.begin();
  for (const auto& [key, value] : left) {
    EXPECT_EQ(key, other->first);
    EXPECT_TRUE(Same(value, other->second))
        << std::get<0>(key) << " " << ToString(std::get<1>(key)) << " " << std::get<2>(key) << ": "
        << StoredText(value) << " against " << StoredText(other->second);
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && text->starts_with("error")) ADD_FAILURE() << std::get<0>(key) << ": " << *text;
    ++other;
  }
  EXPECT_GT(left.size(), kTables * kChecks);
}

INSTANTIATE_TEST_SUITE_P(Engines, MergedEqualsUnmerged,
                         ::testing::Values(Engine::kPostgres, Engine::kDuckdb, Engine::kSqlite),
                         [](const auto& engine) { return std::string(ToString(engine.param)); });

}  // namespace
}  // namespace amont
