// What comes of the SQL that dbt compiled: edges between columns.
#include "lineage/dbt/dbt_sql.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/testing/shared_data.h"

namespace amont {
namespace {

const Timestamp kNow = *ParseTimestamp("2026-11-24T05:00:00Z");

std::string Model(const std::string& name, const std::string& before, const std::string& sql,
                  const std::string& materialized = "table", const std::string& compiled = "true") {
  return fmt::format(
      R"("model.p.{0}":{{"unique_id":"model.p.{0}","resource_type":"model","package_name":"p","name":"{0}",)"
      R"("alias":"{0}","database":"db","schema":"mart","relation_name":"\"db\".\"mart\".\"{0}\"",)"
      R"("language":"sql","config":{{"materialized":"{3}"}},"depends_on":{{"nodes":[{1}]}},)"
      R"("compiled":{4},"compiled_code":"{2}"}})",
      name, before, sql, materialized, compiled);
}

Result<DbtProject> Project(const std::string& nodes, const std::string& catalog = "") {
  const std::string manifest =
      R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v12.json",)"
      R"("project_name":"p","adapter_type":"postgres"},"nodes":{)" +
      nodes +
      R"(},"sources":{"source.p.raw.a":{"unique_id":"source.p.raw.a","resource_type":"source","package_name":"p",)"
      R"("source_name":"raw","name":"a","identifier":"a","database":"db","schema":"raw",)"
      R"("columns":{"id":{"name":"id"}}}}})";
  return ReadDbtManifest(manifest, catalog, {.source = "wh", .databases = {}}, kNow);
}

const std::string kCatalog =
    R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/catalog/v1.json"},"nodes":{},"sources":)"
    R"({"source.p.raw.a":{"columns":{"id":{"name":"id","type":"integer","index":1},)"
    R"("v":{"name":"v","type":"text","index":2}}}}})";

DbtSql Sql(const DbtProject& project) { return ReadDbtSql(project, kNow); }

std::string Edges(const DbtSql& sql) {
  std::vector<std::string> lines;
  for (const Edge& edge : sql.extract.edges) {
    lines.push_back(fmt::format("{} {} {}\n", edge.upstream.Text(), Word(edge.kind), edge.downstream.Text()));
    EXPECT_EQ(edge.origin, "p");
    EXPECT_FALSE(edge.job.has_value());
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

TEST(DbtSql, FollowsStarsThroughModelsInTheOrderOfTheirDependence) {
  // The names stand in the other order than the models depend on each other.
  const auto project =
      Project(Model("a_last", R"("model.p.z_first")", R"(select * from \"db\".\"mart\".\"z_first\")") + "," +
                  Model("z_first", R"("source.p.raw.a")", R"(select * from \"db\".\"raw\".\"a\")"),
              kCatalog);
  ASSERT_TRUE(project.has_value()) << project.error().message;
  const DbtSql sql = Sql(*project);
  EXPECT_EQ(Edges(sql),
            "wh/mart.z_first.id direct wh/mart.a_last.id\n"
            "wh/mart.z_first.v direct wh/mart.a_last.v\n"
            "wh/raw.a.id direct wh/mart.z_first.id\n"
            "wh/raw.a.v direct wh/mart.z_first.v\n");
  EXPECT_EQ(sql.extract.provenance, Provenance::kSql);
  EXPECT_EQ(sql.extract.origin, "p");
  EXPECT_TRUE(sql.extract.complete);
}

TEST(DbtSql, AnEphemeralModelHasNoEdgesOfItsOwn) {
  const auto project = Project(
      Model("e", R"("source.p.raw.a")", R"(select id from \"db\".\"raw\".\"a\")", "ephemeral") + "," +
      Model(
          "m", R"("model.p.e")",
          R"(with __dbt__cte__e as (select id from \"db\".\"raw\".\"a\") select id + 1 as n from __dbt__cte__e)"));
  ASSERT_TRUE(project.has_value()) << project.error().message;
  EXPECT_EQ(Edges(Sql(*project)), "wh/raw.a.id direct wh/mart.m.n\n");
}

TEST(DbtSql, WhatTheManifestDocumentsMayNotBeAll) {
  const auto project =
      Project(Model("m", R"("source.p.raw.a")", R"(select id, other from \"db\".\"raw\".\"a\")"));
  ASSERT_TRUE(project.has_value()) << project.error().message;
  EXPECT_EQ(Edges(Sql(*project)), "wh/raw.a.id direct wh/mart.m.id\nwh/raw.a.other direct wh/mart.m.other\n");
}

TEST(DbtSql, AManifestThatIsCompiledInPartEndsNothing) {
  const auto project = Project(Model("m", R"("source.p.raw.a")", R"(select id from \"db\".\"raw\".\"a\")") +
                               "," + Model("n", R"("source.p.raw.a")", "", "table", "false"));
  ASSERT_TRUE(project.has_value()) << project.error().message;
  EXPECT_TRUE(project->extract.complete);
  const DbtSql sql = Sql(*project);
  EXPECT_FALSE(sql.extract.complete);
  EXPECT_EQ(sql.extract.edges.size(), 1u);
}

TEST(DbtSql, AModelThatCannotBeReadSpoilsNoOther) {
  const auto project =
      Project(Model("bad", R"("source.p.raw.a")", "select from where") + "," +
              Model("good", R"("source.p.raw.a")", R"(select id from \"db\".\"raw\".\"a\")"));
  ASSERT_TRUE(project.has_value()) << project.error().message;
  const DbtSql sql = Sql(*project);
  EXPECT_EQ(Edges(sql), "wh/raw.a.id direct wh/mart.good.id\n");
  ASSERT_EQ(sql.statements.size(), 2u);
  EXPECT_EQ(sql.statements[0].status, SqlStatus::kFailed);
  EXPECT_NE(sql.statements[0].reason.find("line 1"), std::string::npos) << sql.statements[0].reason;
}

TEST(DbtSql, ModelsThatDependOnEachOtherAreAllRead) {
  const auto project = Project(Model("a", R"("model.p.b")", R"(select x from \"db\".\"mart\".\"b\")") + "," +
                               Model("b", R"("model.p.a")", R"(select x from \"db\".\"mart\".\"a\")"));
  ASSERT_TRUE(project.has_value()) << project.error().message;
  EXPECT_EQ(Edges(Sql(*project)), "wh/mart.a.x direct wh/mart.b.x\nwh/mart.b.x direct wh/mart.a.x\n");
}

TEST(DbtSql, EveryColumnOfARealProjectIsMadeOfSomething) {
  AMONT_NEEDS_SHARED_DATA("dbt");
  const auto read = [](const char* file) {
    return testing::ReadFile(testing::SharedData(std::string("dbt/") + file));
  };
  const auto project =
      ReadDbtManifest(read("fivetran_github_manifest.json"), read("fivetran_github_catalog.json"),
                      {.source = "warehouse", .databases = {}}, kNow);
  ASSERT_TRUE(project.has_value()) << project.error().message;
  const DbtSql sql = Sql(*project);
  for (const DbtStatement& statement : sql.statements) {
    EXPECT_EQ(statement.status, SqlStatus::kResolved)
        << statement.model->unique_id << ": " << statement.reason;
  }
  EXPECT_TRUE(std::any_of(sql.extract.edges.begin(), sql.extract.edges.end(), [](const Edge& edge) {
    return edge.downstream.Text() == "warehouse/public_github_dev.github__issues.issue_id" &&
           edge.kind == EdgeKind::kDirect;
  }));
}

}  // namespace
}  // namespace amont
