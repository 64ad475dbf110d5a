// Proofs: what is taken for proven holds when it is measured, and what does not really hold is not taken for
// proven.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "checks/plan/catalog_postgres.h"
#include "checks/plan/passes.h"
#include "tests/checks/plan/live_source.h"

namespace amont {
namespace {

using testing::LiveSource;
using testing::Measured;

CheckPtr Make(const std::string& table, Metric metric,
              Expectation expectation = Between{{{}, int64_t{0}}, {}, {}, false}) {
  auto declared = std::make_shared<Table>();
  const auto name = ParseTableName(table, "warehouse");
  EXPECT_TRUE(name) << table;
  if (name) declared->name = *name;
  Check check;
  check.id = table + ":" + ToText(metric);
  check.table = declared;
  check.measure.metric = std::move(metric);
  check.expectation = std::move(expectation);
  return std::make_shared<const Check>(std::move(check));
}

// The proof of one metric on a table of a catalog; empty where there is none.
std::string Proof(const Catalog& catalog, const std::string& table, const Metric& metric) {
  const CheckPtr check = Make(table, metric);
  return ProofOf(*check, catalog.Find(check->table->name)).value_or("");
}

class PostgresProofs : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string missing = LiveSource::Unavailable(Engine::kPostgres);
    if (!missing.empty()) GTEST_SKIP() << missing;
    source_ = LiveSource::Create(Engine::kPostgres);
  }
  std::string Duplicates(const std::string& table, const std::vector<std::string>& columns = {"a"}) {
    return Proof(source_->ReadCatalog({table}), table, DuplicateCount{columns});
  }
  std::string Nulls(const std::string& table) {
    return Proof(source_->ReadCatalog({table}), table, NullCount{"a"});
  }

  std::unique_ptr<LiveSource> source_;
};

TEST_F(PostgresProofs, AUniqueIndexProvesAnySetOfColumnsThatHoldsItsOwn) {
  source_->Execute("CREATE TABLE t (a int, b int, c int); CREATE UNIQUE INDEX i ON t (a, b) INCLUDE (c)");
  EXPECT_EQ(Duplicates("t", {"a", "b"}), "unique index i on (a, b)");
  EXPECT_EQ(Duplicates("t", {"c", "b", "a"}), "unique index i on (a, b)");
  EXPECT_EQ(Duplicates("t", {"a"}), "");
  EXPECT_EQ(Duplicates("t", {"a", "c"}), "") << "INCLUDE columns are no key";
}

TEST_F(PostgresProofs, AnIndexThatDoesNotBindEveryRowProvesNothing) {
  source_->Execute(R"sql(
    CREATE TABLE partial (a int); CREATE UNIQUE INDEX ON partial (a) WHERE a > 0;
    CREATE TABLE expression (a int); CREATE UNIQUE INDEX ON expression ((a + 0));
    CREATE TABLE deferred (a int UNIQUE DEFERRABLE);
    CREATE TABLE plain (a int); CREATE INDEX ON plain (a);
    CREATE TABLE invalid (a int); CREATE UNIQUE INDEX invalid_i ON invalid (a);
    UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'invalid_i'::regclass;
    CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE TABLE collated (a text COLLATE nocase); CREATE UNIQUE INDEX ON collated (a COLLATE "C");
    INSERT INTO collated VALUES ('x'), ('X');
  )sql");
  for (const char* table : {"partial", "expression", "deferred", "plain", "invalid", "collated"}) {
    EXPECT_EQ(Duplicates(table), "") << table;
  }
}

TEST_F(PostgresProofs, PartitionedTablesProveAndInheritanceParentsDoNot) {
  source_->Execute(R"sql(
    CREATE TABLE parted (a int NOT NULL PRIMARY KEY) PARTITION BY RANGE (a);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
    CREATE TABLE parent (a int PRIMARY KEY); CREATE TABLE child () INHERITS (parent);
    ALTER TABLE child ALTER a DROP NOT NULL;
    CREATE VIEW seen AS SELECT * FROM parted;
    CREATE MATERIALIZED VIEW kept AS SELECT * FROM parted; CREATE UNIQUE INDEX ON kept (a);
  )sql");
  EXPECT_EQ(Duplicates("parted"), "unique index parted_pkey on (a)");
  EXPECT_EQ(Nulls("parted"), "NOT NULL of a");
  EXPECT_EQ(Duplicates("parted_1"), "unique index parted_1_pkey on (a)");
  for (const char* table : {"parent", "seen", "kept"}) {
    EXPECT_EQ(Duplicates(table), "") << table;
    EXPECT_EQ(Nulls(table), "") << table;
  }
}

TEST_F(PostgresProofs, AForeignLeafMakesNotNullAWish) {
  source_->Execute(R"sql(
    CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
    CREATE TABLE parted (a int NOT NULL) PARTITION BY RANGE (a);
    CREATE FOREIGN TABLE leaf PARTITION OF parted FOR VALUES FROM (0) TO (10) SERVER far;
    CREATE FOREIGN TABLE alone (a int NOT NULL) SERVER far;
  )sql");
  EXPECT_EQ(Nulls("parted"), "");
  EXPECT_EQ(Nulls("alone"), "");
}

TEST_F(PostgresProofs, OnlyAForeignKeyThatIsEnforcedProvesReferences) {
  source_->Execute(R"sql(
    CREATE TABLE customers (id int PRIMARY KEY, other int UNIQUE);
    CREATE TABLE valid (a int CONSTRAINT key REFERENCES customers);
    CREATE TABLE unchecked (a int); ALTER TABLE unchecked ADD FOREIGN KEY (a) REFERENCES customers NOT VALID;
    CREATE TABLE deferred (a int REFERENCES customers DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE disabled (a int REFERENCES customers); ALTER TABLE disabled DISABLE TRIGGER ALL;
    CREATE TABLE elsewhere (a int REFERENCES customers (other));
    CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
    CREATE TABLE to_parted (a int REFERENCES parted);
    CREATE TABLE hidden (id int PRIMARY KEY); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
    CREATE TABLE to_hidden (a int REFERENCES hidden);
  )sql");
  const auto proof = [&](const std::string& table, const std::string& other = "customers") {
    const Catalog catalog = source_->ReadCatalog({"public." + table, "public." + other});
    return Proof(catalog, "public." + table, Orphans{"a", {"warehouse", "public", other}, "id"});
  };
  EXPECT_EQ(proof("valid"), "foreign key key to public.customers.id");
  for (const char* table : {"unchecked", "deferred", "disabled", "elsewhere"})
    EXPECT_EQ(proof(table), "") << table;
  EXPECT_NE(proof("to_parted", "parted"), "");
  EXPECT_EQ(proof("to_parted", "parted_1"), "") << "the row may be in another partition";
  EXPECT_EQ(proof("to_hidden", "hidden"), "") << "row security may hide the referenced row";
}

// Any mix of the above, with data that breaks whatever is not enforced.
TEST_F(PostgresProofs, EveryProofHoldsWhenMeasured) {
  std::mt19937 dice(7);
  const auto chance = [&](int percent) { return std::uniform_int_distribution<int>(0, 99)(dice) < percent; };
  constexpr int kTables = 40;
  std::string script =
      "CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other SELECT generate_series(0, 5);\n";
  std::vector<std::string> tables = {"public.other"};
  for (int i = 0; i < kTables; ++i) {
    const std::string t = fmt::format("t{}", i);
    tables.push_back("public." + t);
    const bool parted = chance(25);
    script += fmt::format("CREATE TABLE {} (a int{}, b int{}){};\n", t, chance(40) ? " NOT NULL" : "",
                          chance(40) ? " NOT NULL" : "", parted ? " PARTITION BY HASH (a)" : "");
    for (int p = 0; parted && p < 2; ++p) {
      script += fmt::format(
          "CREATE TABLE {0}_{1} PARTITION OF {0} FOR VALUES WITH (MODULUS 2, REMAINDER {1});\n", t, p);
    }
    const bool parent = !parted && chance(25);
    if (parent) script += fmt::format("CREATE TABLE {0}_child () INHERITS ({0});\n", t);
    if (chance(35))
      script += fmt::format("CREATE UNIQUE INDEX ON {} ({});\n", t, parted || chance(50) ? "a" : "b, a");
    if (chance(20)) script += fmt::format("CREATE UNIQUE INDEX ON {} (a) WHERE b > 2;\n", t);
    if (chance(20) && !parted) script += fmt::format("CREATE UNIQUE INDEX ON {} ((a + b));\n", t);
    if (chance(15) && !parted) script += fmt::format("ALTER TABLE {} ADD UNIQUE (b) DEFERRABLE;\n", t);
    const bool valid = chance(50) || parted;
    const bool references = chance(50);
    const std::string foreign =
        fmt::format("ALTER TABLE {} ADD FOREIGN KEY (b) REFERENCES other{};\n", t, valid ? "" : " NOT VALID");
    if (references && valid) script += foreign;
    for (int row = 0; row < 20; ++row) {  // each alone: what breaks a constraint is refused
      const auto cell = [&] {
        return chance(25) ? std::string("NULL")
                          : std::to_string(std::uniform_int_distribution<int>(0, 8)(dice));
      };
      script += fmt::format(
          "DO $$ BEGIN INSERT INTO {}{} VALUES ({}, {}); EXCEPTION WHEN OTHERS THEN NULL; END $$;\n", t,
          parent && chance(60) ? "_child" : "", cell(), cell());
    }
    if (references && !valid) script += foreign;
  }
  source_->Execute(script);

  std::vector<CheckPtr> checks;
  for (size_t i = 1; i < tables.size(); ++i) {
    for (const char* column : {"a", "b"}) {
      checks.push_back(Make(tables[i], NullCount{column}));
      checks.push_back(Make(tables[i], DuplicateCount{{column}}));
    }
    checks.push_back(Make(tables[i], DuplicateCount{{"a", "b"}}));
    checks.push_back(Make(tables[i], Orphans{"b", {"warehouse", "public", "other"}, "id"}));
  }
  const Catalog catalog = source_->ReadCatalog(tables);
  PlanOptions options;
  options.now = catalog.now;
  const Plan proven = MakePlan(checks, &catalog, source_->dialect(), options);
  options.disabled = {"prove"};
  const Plan measured_all = MakePlan(checks, &catalog, source_->dialect(), options);
  const Measured measured = source_->Measure(measured_all, checks, options);
  for (const struct Proof& proof : proven.proofs) {
    EXPECT_EQ(testing::Text(measured, checks[proof.check]->id), "0") << proof.text;
  }
  EXPECT_GT(proven.proofs.size(), 40u);
  size_t bad = 0;
  for (const auto& [key, value] : measured)
    bad += std::get<1>(key) == Role::kValue && AsInteger(value).value_or(0) > 0 ? 1 : 0;
  EXPECT_GT(bad, 40u) << "data that breaks nothing tests nothing";
}

TEST(DuckdbProofs, ADatabaseFileProvesWhatItEnforcesAndAFileNothing) {
  const std::string missing = LiveSource::Unavailable(Engine::kDuckdb);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const auto source = LiveSource::Create(Engine::kDuckdb);
  testing::TempDir dir;
  source->Execute(fmt::format(R"sql(
    CREATE TABLE other (id INTEGER PRIMARY KEY);
    CREATE TABLE t (a INTEGER NOT NULL, b INTEGER UNIQUE, c INTEGER REFERENCES other (id), d INTEGER, UNIQUE (a, d));
    CREATE VIEW v AS SELECT * FROM t;
    COPY t TO '{}';
  )sql",
                              dir.Path("t.parquet")));
  const Catalog catalog = source->ReadCatalog({"other", "t", "v"});
  EXPECT_EQ(Proof(catalog, "t", NullCount{"a"}), "NOT NULL of a");
  EXPECT_EQ(Proof(catalog, "t", NullCount{"d"}), "");
  EXPECT_NE(Proof(catalog, "t", DuplicateCount{{"b"}}), "");
  EXPECT_NE(Proof(catalog, "t", DuplicateCount{{"d", "a"}}), "");
  EXPECT_EQ(Proof(catalog, "t", DuplicateCount{{"a"}}), "");
  EXPECT_NE(Proof(catalog, "t", Orphans{"c", {"warehouse", "", "other"}, "id"}), "");
  EXPECT_EQ(Proof(catalog, "v", NullCount{"a"}), "");
  source->SetFiles({{"t", dir.Path("t.parquet")}});
  const Catalog files = source->ReadCatalog({"t"});
  ASSERT_NE(files.Find({"warehouse", "", "t"}), nullptr);
  EXPECT_EQ(Proof(files, "t", NullCount{"a"}), "");
}

TEST(Proofs, HoldOnlyWhereZeroIsGood) {
  CatalogTable table;
  table.not_null_proves = true;
  table.columns = {{"a", ParseColumnType("int"), false, true}};
  const auto proves = [&](Expectation expectation) {
    return ProofOf(*Make("t", NullCount{"a"}, std::move(expectation)), &table).has_value();
  };
  EXPECT_TRUE(proves(Between{{{}, int64_t{0}}, {}, {}, false}));
  EXPECT_TRUE(proves(Between{{{}, 0.01}, {{}, 0.001}, {}, true}));
  EXPECT_FALSE(proves(Between{{int64_t{1}, {}}, {}, {}, false}));
  EXPECT_FALSE(proves(Between{{{}, int64_t{5}}, {int64_t{1}, {}}, {}, false})) << "a warning would be lost";
  EXPECT_FALSE(proves(Between{{{}, int64_t{5}}, {}, {{"FR", {int64_t{1}, {}}}}, false}));
  EXPECT_FALSE(proves(ChangeWithin()));
}

TEST(Proofs, OnlyPostgresItselfIsTrusted) {
  EXPECT_TRUE(
      IsRealPostgres("PostgreSQL 15.20 (Debian 15.20-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc "
                     "(Debian 12.2.0) 12.2.0, 64-bit"));
  EXPECT_TRUE(IsRealPostgres("PostgreSQL 14.7 on x86_64-pc-linux-gnu, compiled by gcc (GCC) 7.3.1, 64-bit"));
  EXPECT_TRUE(IsRealPostgres("PostgreSQL 17beta2 on aarch64-unknown-linux-musl, compiled by gcc, 64-bit"));
  EXPECT_FALSE(IsRealPostgres(
      "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2, Redshift 1.0.12103"));
  EXPECT_FALSE(IsRealPostgres(
      "PostgreSQL 12.12 (Greenplum Database 7.0.0 build x) on x86_64-pc-linux-gnu, compiled by gcc"));
  EXPECT_FALSE(IsRealPostgres("PostgreSQL 11.2-YB-2.17.0.0-b0 on x86_64-pc-linux-gnu, compiled by clang"));
  EXPECT_FALSE(IsRealPostgres("PostgreSQL 13.14.0-RisingWave-2.0 on x, compiled by y"));
  EXPECT_FALSE(IsRealPostgres("CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu, built 2023/09/27, go1.19.13)"));
  EXPECT_FALSE(IsRealPostgres(""));
}

}  // namespace
}  // namespace amont
