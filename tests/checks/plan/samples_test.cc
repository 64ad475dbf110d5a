// Samples show what is wrong and never personal data, on every engine that runs here.

#include <gtest/gtest.h>

#include "tests/checks/plan/live_source.h"
#include "tests/checks/plan/plan_case.h"

namespace amont {
namespace {

using testing::LiveSource;

class SampleRows : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    const std::string missing = LiveSource::Unavailable(GetParam());
    if (!missing.empty()) GTEST_SKIP() << missing;
    source_ = LiveSource::Create(GetParam());
    source_->Execute(R"sql(
      CREATE TABLE customers (id INTEGER); INSERT INTO customers VALUES (1);
      CREATE TABLE orders (id INTEGER, customer_id INTEGER, email TEXT, status TEXT);
      INSERT INTO orders VALUES (1, 1, 'marker@x', 'paid'), (2, 9, 'marker@y', 'odd'), (2, NULL, NULL, NULL),
                                (3, 1, 'marker@z', 'odd');
    )sql");
  }

  // The rows shown of a check as "a|b", one a line; "none" where nothing is shown.
  std::string Shown(const std::string& toml, std::vector<std::string> pii = {"*mail*"}) {
    auto checks = testing::DeclareChecks("[[table]]\nname = \"orders\"\nsource = \"warehouse\"\n" + toml,
                                         GetParam(), {}, pii);
    const Catalog catalog = source_->ReadCatalog({"orders", "customers"});
    PlanOptions options;
    options.now = catalog.now;
    const auto statement = PlanSamples(checks, 0, catalog, source_->dialect(), options);
    if (!statement) return "none";
    const Result<Rows> rows = source_->Run(*statement);
    if (!rows) return rows.error().message + "\n" + statement->sql;
    std::string text;
    const Samples samples = ReadSamples(*rows);
    for (const auto& row : samples.rows) {
      for (const std::string& cell : row) text += cell + "|";
      text += "\n";
    }
    return text;
  }

  std::unique_ptr<LiveSource> source_;
};

TEST_P(SampleRows, AreTheBadRowsWithoutPersonalColumns) {
  EXPECT_EQ(Shown("[table.columns.status]\nnull_count = { max = 0, samples = 5 }"), "2|NULL|NULL|\n");
  EXPECT_EQ(
      Shown("[table.columns.status]\naccepted = { values = [\"paid\"], samples = 1, where = \"id = 2\" }"),
      "2|9|odd|\n");
  EXPECT_EQ(Shown("[table.columns.customer_id]\nreferences = { to = \"customers.id\", samples = 5 }"),
            "2|9|odd|\n");
}

TEST_P(SampleRows, OfDuplicatesAreTheKeysAndHowOften) {
  EXPECT_EQ(Shown("[table.columns.id]\nduplicates = { max = 0, samples = 5 }"), "2|2|\n");
}

TEST_P(SampleRows, OfAQueryAreItsRows) {
  const std::string sql =
      "[[table.sql]]\nname = \"odd\"\nsamples = 5\nfail_rows = \"SELECT * FROM {table} WHERE id = 3;\"";
  EXPECT_EQ(Shown(sql), "3|1|odd|\n");
  EXPECT_EQ(Shown(sql, {}), "3|1|marker@z|odd|\n") << "nothing is declared personal";
}

TEST_P(SampleRows, AreNoneForPersonalColumnsOrUnasked) {
  EXPECT_EQ(Shown("[table.columns.email]\nnull_count = { max = 0, samples = 5 }"), "none");
  EXPECT_EQ(Shown("[table.columns.email]\npattern = { regex = \"z\", samples = 5 }"), "none");
  EXPECT_EQ(Shown("[table.columns.status]\nnull_count = 0"), "none");
  EXPECT_EQ(Shown("[table.columns.id]\nmax = { max = 1, samples = 5 }"), "none") << "a maximum is no row";
}

INSTANTIATE_TEST_SUITE_P(Engines, SampleRows,
                         ::testing::Values(Engine::kPostgres, Engine::kDuckdb, Engine::kSqlite),
                         [](const auto& engine) { return std::string(ToString(engine.param)); });

}  // namespace
}  // namespace amont
