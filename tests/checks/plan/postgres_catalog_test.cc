// What PostgreSQL's one catalog statement says: kinds, types, privileges, estimates, change marks, wildcards.

#include <gtest/gtest.h>

#include "checks/plan/scan_limit.h"
#include "tests/checks/plan/live_source.h"
#include "tests/checks/plan/plan_case.h"
#include "tests/testing/postgres.h"

namespace amont {
namespace {

using testing::LiveSource;

class PostgresCatalog : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string missing = LiveSource::Unavailable(Engine::kPostgres);
    if (!missing.empty()) GTEST_SKIP() << missing;
    source_ = LiveSource::Create(Engine::kPostgres);
  }

  CatalogTable Read(const std::string& table) {
    const Catalog catalog = source_->ReadCatalog({table});
    if (catalog.tables.size() != 1) {
      ADD_FAILURE() << table << " is there " << catalog.tables.size() << " times";
      return {};
    }
    return catalog.tables.begin()->second;
  }
  std::vector<std::string> Matched(NamePattern pattern) {
    std::vector<std::string> names;
    for (const auto& [name, table] : source_->ReadCatalog({}, {std::move(pattern)}).tables)
      names.push_back(name.Local());
    return names;
  }

  std::unique_ptr<LiveSource> source_;
};

TEST_F(PostgresCatalog, ColumnsComeInOrderWithTypesOfWhatDomainsAreMadeOf) {
  source_->Execute(R"sql(
    CREATE DOMAIN money_amount AS numeric(12,2) CHECK (VALUE >= 0);
    CREATE TYPE state AS ENUM ('a', 'b');
    CREATE TABLE t (id bigint NOT NULL, gone int, amount money_amount, at timestamptz, tags text[], s state);
    ALTER TABLE t DROP COLUMN gone;
  )sql");
  const Catalog catalog = source_->ReadCatalog({"t"});
  EXPECT_TRUE(catalog.engine_version.starts_with("PostgreSQL 15"));
  EXPECT_GT(catalog.now, *ParseTimestamp("2020-01-01"));
  const CatalogTable table = Read("t");
  std::string text;
  for (const CatalogColumn& column : table.columns) {
    text += column.name + " " + column.type.text + (column.nullable ? "" : " not null") + "\n";
  }
  EXPECT_EQ(text,
            "id bigint not null\namount numeric(12,2)\nat timestamp with time zone\ntags text[]\ns state\n");
}

TEST_F(PostgresCatalog, KnowsEveryKindOfRelation) {
  source_->Execute(R"sql(
    CREATE TABLE plain (a int);
    CREATE TABLE parted (a int) PARTITION BY RANGE (a);
    CREATE TABLE leaf PARTITION OF parted FOR VALUES FROM (0) TO (10);
    CREATE VIEW seen AS SELECT 1 AS a;
    CREATE MATERIALIZED VIEW kept AS SELECT 1 AS a;
    CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
    CREATE FOREIGN TABLE remote (a int) SERVER far;
  )sql");
  EXPECT_EQ(Read("plain").kind, RelationKind::kTable);
  EXPECT_EQ(Read("parted").kind, RelationKind::kPartitioned);
  EXPECT_EQ(Read("leaf").kind, RelationKind::kPartition);
  EXPECT_EQ(Read("seen").kind, RelationKind::kView);
  EXPECT_EQ(Read("kept").kind, RelationKind::kMaterializedView);
  EXPECT_EQ(Read("remote").kind, RelationKind::kForeign);
  for (const char* table : {"seen", "remote"}) {
    EXPECT_EQ(Read(table).change_mark, "") << table;
    EXPECT_EQ(Read(table).change_mark_error, "no change counters here; declare a column") << table;
  }
}

TEST_F(PostgresCatalog, OneTableUnderTwoNamesIsFoundUnderBoth) {
  source_->Execute("CREATE TABLE t (a int, b int)");
  const Catalog catalog = source_->ReadCatalog({"t", "public.t", "nowhere.t"});
  ASSERT_EQ(catalog.tables.size(), 2u);
  for (const auto& [name, table] : catalog.tables) EXPECT_EQ(table.columns.size(), 2u) << name.Local();
}

TEST_F(PostgresCatalog, WildcardsStayWithinTheirPartAndItsKinds) {
  source_->Execute(R"sql(
    CREATE SCHEMA client_a; CREATE SCHEMA client_b; CREATE SCHEMA clientx;
    CREATE TABLE client_a.orders (a int); CREATE TABLE client_b.orders (a int); CREATE TABLE clientx.orders (a int);
    CREATE TABLE client_a.orders_old (a int); CREATE VIEW client_a.orders_view AS SELECT 1 AS a;
    CREATE TABLE client_a.parted (a int) PARTITION BY RANGE (a);
    CREATE TABLE client_a.leaf PARTITION OF client_a.parted FOR VALUES FROM (0) TO (10);
    CREATE TABLE here (a int);
  )sql");
  using Names = std::vector<std::string>;
  EXPECT_EQ(Matched({"client_*", "orders"}), (Names{"client_a.orders", "client_b.orders"}));
  EXPECT_EQ(Matched({"client_a", "*"}), (Names{"client_a.orders", "client_a.orders_old", "client_a.parted"}));
  EXPECT_EQ(Matched({"client_a", "orders_*", true}), (Names{"client_a.orders_old", "client_a.orders_view"}));
  EXPECT_EQ(Matched({"client_a", "lea?", false, false, true}), Names{"client_a.leaf"});
  EXPECT_EQ(Matched({"", "h*"}), Names{"here"});
  EXPECT_EQ(Matched({"*", "pg_class"}), Names{}) << "the engine's own tables are nobody's";
}

TEST_F(PostgresCatalog, NamesOfAnyKindAreFoundAndRead) {
  source_->Execute(R"sql(
    CREATE SCHEMA "Mart 50%";
    CREATE TABLE "Mart 50%"."Order ""Lines"" 😀.x" ("Größe {a,b}" int, "select" int, "back\slash" int);
    INSERT INTO "Mart 50%"."Order ""Lines"" 😀.x" VALUES (1, NULL, 2);
  )sql");
  auto checks = testing::DeclareChecks(R"toml(
[[table]]
name     = '"Mart 50%"."Order ""Lines"" 😀.x"'
source   = "warehouse"
not_null = ["Größe {a,b}", "select"]
unique   = [["select", 'back\slash']]
)toml");
  const testing::Measured measured = source_->Measure(checks, {});
  EXPECT_EQ(testing::Text(measured, checks[0]->id), "0");
  EXPECT_EQ(testing::Text(measured, checks[1]->id), "1");
  EXPECT_EQ(testing::Text(measured, checks[2]->id), "0");
}

TEST_F(PostgresCatalog, MissingPrivilegesNameTheirGrant) {
  source_->Execute(R"sql(
    DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN;
    CREATE SCHEMA closed; CREATE TABLE closed.t (a int); GRANT SELECT ON closed.t TO reader;
    CREATE TABLE denied (a int);
    CREATE TABLE partly (a int, b int); GRANT SELECT (a) ON partly TO reader;
    CREATE TABLE listed (a int, b int); GRANT SELECT (a, b) ON listed TO reader;
    SET ROLE reader;
  )sql");
  QueryLimits limits;
  CatalogRequest request{{{"warehouse", "closed", "t"},
                          {"warehouse", "public", "denied"},
                          {"warehouse", "public", "partly"},
                          {"warehouse", "public", "listed"}},
                         {}};
  const std::string database = testing::ExecuteSql(source_->Url(), "SELECT current_database()");
  ConnectOptions options;
  options.url = testing::PostgresServer::Get().Url(database, "reader");
  auto reader = Connect(options, {});
  ASSERT_TRUE(reader) << reader.error().message;
  Catalog catalog;
  for (const Statement& statement : source_->dialect().CatalogStatements(request)) {
    source_->dialect().ReadCatalog(statement, testing::RunStatement(**reader, statement), "warehouse",
                                   catalog);
  }
  const auto of = [&](const char* schema, const char* name) {
    return catalog.tables.at({"warehouse", schema, name});
  };
  EXPECT_FALSE(of("closed", "t").readable);
  EXPECT_EQ(of("closed", "t").missing_grant, "GRANT USAGE ON SCHEMA closed TO reader");
  EXPECT_EQ(of("public", "denied").missing_grant, "GRANT SELECT ON public.denied TO reader");
  EXPECT_FALSE(of("public", "partly").readable);
  EXPECT_TRUE(of("public", "partly").columns[0].readable);
  EXPECT_FALSE(of("public", "partly").columns[1].readable);
  EXPECT_TRUE(of("public", "listed").readable) << "every column is granted";
}

TEST_F(PostgresCatalog, EstimatesAreThoseOfAllLeavesOrNone) {
  source_->Execute(R"sql(
    CREATE TABLE plain AS SELECT generate_series(1, 1000) AS a;
    CREATE TABLE parted (a int) PARTITION BY RANGE (a);
    CREATE TABLE leaf_1 PARTITION OF parted FOR VALUES FROM (0) TO (500);
    CREATE TABLE leaf_2 PARTITION OF parted FOR VALUES FROM (500) TO (2000);
    INSERT INTO parted SELECT a FROM plain;
  )sql");
  EXPECT_EQ(Read("plain").row_estimate, std::nullopt) << "before ANALYZE nothing is known";
  EXPECT_EQ(Read("parted").row_estimate, std::nullopt);
  source_->Execute("ANALYZE plain; ANALYZE leaf_1; ANALYZE leaf_2");
  EXPECT_EQ(Read("plain").row_estimate, 1000);
  EXPECT_EQ(Read("parted").row_estimate, 1000);
  EXPECT_EQ(Read("parted").leaf_rows,
            (std::map<std::string, int64_t>{{"public.leaf_1", 499}, {"public.leaf_2", 501}}));
}

TEST_F(PostgresCatalog, ChangeMarksFollowRowsAndStorage) {
  source_->Execute(R"sql(
    CREATE TABLE plain (a int);
    CREATE TABLE parted (a int) PARTITION BY RANGE (a);
    CREATE TABLE leaf PARTITION OF parted FOR VALUES FROM (0) TO (500);
  )sql");
  for (const auto& [table, written] :
       std::vector<std::pair<std::string, std::string>>{{"plain", "plain"}, {"parted", "leaf"}}) {
    const std::string empty = Read(table).change_mark;
    EXPECT_EQ(empty.substr(empty.rfind('/')), "/0") << table;
    EXPECT_EQ(Read(table).change_mark, empty) << table;
    source_->Execute("INSERT INTO " + table + " VALUES (1), (2); SELECT pg_stat_force_next_flush()");
    const std::string filled = Read(table).change_mark;
    EXPECT_EQ(filled, empty.substr(0, empty.rfind('/')) + "/2") << table;
    source_->Execute("TRUNCATE " + written);
    const std::string truncated = Read(table).change_mark;
    EXPECT_NE(truncated.substr(0, truncated.rfind('/')), filled.substr(0, filled.rfind('/'))) << table;
  }
}

TEST_F(PostgresCatalog, OrderedIndexesMakeProbes) {
  source_->Execute(R"sql(
    CREATE TABLE t (a timestamptz, b timestamptz, c timestamptz, d timestamptz, e timestamptz);
    CREATE INDEX ON t (a, b); CREATE INDEX ON t USING hash (c); CREATE INDEX ON t (d) WHERE d IS NOT NULL;
    CREATE INDEX ON t USING brin (e);
  )sql");
  EXPECT_EQ(Read("t").indexed_first, std::vector<std::string>{"a"});
}

TEST_F(PostgresCatalog, TheEngineSaysWhatAScopeLeavesToRead) {
  source_->Execute(R"sql(
    CREATE TABLE parted (a int, b int) PARTITION BY RANGE (a);
    CREATE TABLE leaf_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
    CREATE TABLE leaf_2 PARTITION OF parted FOR VALUES FROM (100) TO (2000);
    INSERT INTO parted SELECT a, a FROM generate_series(1, 1000) a; ANALYZE parted, leaf_1, leaf_2;
  )sql");
  const auto too_large = [&](const std::string& scope) -> std::string {
    auto checks = testing::DeclareChecks("[[table]]\nname = \"public.parted\"\nsource = \"warehouse\"\n" +
                                         (scope.empty() ? "" : "scope = \"" + scope + "\"\n") +
                                         "volume = { min = 1 }\n");
    const Catalog catalog = source_->ReadCatalog({"public.parted"});
    PlanOptions options;
    options.now = catalog.now;
    options.max_scan_rows = 500;
    const Plan plan = MakePlan(checks, &catalog, source_->dialect(), options);
    if (plan.statements.size() != 1) return "refused: " + plan.refusals.at(0).error.message;
    const auto estimate = source_->dialect().EstimateStatement(plan.statements[0], options.max_scan_rows);
    if (!estimate) return "not asked";
    const Result<Rows> rows = source_->Run(*estimate);
    if (!rows) return rows.error().message;
    const auto error = source_->dialect().TooLarge(plan.statements[0], *rows, options.max_scan_rows);
    return error ? error->message : "runs";
  };
  EXPECT_EQ(too_large("a < 50"), "runs") << "one leaf is pruned";
  EXPECT_EQ(too_large("b < 50"), "would read 1,000 rows; max_scan_rows is 500")
      << "a filter that prunes nothing";
  EXPECT_EQ(too_large(""), "refused: would read 1,000 rows; max_scan_rows is 500");
}

TEST_F(PostgresCatalog, TheEngineSaysWhatAWindowLeavesToRead) {
  source_->Execute(R"sql(
    CREATE TABLE parted (day date) PARTITION BY RANGE (day);
    CREATE TABLE old PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-11-20');
    CREATE TABLE new PARTITION OF parted FOR VALUES FROM ('2026-11-20') TO ('2027-01-01');
    INSERT INTO parted SELECT date '2026-01-01' + g % 330 FROM generate_series(1, 10000) g; ANALYZE old, new;
  )sql");
  testing::PlanCase one;
  one.checks = testing::DeclareChecks(R"(
[[table]]
name = "public.parted"
source = "warehouse"
[table.volume]
min = 1
window = { column = "day", last = "1d" }
)");
  const Catalog catalog = source_->ReadCatalog({"public.parted"});
  one.options.now = *ParseTimestamp("2026-11-24T05:00:00Z");
  one.options.max_scan_rows = 2000;
  const Plan plan = MakePlan(one.checks, &catalog, source_->dialect(), one.options);
  ASSERT_EQ(plan.statements.size(), 2u) << "the window, and whether the table has rows";
  EXPECT_EQ(plan.statements[0].params.size(), 2u);
  const auto estimate = source_->dialect().EstimateStatement(plan.statements[0], one.options.max_scan_rows);
  ASSERT_TRUE(estimate);
  const Result<Rows> rows = source_->Run(*estimate);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(source_->dialect().TooLarge(plan.statements[0], *rows, 2000), std::nullopt)
      << "one partition is read";
  EXPECT_NE(source_->dialect().TooLarge(plan.statements[0], *rows, 10), std::nullopt);
}

TEST(ScanLimit, ReadsWhatExplainPrints) {
  const std::map<std::string, int64_t> leaves = {{"mart.\"Big Table\"", 5000}};
  EXPECT_EQ(
      RowsReadBy("  ->  Parallel Seq Scan on mart.\"Big Table\"  (cost=0.00..1.00 rows=7 width=4)", leaves),
      5000);
  EXPECT_EQ(RowsReadBy("Seq Scan on mart.other o  (cost=0.00..1.00 rows=7 width=4)", leaves), 7);
  EXPECT_EQ(
      RowsReadBy("Index Only Scan using i on mart.\"Big Table\"  (cost=0.00..1.00 rows=12 width=4)", leaves),
      12);
  EXPECT_EQ(RowsReadBy("  ->  Bitmap Index Scan on i  (cost=0.00..1.00 rows=9 width=4)", leaves), 0);
  EXPECT_EQ(RowsReadBy("Aggregate  (cost=0.00..1.00 rows=1 width=8)", leaves), 0);
  EXPECT_EQ(TooManyRows(5'000'000'000, 100'000'000).message, "would read 5.0e9 rows; max_scan_rows is 1.0e8");
  EXPECT_EQ(TooManyRows(12'000, 5).message, "would read 12,000 rows; max_scan_rows is 5");
  EXPECT_EQ(TooManyRows(3'000'000'000'000, 999'999).message,
            "would read 3.0e12 rows; max_scan_rows is 999,999");
}

}  // namespace
}  // namespace amont
