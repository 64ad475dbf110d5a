// What the catalogs of the embedded engines say: files and database files of DuckDB, SQLite.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "checks/plan/passes.h"
#include "tests/checks/plan/live_source.h"
#include "tests/checks/plan/plan_case.h"

namespace amont {
namespace {

using testing::LiveSource;

std::string Columns(const CatalogTable& table) {
  std::string text;
  for (const CatalogColumn& column : table.columns) {
    text += column.name + " " + column.type.text + (column.nullable ? "" : " not null") + "\n";
  }
  return text;
}

std::vector<std::string> Names(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const auto& [name, table] : catalog.tables) names.push_back(name.Local());
  return names;
}

class EmbeddedCatalog : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    const std::string missing = LiveSource::Unavailable(GetParam());
    if (!missing.empty()) GTEST_SKIP() << missing;
    source_ = LiveSource::Create(GetParam());
  }
  std::unique_ptr<LiveSource> source_;
};

TEST_P(EmbeddedCatalog, TablesViewsAndTheirColumnsUnderTheNamesAskedFor) {
  source_->Execute(R"sql(
    CREATE TABLE orders (id INTEGER NOT NULL, amount DECIMAL(12,2), word VARCHAR(20));
    CREATE VIEW seen AS SELECT id FROM orders;
  )sql");
  const Catalog catalog = source_->ReadCatalog({"orders", "main.orders", "seen", "nowhere.orders", "gone"});
  EXPECT_EQ(Names(catalog), (std::vector<std::string>{"orders", "seen", "main.orders"}));
  EXPECT_GT(catalog.now, *ParseTimestamp("2020-01-01"));
  EXPECT_FALSE(catalog.engine_version.empty());
  const CatalogTable& orders = catalog.tables.at({"warehouse", "main", "orders"});
  EXPECT_TRUE(Columns(orders).starts_with("id integer not null\namount decimal(12,2)\nword varchar"))
      << Columns(orders);
  EXPECT_EQ(orders.kind, RelationKind::kTable);
  EXPECT_EQ(catalog.tables.at({"warehouse", "", "seen"}).kind, RelationKind::kView);
  EXPECT_EQ(orders.change_mark_error, "no change counters here; declare a column");
}

TEST_P(EmbeddedCatalog, WildcardsMatchTablesAndViewsByInclude) {
  source_->Execute(R"sql(
    CREATE TABLE raw_a (id INTEGER); CREATE TABLE raw_b (id INTEGER); CREATE TABLE rawc (id INTEGER);
    CREATE VIEW raw_v AS SELECT id FROM raw_a;
  )sql");
  using List = std::vector<std::string>;
  EXPECT_EQ(Names(source_->ReadCatalog({}, {{"", "raw_*"}})), (List{"raw_a", "raw_b"}));
  EXPECT_EQ(Names(source_->ReadCatalog({}, {{"", "raw_*", true}})), (List{"raw_a", "raw_b", "raw_v"}));
  EXPECT_EQ(Names(source_->ReadCatalog({"raw_a"}, {{"m*", "raw?"}})), (List{"raw_a", "main.rawc"}));
}

TEST_P(EmbeddedCatalog, NamesOfAnyKindAreFoundAndRead) {
  source_->Execute(R"sql(
    CREATE TABLE "Order ""Lines"" 😀.x'" ("Größe {a,b}" INTEGER, "select" INTEGER, "back\slash" INTEGER);
    INSERT INTO "Order ""Lines"" 😀.x'" VALUES (1, NULL, 2);
  )sql");
  auto checks = testing::DeclareChecks(R"toml(
[[table]]
name     = '''"Order ""Lines"" 😀.x'"'''
source   = "warehouse"
not_null = ["Größe {a,b}", "select"]
unique   = [["select", 'back\slash']]
)toml",
                                       GetParam());
  ASSERT_FALSE(checks.empty());
  const testing::Measured measured = source_->Measure(checks, {});
  EXPECT_EQ(testing::Text(measured, checks[0]->id), "0");
  EXPECT_EQ(testing::Text(measured, checks[1]->id), "1");
  EXPECT_EQ(testing::Text(measured, checks[2]->id), "0");
}

INSTANTIATE_TEST_SUITE_P(Engines, EmbeddedCatalog, ::testing::Values(Engine::kDuckdb, Engine::kSqlite),
                         [](const auto& engine) { return std::string(ToString(engine.param)); });

class DuckdbFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string missing = LiveSource::Unavailable(Engine::kDuckdb);
    if (!missing.empty()) GTEST_SKIP() << missing;
    source_ = LiveSource::Create(Engine::kDuckdb);
  }
  testing::TempDir dir_;
  std::unique_ptr<LiveSource> source_;
};

TEST_F(DuckdbFiles, AreDescribedOneByOneAndMissingOnesAreNoTables) {
  source_->Execute("COPY (SELECT 1::BIGINT AS id, 2.5::FLOAT AS x) TO '" + dir_.Path("a-1.parquet") +
                   "';"
                   "COPY (SELECT 'x' AS word) TO '" +
                   dir_.Path("b.csv") + "'");
  source_->SetFiles(
      {{"a", dir_.Path("a-*.parquet")}, {"b", dir_.Path("b.csv")}, {"gone", dir_.Path("gone-*.parquet")}});
  const Catalog catalog = source_->ReadCatalog({"a", "b", "gone"});
  EXPECT_EQ(Names(catalog), (std::vector<std::string>{"a", "b"}));
  const CatalogTable& a = catalog.tables.at({"warehouse", "", "a"});
  EXPECT_EQ(Columns(a), "id bigint\nx float\n");
  EXPECT_TRUE(Satisfies(a.columns[1].type, ParseColumnType("real"))) << "DuckDB's FLOAT has 32 bits";
  EXPECT_FALSE(Satisfies(a.columns[1].type, ParseColumnType("double")));
  EXPECT_EQ(a.kind, RelationKind::kFile);
  EXPECT_EQ(Names(source_->ReadCatalog({}, {{"", "*"}})), (std::vector<std::string>{"a", "b"}));
}

TEST_F(DuckdbFiles, ACutShortFileIsThereButCannotBeRead) {
  source_->Execute("COPY (SELECT i FROM range(10000) t(i)) TO '" + dir_.Path("cut.parquet") + "'");
  std::filesystem::resize_file(dir_.Path("cut.parquet"), 500);
  source_->SetFiles({{"cut", dir_.Path("cut.parquet")}});
  const Catalog catalog = source_->ReadCatalog({"cut"});
  ASSERT_EQ(catalog.tables.size(), 1u);
  EXPECT_NE(catalog.tables.begin()->second.read_error, "");
}

TEST(SqliteCatalog, ABrokenViewIsAnErrorOfItsOwn) {
  const auto source = LiveSource::Create(Engine::kSqlite);
  source->Execute(R"sql(
    CREATE TABLE orders (id INTEGER); CREATE TABLE parts (id INTEGER);
    CREATE VIEW broken AS SELECT id FROM parts; CREATE VIEW whole AS SELECT id FROM orders;
    CREATE VIEW above AS SELECT id FROM broken;
    DROP TABLE parts;
  )sql");
  const Catalog catalog = source->ReadCatalog({"orders", "broken", "above", "whole"});
  EXPECT_EQ(Names(catalog), (std::vector<std::string>{"above", "broken", "orders", "whole"}));
  const auto table = [&](const char* name) { return catalog.tables.at({"warehouse", "", name}); };
  EXPECT_EQ(table("broken").read_error, "no such table: main.parts");
  EXPECT_EQ(table("above").read_error, "no such table: main.parts");
  for (const char* name : {"orders", "whole"}) {
    EXPECT_EQ(table(name).read_error, "");
    EXPECT_EQ(Columns(table(name)), "id integer\n") << name;
  }
}

TEST(SqliteProofs, HoldForRowNumbersNotNullAndPlainUniqueIndexes) {
  const auto source = LiveSource::Create(Engine::kSqlite);
  source->Execute(R"sql(
    CREATE TABLE other (id INTEGER PRIMARY KEY);
    CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b TEXT UNIQUE, c INTEGER REFERENCES other (id), d TEXT, UNIQUE (a, d));
    CREATE UNIQUE INDEX partial ON t (d) WHERE d > 'x';
    CREATE UNIQUE INDEX expression ON t (c + 1);
    CREATE TABLE collated (a TEXT COLLATE NOCASE, b TEXT UNIQUE COLLATE BINARY);
    CREATE UNIQUE INDEX binary_only ON collated (a COLLATE BINARY);
    INSERT INTO collated VALUES ('x', '1'), ('X', '2');
    CREATE TABLE texts (k TEXT PRIMARY KEY);
    INSERT INTO texts VALUES (NULL), (NULL);
    CREATE TABLE numbered (k TEXT PRIMARY KEY) WITHOUT ROWID;
  )sql");
  const Catalog catalog = source->ReadCatalog({"t", "other", "collated", "texts", "numbered"});
  const auto proof = [&](const std::string& table, Metric metric) {
    auto declared = std::make_shared<Table>();
    declared->name = {"warehouse", "", table};
    Check check;
    check.table = declared;
    check.measure.metric = std::move(metric);
    check.expectation = Between{{{}, int64_t{0}}, {}, {}, false};
    return ProofOf(check, catalog.Find(declared->name)).value_or("");
  };
  EXPECT_EQ(proof("t", NullCount{"id"}), "NOT NULL of id");
  EXPECT_EQ(proof("t", NullCount{"a"}), "NOT NULL of a");
  EXPECT_EQ(proof("t", NullCount{"b"}), "");
  EXPECT_NE(proof("t", DuplicateCount{{"id"}}), "");
  EXPECT_NE(proof("t", DuplicateCount{{"b"}}), "");
  EXPECT_NE(proof("t", DuplicateCount{{"a", "d"}}), "");
  EXPECT_EQ(proof("t", DuplicateCount{{"d"}}), "") << "a partial index";
  EXPECT_EQ(proof("t", DuplicateCount{{"c"}}), "") << "an index of an expression";
  EXPECT_EQ(proof("t", Orphans{"c", {"warehouse", "", "other"}, "id"}), "")
      << "foreign keys are off by default";
  EXPECT_EQ(proof("collated", DuplicateCount{{"a"}}), "") << "x and X are one value to the column";
  EXPECT_EQ(proof("texts", NullCount{"k"}), "") << "a text primary key takes NULLs";
  EXPECT_EQ(proof("numbered", NullCount{"k"}), "NOT NULL of k");
}

}  // namespace
}  // namespace amont
