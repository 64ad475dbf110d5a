// --as-of on every engine that runs here: each statement, the user's own too, reads what was there then.

#include <gtest/gtest.h>

#include "tests/checks/plan/live_source.h"
#include "tests/checks/plan/plan_case.h"

namespace amont {
namespace {

using testing::LiveSource;
using testing::Measured;
using testing::Text;

class AsOfRun : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    const std::string missing = LiveSource::Unavailable(GetParam());
    if (!missing.empty()) GTEST_SKIP() << missing;
    source_ = LiveSource::Create(GetParam());
    source_->Execute(R"sql(
      CREATE TABLE orders (id INTEGER, parent INTEGER, amount INTEGER, status TEXT, created TIMESTAMP, updated TIMESTAMP);
      INSERT INTO orders VALUES
        (1, NULL, 10, 'paid', '2026-11-22 10:00:00', '2026-11-22 10:00:00'),
        (2, 1,    20, 'open', '2026-11-23 10:00:00', '2026-11-24 10:00:00'),
        (3, 2,    30, 'void', '2026-11-23 12:00:00', '2026-11-23 12:00:00'),
        (4, 9,    40, 'odd',  NULL,                  NULL);
      CREATE TABLE customers (id INTEGER); INSERT INTO customers VALUES (1), (2);
    )sql");
  }

  testing::PlanCase Declare(const std::string& toml, const Zone& zone = {}) {
    testing::PlanCase one;
    one.checks = testing::DeclareChecks("[defaults]\nsource = \"warehouse\"\n" + toml, GetParam(), zone);
    one.options.now = *ParseTimestamp(as_of_);
    one.options.as_of = true;
    return one;
  }
  Measured Measure(const std::string& toml, const Zone& zone = {}) {
    const testing::PlanCase one = Declare(toml, zone);
    return source_->Measure(one.checks, one.options);
  }

  std::unique_ptr<LiveSource> source_;
  std::string as_of_ = "2026-11-23T11:00:00Z";
};

constexpr const char* kOrders = R"toml(
[[table]]
name = "orders"
[table.freshness]
column = "created"
fail_after = "3h"
)toml";

TEST_P(AsOfRun, ReadsThePastAndWhatHasNoTime) {
  const Measured measured = Measure(std::string(kOrders) + R"toml(
[table.volume]
min = 1
[table.columns.created]
null_count = 0
)toml");
  EXPECT_EQ(Text(measured, "warehouse/orders:volume"), "3");
  EXPECT_EQ(Text(measured, "warehouse/orders:null_count(created)"), "1");
  EXPECT_EQ(Text(measured, "warehouse/orders:freshness"), "2026-11-23T10:00:00Z");
  EXPECT_FALSE(measured.contains({"warehouse/orders:freshness", Role::kFuture, ""})) << "the cut leaves none";
}

TEST_P(AsOfRun, ReachesTheUsersOwnSqlHoweverItNamesTheTable) {
  const std::pair<const char*, const char*> queries[] = {
      {"SELECT count(*) FROM {table}", "3"},
      {"SELECT sum(amount) FROM {table} WHERE orders.amount < 40;", "30"},
      {"SELECT sum(t.amount) FROM {table} AS t", "70"},
      {"SELECT count(*) FROM {table} t JOIN {table} p ON p.id = t.parent", "1"},
      {"SELECT count(*) FROM customers JOIN {table} USING (id)", "2"},
      {"SELECT max({table}.amount) FROM {table} WHERE {table}.id < 4", "20"},
      {"WITH big AS (SELECT * FROM {table} WHERE amount > 10) SELECT count(*) FROM big", "2"},
      {"SELECT count(*) FROM (SELECT id FROM {table} UNION ALL SELECT id FROM {table}) AS twice", "6"},
  };
  std::string toml = kOrders;
  int number = 0;
  for (const auto& [sql, expected] : queries) {
    toml += "[[table.sql]]\nname = \"q" + std::to_string(++number) + "\"\nvalue = \"" + sql + "\"\nmin = 0\n";
  }
  const Measured measured = Measure(toml);
  number = 0;
  for (const auto& [sql, expected] : queries) {
    EXPECT_EQ(Text(measured, "warehouse/orders:sql@q" + std::to_string(++number)), expected) << sql;
  }
}

TEST_P(AsOfRun, ReachesFailRowsTheirRowsAndConditions) {
  const Measured measured = Measure(std::string(kOrders) + R"toml(
[[table.sql]]
name = "odd"
fail_rows = "SELECT * FROM {table} WHERE amount >= 20"
[table.columns.amount]
max = { max = 100, where = "amount < (SELECT max(amount) FROM {table}) AND {table}.id > 0" }
[table.volume]
group_by = "status"
where = "id IN (SELECT id FROM {table})"
min = 1
)toml");
  EXPECT_EQ(Text(measured, "warehouse/orders:sql@odd"), "2");
  EXPECT_EQ(Text(measured, "warehouse/orders:sql@odd", Role::kRows), "3");
  EXPECT_EQ(Text(measured, "warehouse/orders:max(amount)"), "20") << "below 40: 30 came later";
  EXPECT_EQ(Text(measured, "warehouse/orders:volume", Role::kValue, "open"), "1");
  EXPECT_FALSE(measured.contains({"warehouse/orders:volume", Role::kValue, "void"}));
}

TEST_P(AsOfRun, SamplesAreRowsOfThatTimeToo) {
  testing::PlanCase one = Declare(R"toml(
[[table]]
name = "orders"
[[table.sql]]
name = "odd"
fail_rows = "SELECT id FROM {table} WHERE amount >= 20 AND amount < 40"
samples = 5
[table.columns.status]
accepted = { values = ["paid"], where = "amount < 40 AND id IN (SELECT id FROM {table})", samples = 5 }
[table.freshness]
column = "created"
fail_after = "3h"
)toml");
  const Catalog catalog = source_->ReadCatalog({"orders"});
  size_t asked = 0;
  for (size_t i = 0; i < one.checks.size(); ++i) {
    const auto statement = PlanSamples(one.checks, i, catalog, source_->dialect(), one.options);
    if (!statement) continue;
    ++asked;
    const Result<Rows> rows = source_->Run(*statement);
    ASSERT_TRUE(rows) << rows.error().message << "\n" << statement->sql;
    ASSERT_EQ(rows->rows.size(), 1u) << statement->sql;
    EXPECT_EQ(StoredText(rows->rows[0][0]), "2");
  }
  EXPECT_EQ(asked, 2u);
}

TEST_P(AsOfRun, AnotherTimeColumnKeepsItsFuture) {
  const Measured measured = Measure(R"toml(
[[table]]
name = "orders"
[[table.freshness]]
column = "created"
fail_after = "3h"
[[table.freshness]]
name = "touched"
column = "updated"
fail_after = "3h"
)toml");
  EXPECT_EQ(Text(measured, "warehouse/orders:freshness@touched"), "2026-11-22T10:00:00Z");
  EXPECT_EQ(Text(measured, "warehouse/orders:freshness@touched", Role::kFuture), "2026-11-24T10:00:00Z");
}

TEST_P(AsOfRun, AColumnThatCannotTellTimesLeavesItToTheNext) {
  const Measured measured = Measure(R"toml(
[[table]]
name = "orders"
[[table.freshness]]
column = "amount"
fail_after = "3h"
[[table.volume]]
min = 1
[[table.volume]]
name = "daily"
window = { column = "created", last = "1d" }
min = 1
)toml");
  EXPECT_TRUE(Text(measured, "warehouse/orders:freshness").starts_with("error: "));
  EXPECT_EQ(Text(measured, "warehouse/orders:volume"), "3");
  EXPECT_EQ(Text(measured, "warehouse/orders:volume@daily"), "1");
}

// Paris, 2026-10-25: 02:00 to 03:00 comes twice, the second time from 01:00Z on.
TEST_P(AsOfRun, ARepeatedHourLosesNoRow) {
  source_->Execute(R"sql(
    CREATE TABLE night (id INTEGER, seen TIMESTAMP);
    INSERT INTO night VALUES (1, '2026-10-25 01:30:00'), (2, '2026-10-25 02:15:00'), (3, '2026-10-25 02:45:00'),
                             (4, '2026-10-25 03:00:00');
  )sql");
  const Zone paris = *Zone::Load("Europe/Paris");
  const auto rows = [&](const char* as_of) {
    as_of_ = as_of;
    return Text(Measure("[[table]]\nname = \"night\"\n[table.volume]\nmin = 1\n"
                        "[table.freshness]\ncolumn = \"seen\"\nfail_after = \"3h\"\n",
                        paris),
                "warehouse/night:volume");
  };
  EXPECT_EQ(rows("2026-10-25T00:00:00Z"), "1");
  EXPECT_EQ(rows("2026-10-25T00:30:00Z"), "2") << "02:30, the first time";
  EXPECT_EQ(rows("2026-10-25T01:00:00Z"), "3") << "02:00 again: all of the hour has been";
  EXPECT_EQ(rows("2026-10-25T01:30:00Z"), "3");
  EXPECT_EQ(rows("2026-10-25T02:00:00Z"), "3");
  EXPECT_EQ(rows("2026-10-25T02:00:01Z"), "4");
}

INSTANTIATE_TEST_SUITE_P(Engines, AsOfRun,
                         ::testing::Values(Engine::kPostgres, Engine::kDuckdb, Engine::kSqlite),
                         [](const auto& engine) { return std::string(ToString(engine.param)); });

// Of two tables that bear one name each query reads its own; a column that may not be read is not asked for.
TEST(AsOf, CutsTablesOfOneNameApart) {
  const std::string missing = LiveSource::Unavailable(Engine::kPostgres);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const auto source = LiveSource::Create(Engine::kPostgres);
  source->Execute(R"sql(
    CREATE SCHEMA raw; CREATE SCHEMA mart;
    CREATE TABLE raw.orders (id INTEGER, at TIMESTAMPTZ); INSERT INTO raw.orders VALUES (1, '2026-11-22 00:00Z');
    CREATE TABLE mart.orders (id INTEGER, at TIMESTAMPTZ);
    INSERT INTO mart.orders VALUES (1, '2026-11-22 00:00Z'), (2, '2026-11-22 00:00Z'), (3, '2026-11-24 00:00Z');
  )sql");
  std::string toml = "[defaults]\nsource = \"warehouse\"\n";
  for (const char* name : {"raw.orders", "mart.orders"}) {
    toml += "[[table]]\nname = \"" + std::string(name) +
            "\"\n[table.freshness]\ncolumn = \"at\"\nfail_after = \"1d\"\n[[table.sql]]\nname = \"n\"\n"
            "value = \"SELECT count(*) FROM {table} WHERE '{table}'::regclass = '" +
            std::string(name) + "'::regclass\"\nmin = 0\n";
  }
  testing::PlanCase one;
  one.checks = testing::DeclareChecks(toml);
  one.options.now = *ParseTimestamp("2026-11-23T00:00:00Z");
  one.options.as_of = true;
  const Catalog catalog = source->ReadCatalog({"raw.orders", "mart.orders"});
  const Plan plan = MakePlan(one.checks, &catalog, source->dialect(), one.options);
  const Measured measured = source->Measure(plan, one.checks, one.options);
  EXPECT_EQ(Text(measured, "warehouse/raw.orders:sql@n"), "1");
  EXPECT_EQ(Text(measured, "warehouse/mart.orders:sql@n"), "2");
}

TEST(AsOf, ReachesAQueryOfFiles) {
  const std::string missing = LiveSource::Unavailable(Engine::kDuckdb);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const testing::TempDir dir;
  dir.Write("flights.csv", "id,at\n1,2026-11-22 00:00:00\n2,2026-11-24 00:00:00\n");
  const auto source = LiveSource::Create(Engine::kDuckdb);
  source->SetFiles({{"flights", dir.Path("flights.csv")}});
  testing::PlanCase one;
  one.checks = testing::DeclareChecks(R"toml(
[[table]]
source = "warehouse"
name = "flights"
[table.freshness]
column = "at"
fail_after = "1d"
[[table.sql]]
name = "n"
value = "SELECT count(*) FROM {table} JOIN {table} AS again USING (id) WHERE flights.id > 0"
min = 0
)toml",
                                      Engine::kDuckdb);
  one.options.now = *ParseTimestamp("2026-11-23T00:00:00Z");
  one.options.as_of = true;
  const Catalog catalog = source->ReadCatalog({"flights"});
  const Plan plan = MakePlan(one.checks, &catalog, source->dialect(), one.options);
  EXPECT_EQ(Text(source->Measure(plan, one.checks, one.options), "warehouse/flights:sql@n"), "1");
}

// A run may leave out the very check that tells which column times the rows.
TEST(AsOf, KnowsTheColumnsOfChecksThatAreNotPlanned) {
  testing::PlanCase one;
  const auto declared = testing::DeclareChecks(std::string("[defaults]\nsource = \"warehouse\"\n") + kOrders +
                                               "[table.volume]\nmin = 1\n");
  for (const CheckPtr& check : declared) {
    if (check->kind == "volume") one.checks.push_back(check);
  }
  one.options.as_of = true;
  const auto dialect = MakeDialect(Engine::kPostgres, "warehouse");
  const Plan whole = MakePlan(one.checks, nullptr, *dialect, one.options);
  EXPECT_EQ(whole.whole.size(), 1u);
  one.options.declared = declared;
  const Plan cut = MakePlan(one.checks, nullptr, *dialect, one.options);
  EXPECT_TRUE(cut.whole.empty());
  EXPECT_NE(cut.statements.at(0).sql.find("\"created\" <"), std::string::npos) << cut.statements.at(0).sql;
}

}  // namespace
}  // namespace amont
