#include "server/app/dbt_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amont {
namespace {

const Timestamp kNow = *ParseTimestamp("2026-11-24T05:00:00Z");

constexpr const char* kManifest =
    R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v12.json","project_name":"shop",)"
    R"("adapter_type":"postgres"},"nodes":{"model.shop.b":{"unique_id":"model.shop.b","resource_type":"model",)"
    R"("package_name":"shop","name":"b","database":"shop","schema":"mart","alias":"b","language":"sql",)"
    R"("config":{"materialized":"table"},"depends_on":{"nodes":[]},"compiled":true,)"
    R"("compiled_code":"select x from raw.a"}}})";

std::string RunResults(const std::string& command) {
  return R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/run-results/v6.json",)"
         R"("generated_at":"2026-11-20T05:00:00Z"},"args":{"which":")" +
         command +
         R"("},"results":[{"unique_id":"model.shop.b","status":"success","adapter_response":{"rows_affected":7},)"
         R"("timing":[{"completed_at":"2026-11-20T04:59:58.5Z"}]},{"unique_id":"test.shop.t","status":"pass"}]})";
}

DbtReading Read(const std::string& run_results) {
  auto reading = ReadDbtProject({kManifest, "", run_results}, Config(), "wh", kNow);
  EXPECT_TRUE(reading.has_value());
  return reading ? *reading : DbtReading();
}

TEST(DbtReading, ARunIsTagsOfTheTablesItMade) {
  const DbtReading reading = Read(RunResults("build"));
  ASSERT_EQ(reading.order.further.size(), 2u);
  const Extract& run = reading.order.further[1];
  EXPECT_EQ(run.at, *ParseTimestamp("2026-11-20T05:00:00Z"));
  EXPECT_FALSE(run.complete);
  ASSERT_EQ(run.nodes.size(), 1u);
  EXPECT_EQ(run.nodes[0].name.Text(), "wh/mart.b");
  EXPECT_THAT(run.nodes[0].tags,
              ::testing::ElementsAre("run:success", "run-rows:7", "run-at:2026-11-20T04:59:58Z"));
}

TEST(DbtReading, WhatMakesNoTableIsNoRun) {
  EXPECT_EQ(Read(RunResults("compile")).order.further.size(), 1u);
  EXPECT_EQ(Read("").order.further.size(), 1u);
}

TEST(DbtReading, RunResultsThatAreNoneAreAWarning) {
  const DbtReading reading = Read("{}");
  EXPECT_EQ(reading.order.further.size(), 1u);
  EXPECT_THAT(reading.warnings, ::testing::Contains(::testing::HasSubstr("how dbt ran is not known")));
}

TEST(DbtReading, TheSqlOfTheModelsComesWithIt) {
  const DbtReading reading = Read("");
  const Extract& sql = reading.order.further.front();
  ASSERT_EQ(sql.edges.size(), 1u);
  EXPECT_EQ(sql.edges[0].upstream.Text(), "wh/raw.a.x");
  EXPECT_TRUE(sql.complete);
  ASSERT_EQ(reading.order.statements.size(), 1u);
  EXPECT_EQ(reading.order.statements[0].subject, "wh/mart.b");
  EXPECT_THAT(reading.warnings, ::testing::Contains(::testing::HasSubstr("wh/mart.b reads wh/raw.a")));
  EXPECT_EQ(SummaryOf(reading).edges, 1u);
}

}  // namespace
}  // namespace amont
