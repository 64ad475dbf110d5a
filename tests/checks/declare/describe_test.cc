#include "checks/declare/describe.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

std::shared_ptr<Table> MakeTable() {
  auto table = std::make_shared<Table>();
  table->name = {"warehouse", "mart", "orders"};
  table->owner = "finance";
  table->tier = 1;
  table->upstream = {{"warehouse", "raw", "orders"}};
  table->captures = {{"tenant", "acme"}};
  table->runbook = "https://r";
  table->tags = {"money"};
  return table;
}

Check MakeCheck() {
  Check check;
  check.id = "warehouse/mart.orders:null_ratio(email)";
  check.table = MakeTable();
  check.kind = "column";
  check.measure.metric = NullCount{"email"};
  check.measure.per = RowCount{};
  check.measure.window = Window{"placed_at", std::chrono::hours(24), std::chrono::hours(6)};
  Between between;
  between.fail.max = 0.01;
  between.as_ratio = true;
  check.expectation = between;
  check.samples = 5;
  check.pilot.on = true;
  check.runbook = "https://r";
  check.tags = {"money"};
  return check;
}

TEST(Describe, SaysOnlyWhatIsNotTheDefault) {
  EXPECT_EQ(Describe(*MakeTable()),
            "warehouse/mart.orders\n  owner finance\n  tier 1\n  schedule 15m\n  timezone UTC\n"
            "  upstream warehouse/raw.orders\n  tags money\n  runbook https://r\n  captures tenant = acme\n");
  EXPECT_EQ(Describe(MakeCheck()),
            "warehouse/mart.orders:null_ratio(email)\n  warning column; pilot true; samples 5\n"
            "  null_count(email) per row_count over the last 24h of placed_at closed for 6h\n  at most 1%\n");
}

TEST(Describe, WritesTheSameAsJson) {
  JsonWriter json;
  json.BeginArray();
  WriteJson(json, *MakeTable());
  WriteJson(json, MakeCheck());
  json.EndArray();
  EXPECT_EQ(
      json.Text(-1),
      R"x([{"table":"warehouse/mart.orders","declared_at":"","owner":"finance","tier":1,"schedule":"15m",)x"
      R"x("timezone":"UTC","upstream":["warehouse/raw.orders"],"tags":["money"],"runbook":"https://r",)x"
      R"x("captures":{"tenant":"acme"}},{"id":"warehouse/mart.orders:null_ratio(email)",)x"
      R"x("table":"warehouse/mart.orders","kind":"column","severity":"warning","declared_at":"",)x"
      R"x("measure":"null_count(email) per row_count over the last 24h of placed_at closed for 6h",)x"
      R"x("expect":"at most 1%","pilot":true,"samples":5}])x");
}

}  // namespace
}  // namespace amont
