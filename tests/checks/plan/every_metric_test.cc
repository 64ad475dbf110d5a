// Every metric on every engine that runs here: the same small table, the same answers.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/checks/plan/live_source.h"
#include "tests/checks/plan/plan_case.h"

namespace amont {
namespace {

using testing::LiveSource;
using testing::Measured;
using testing::Text;

// "10.00", "10" and "10.0" are one number.
double Number(const std::string& text) {
  const auto number = AsNumber(Decimal{text});
  return number ? *number : std::nan("");
}

class EveryMetric : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    const std::string missing = LiveSource::Unavailable(GetParam());
    if (!missing.empty()) GTEST_SKIP() << missing;
    source_ = LiveSource::Create(GetParam());
    source_->Execute(R"sql(
      CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
      INSERT INTO customers VALUES (1, 'ann'), (2, 'bob');
      CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, amount DECIMAL(12,2), status TEXT, email TEXT,
                           placed_on DATE, updated_at TIMESTAMP, unix_s BIGINT, iso TEXT);
      INSERT INTO orders VALUES
        (1, 1, 10.00, 'paid', 'a@x', '2026-11-22', '2026-11-22 10:00:00', 1795341600, '2026-11-22T10:00:00Z'),
        (2, 1, 20.00, 'paid', 'b@x', '2026-11-23', '2026-11-23 10:00:00', 1795428000, '2026-11-23T11:00:00+01:00'),
        (3, 2, 30.00, 'open', NULL,  '2026-11-23', '2026-11-23 12:00:00', 1795435200, '2026-11-23T12:00:00Z'),
        (4, 9, 40.00, 'void', 'nope', '2026-11-24', '2026-11-24 04:00:00', 1795492800, '2026-11-24T04:00:00Z'),
        (5, NULL, NULL, NULL, 'a@x', '2026-11-30', '2026-11-30 00:00:00', 1795996800, '2026-11-30T00:00:00Z');
      CREATE TABLE blank (id INTEGER, amount DECIMAL(12,2), updated_at TIMESTAMP);
    )sql");
  }

  Measured Measure(const std::string& toml) {
    testing::PlanCase one;
    one.checks = testing::DeclareChecks("[defaults]\nsource = \"warehouse\"\n" + toml, GetParam());
    one.options.now = *ParseTimestamp("2026-11-24T05:00:00Z");
    one.options.disabled = disabled_;
    return source_->Measure(one.checks, one.options, {"customers"});
  }

  std::unique_ptr<LiveSource> source_;
  std::set<std::string> disabled_;
};

TEST_P(EveryMetric, CountsAndAggregates) {
  const Measured measured = Measure(R"(
[[table]]
name = "orders"
[table.volume]
min = 1
[table.columns.amount]
min = 0
max = 100
mean = { min = 1, max = 90 }
sum = { min = 1, max = 1000 }
stddev = { min = 1, max = 1000 }
percentile = { p = 0.5, max = 500 }
distinct = { min = 1, max = 1000 }
null_count = 3
null_ratio = "50%"
[table.columns.customer_id]
duplicates = 1
references = "customers.id"
[table.columns.status]
accepted = ["paid", "open"]
[table.columns.email]
pattern = { regex = "^[^@]+@[^@]+$", max_ratio = "50%" }
length = { min = 3, max = 3 }
duplicates = 5
)");
  const auto of = [&](const std::string& measure, Role role = Role::kValue) {
    return Text(measured, "warehouse/orders:" + measure, role);
  };
  EXPECT_EQ(of("volume"), "5");
  EXPECT_EQ(of("emptied"), "nothing") << "a volume bound covers it";
  EXPECT_EQ(Number(of("min(amount)")), 10);
  EXPECT_EQ(Number(of("max(amount)")), 40);
  EXPECT_EQ(Number(of("mean(amount)")), 25);
  EXPECT_EQ(Number(of("sum(amount)")), 100);
  EXPECT_EQ(of("stddev(amount)").substr(0, 8), "12.90994");
  EXPECT_EQ(Number(of("percentile(amount)")), 25);
  EXPECT_EQ(of("distinct(amount)"), "4");
  EXPECT_EQ(of("null_count(amount)"), "1");
  EXPECT_EQ(of("null_ratio(amount)"), "1");
  EXPECT_EQ(of("null_ratio(amount)", Role::kPer), "5");
  EXPECT_EQ(of("duplicates(customer_id)"), "1");
  EXPECT_EQ(of("duplicates(email)"), "1");
  EXPECT_EQ(of("references(customer_id)"), "1");
  EXPECT_EQ(of("references(customer_id)", Role::kRows), "5");
  EXPECT_EQ(of("accepted(status)"), "1");
  EXPECT_EQ(of("pattern(email)"), "1");
  EXPECT_EQ(of("pattern(email)", Role::kPer), "5");
  EXPECT_EQ(of("length(email)"), "1");
}

TEST_P(EveryMetric, NewestRowsByEveryType) {
  const Measured measured = Measure(R"(
[[table]]
name = "orders"
[[table.freshness]]
column = "updated_at"
fail_after = "3h"
[[table.freshness]]
name = "day"
column = ["no_such", "placed_on"]
fail_after = "3h"
[[table.freshness]]
name = "unix"
column = "unix_s"
format = "unix_s"
fail_after = "3h"
[[table.freshness]]
name = "iso"
column = "iso"
format = "iso"
fail_after = "3h"
[[table.freshness]]
name = "query"
value = "SELECT max(updated_at) FROM {table} WHERE updated_at < '2026-11-25'"
fail_after = "3h"
)");
  const auto of = [&](const std::string& name, Role role = Role::kValue) {
    return Text(measured, "warehouse/orders:freshness" + name, role);
  };
  EXPECT_EQ(of(""), "2026-11-24T04:00:00Z");
  EXPECT_EQ(of("", Role::kFuture), "2026-11-30T00:00:00Z");
  EXPECT_EQ(of("@day"), "2026-11-24") << "a day stays a day: the judge counts from its end";
  EXPECT_EQ(of("@day", Role::kFuture), "2026-11-30");
  EXPECT_EQ(of("@unix"), "2026-11-24T04:00:00Z");
  EXPECT_EQ(of("@iso"), "2026-11-24T04:00:00Z");
  EXPECT_EQ(of("@iso", Role::kFuture), "2026-11-30T00:00:00Z");
  EXPECT_EQ(of("@query"), "2026-11-24T04:00:00Z");
}

TEST_P(EveryMetric, AnEmptyTableGivesNullsAndZeros) {
  const Measured measured = Measure(R"(
[[table]]
name = "blank"
not_null = ["amount"]
[table.freshness]
column = "updated_at"
fail_after = "3h"
[table.columns.amount]
mean = { min = 1, max = 2 }
)");
  EXPECT_EQ(Text(measured, "warehouse/blank:freshness"), "NULL");
  EXPECT_EQ(Text(measured, "warehouse/blank:freshness", Role::kFuture), "NULL");
  EXPECT_EQ(Text(measured, "warehouse/blank:null_count(amount)"), "0");
  EXPECT_EQ(Text(measured, "warehouse/blank:mean(amount)"), "NULL");
  EXPECT_EQ(Text(measured, "warehouse/blank:mean(amount)", Role::kRows), "0");
}

TEST_P(EveryMetric, UsersQueriesAndFilters) {
  const Measured measured = Measure(R"(
[[table]]
name = "orders"
scope = "id < 5"
[[table.columns.amount.sum]]
name = "paid"
where = "status = 'paid' -- only these"
min = 1
max = 100
[[table.sql]]
name = "bad"
fail_rows = "SELECT * FROM {table} WHERE amount >= 20;"
[[table.sql]]
name = "one"
value = "SELECT count(*) FROM {table} WHERE placed_on <= {today}"
min = 1
[[table.sql]]
name = "none"
value = "SELECT amount FROM {table} WHERE id = 77"
min = 1
[[table.sql]]
name = "two-rows"
value = "SELECT amount FROM {table}"
min = 1
[[table.sql]]
name = "two-columns"
value = "SELECT 1, 2"
min = 1
)");
  const auto of = [&](const std::string& measure, Role role = Role::kValue) {
    return Text(measured, "warehouse/orders:" + measure, role);
  };
  EXPECT_EQ(Number(of("sum(amount)@paid")), 30);
  EXPECT_EQ(of("sum(amount)@paid", Role::kRows), "2");
  EXPECT_EQ(of("sql@bad"), "3");
  EXPECT_EQ(of("sql@bad", Role::kRows), "4") << "the table's rows within its scope";
  EXPECT_EQ(of("sql@one"), "4");
  EXPECT_EQ(of("sql@none"), "NULL");
  EXPECT_EQ(of("sql@two-rows"), "error: the query gives more than one row; a value is one row of one column");
  EXPECT_EQ(of("sql@two-columns"), "error: the query gives 2 columns; a value is one row of one");
}

TEST_P(EveryMetric, GroupsKeepTheLargestAndTheNamed) {
  source_->Execute(R"sql(
    CREATE TABLE visits (country TEXT, amount INTEGER);
    INSERT INTO visits VALUES ('FR', 1), ('FR', 2), ('FR', 3), ('DE', 4), ('DE', NULL), ('IT', 6), ('ES', 7),
                              (NULL, 8), ('PT', 9);
  )sql");
  const Measured measured = Measure(R"(
[[table]]
name = "visits"
[table.volume]
min = 1
group_by = "country"
max_groups = 2
groups = { PT = { min = 1 } }
[table.columns.amount]
mean = { min = 1, max = 100 , group_by = "country", max_groups = 2 }
)");
  const auto of = [&](const std::string& group, const std::string& measure = "volume",
                      Role role = Role::kValue) {
    return Text(measured, "warehouse/visits:" + measure, role, group);
  };
  EXPECT_EQ(of("FR"), "3");
  EXPECT_EQ(of("DE"), "2");
  EXPECT_EQ(of("PT"), "1") << "named groups keep their own line";
  EXPECT_EQ(of("(other)"), "2");
  EXPECT_EQ(of("(null)"), "1");
  EXPECT_EQ(of("FR", "mean(amount)").substr(0, 1), "2");
  EXPECT_EQ(of("DE", "mean(amount)", Role::kRows), "2");
}

TEST_P(EveryMetric, GroupsThatReadLikeOurNamesAreQuoted) {
  source_->Execute(R"sql(
    CREATE TABLE visits (country TEXT);
    INSERT INTO visits VALUES ('(null)'), ('(null)'), ('(null)'), (NULL), (NULL), ('(other)'), ('''(null)'''),
                              ('''(null)'''), ('''(null)'''), ('''(null)'''), ('x'), ('y'), ('y'), ('y'), ('y');
  )sql");
  const Measured measured = Measure(R"(
[[table]]
name = "visits"
[table.volume]
min = 1
group_by = "country"
max_groups = 3
groups = { "'(other)'" = { min = 1 } }
)");
  const auto of = [&](const std::string& group) {
    return Text(measured, "warehouse/visits:volume", Role::kValue, group);
  };
  EXPECT_EQ(of("(null)"), "2") << "NULL alone";
  EXPECT_EQ(of("'(null)'"), "3");
  EXPECT_EQ(of("''(null)''"), "4");
  EXPECT_EQ(of("'(other)'"), "1") << "named by its spelling";
  EXPECT_EQ(of("(other)"), "1") << "the rest alone";
}

TEST_P(EveryMetric, BisectingFindsTheGuiltySlot) {
  const Measured measured = Measure(R"(
[[table]]
name = "orders"
[[table.columns.amount.max]]
max = 100
[[table.columns.amount.max]]
name = "guilty"
where = "nonsense(id) > 1"
max = 100
[table.columns.id]
max = 100
[table.columns.status]
accepted = ["paid"]
)");
  EXPECT_EQ(Number(Text(measured, "warehouse/orders:max(amount)")), 40);
  EXPECT_EQ(Text(measured, "warehouse/orders:max(id)"), "5");
  EXPECT_EQ(Text(measured, "warehouse/orders:accepted(status)"), "2");
  EXPECT_TRUE(Text(measured, "warehouse/orders:max(amount)@guilty").starts_with("error: "));
}

INSTANTIATE_TEST_SUITE_P(Engines, EveryMetric,
                         ::testing::Values(Engine::kPostgres, Engine::kDuckdb, Engine::kSqlite),
                         [](const auto& engine) { return std::string(ToString(engine.param)); });

}  // namespace
}  // namespace amont
