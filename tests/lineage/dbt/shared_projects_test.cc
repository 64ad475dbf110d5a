// Real projects: jaffle_shop in three manifest versions, and a package of Fivetran's with its catalog.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "lineage/dbt/manifest.h"
#include "lineage/dbt/run_results.h"
#include "tests/testing/extract_text.h"
#include "tests/testing/shared_data.h"

namespace amont {
namespace {

std::string Read(const std::string& file) { return testing::ReadFile(testing::SharedData("dbt/" + file)); }

Result<DbtProject> Project(const std::string& manifest, const std::string& catalog = "") {
  return ReadDbtManifest(Read(manifest), catalog.empty() ? "" : Read(catalog),
                         {.source = "wh", .databases = {}}, *ParseTimestamp("2026-11-24T05:00:00Z"));
}

std::string EdgesInto(const DbtProject& project, const std::string& table) {
  std::set<std::string> from;
  for (const Edge& edge : project.extract.edges) {
    if (edge.downstream.node.name == table) from.insert(edge.upstream.node.name);
  }
  std::string text;
  for (const std::string& name : from) text += name + " ";
  return text;
}

const NodeFacts* Facts(const DbtProject& project, const std::string& table) {
  for (const NodeFacts& facts : project.extract.nodes) {
    if (facts.name.name == table) return &facts;
  }
  return nullptr;
}

TEST(SharedProjectsTest, JaffleShopOfVersion1) {
  AMONT_NEEDS_SHARED_DATA("dbt");
  auto project = Project("jaffle_shop_v1.json");
  ASSERT_TRUE(project.has_value()) << project.error().message;
  EXPECT_EQ(project->name, "jaffle_shop");
  EXPECT_EQ(project->version, 1);
  EXPECT_EQ(project->relations.size(), 11U);
  EXPECT_EQ(EdgesInto(*project, "stg_customers"), "raw_customers ");
  const NodeFacts* customers = Facts(*project, "stg_customers");
  ASSERT_NE(customers, nullptr);
  EXPECT_EQ(customers->tests, (std::vector<std::string>{"not_null(customer_id)", "unique(customer_id)"}));
}

TEST(SharedProjectsTest, JaffleShopOfVersion7) {
  AMONT_NEEDS_SHARED_DATA("dbt");
  auto project = Project("jaffle_shop_v7.json");
  ASSERT_TRUE(project.has_value()) << project.error().message;
  EXPECT_EQ(project->version, 7);
  EXPECT_EQ(EdgesInto(*project, "customers"), "stg_customers stg_orders stg_payments ");
  EXPECT_EQ(project->compiled.size(), 5U);
  EXPECT_TRUE(project->extract.warnings.empty()) << project->extract.warnings.front();
  // A relationships test is of the table that refers, not of the one referred to.
  const NodeFacts* orders = Facts(*project, "orders");
  ASSERT_NE(orders, nullptr);
  EXPECT_NE(std::ranges::find(orders->tests, "relationships(customer_id)"), orders->tests.end());
  const NodeFacts* customers = Facts(*project, "customers");
  EXPECT_EQ(std::ranges::find(customers->tests, "relationships(customer_id)"), customers->tests.end());
}

TEST(SharedProjectsTest, JaffleShopOfVersion12WithCatalogAndRunResults) {
  AMONT_NEEDS_SHARED_DATA("dbt");
  auto project = Project("jaffle_shop_v12.json", "jaffle_shop_catalog.json");
  ASSERT_TRUE(project.has_value()) << project.error().message;
  EXPECT_TRUE(project->extract.complete);
  EXPECT_EQ(project->adapter, "duckdb");
  EXPECT_EQ(EdgesInto(*project, "customers"), "orders stg_customers ");
  EXPECT_EQ(EdgesInto(*project, "stg_products"), "raw_products ");
  EXPECT_EQ(project->compiled.size(), 13U);
  EXPECT_TRUE(project->extract.warnings.empty()) << project->extract.warnings.front();
  const NodeFacts* customers = Facts(*project, "customers");
  ASSERT_NE(customers, nullptr);
  ASSERT_EQ(customers->columns.size(), 9U);
  EXPECT_EQ(customers->columns[5].name, "lifetime_spend_pretax");
  EXPECT_EQ(customers->columns[5].type, "DECIMAL(38,2)");
  auto run = ReadDbtRunResults(Read("jaffle_shop_run_results_v6.json"), project->relations);
  ASSERT_TRUE(run.has_value()) << run.error().message;
  EXPECT_EQ(run->results.size(), 46U);
  EXPECT_TRUE(run->warnings.empty());
  EXPECT_TRUE(std::ranges::any_of(run->results, [](const DbtNodeResult& result) {
    return result.node && result.node->name == "stg_customers" && result.status == "success" &&
           result.completed_at == Timestamp(*ParseTimestamp("2026-08-10T07:03:39.700017Z"));
  }));
}

TEST(SharedProjectsTest, FivetranGithubSeesThroughItsEphemeralModels) {
  AMONT_NEEDS_SHARED_DATA("dbt");
  auto project = Project("fivetran_github_manifest.json", "fivetran_github_catalog.json");
  ASSERT_TRUE(project.has_value()) << project.error().message;
  EXPECT_EQ(project->name, "github_integration_tests");
  EXPECT_TRUE(project->extract.warnings.empty()) << project->extract.warnings.front();
  // Every end of an edge is a table the warehouse has, by the catalog's own word.
  for (const Edge& edge : project->extract.edges) {
    const NodeFacts* from = Facts(*project, edge.upstream.node.name);
    ASSERT_NE(from, nullptr) << edge.upstream.Text();
    EXPECT_FALSE(from->columns.empty()) << edge.upstream.Text();
  }
  EXPECT_GT(project->extract.edges.size(), 40U);
  EXPECT_EQ(project->compiled.size(), 43U);
}

TEST(SharedProjectsTest, CutAnywhereIsAnErrorOrAWarningNeverACrash) {
  AMONT_NEEDS_SHARED_DATA("dbt");
  const std::string whole = Read("jaffle_shop_v7.json");
  for (size_t size = 0; size < whole.size(); size += whole.size() / 97) {
    const auto project = ReadDbtManifest(std::string_view(whole).substr(0, size), "", {}, Timestamp());
    EXPECT_FALSE(project.has_value()) << size;
  }
}

}  // namespace
}  // namespace amont
