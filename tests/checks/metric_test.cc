#include "checks/metric.h"

#include <gtest/gtest.h>

#include <set>

namespace amont {
namespace {

TEST(MetricText, NamesTheMetricAndItsColumns) {
  EXPECT_EQ(ToText(RowCount{}), "row_count");
  EXPECT_EQ(ToText(NullCount{"email"}), "null_count(email)");
  EXPECT_EQ(ToText(DuplicateCount{{"id", "placed at"}}), "duplicates(id,\"placed at\")");
  EXPECT_EQ(ToText(Percentile{"amount", 0.95}), "percentile(amount,0.95)");
  EXPECT_EQ(ToText(NewestTimestamp{{"updated_at", "created_at"}, TimeFormat::kUnixMillis}),
            "newest(updated_at|created_at,unix_ms)");
  EXPECT_EQ(ToText(Orphans{"customer_id", {"w", "mart", "customers"}, "id"}),
            "orphans(customer_id,w/mart.customers.id)");
  EXPECT_EQ(ToText(LengthOutside{"name", 1, std::nullopt}), "length_outside(name,1..)");
}

TEST(MetricText, DifferentMetricsHaveDifferentTexts) {
  const std::vector<Metric> metrics = {
      OutsideAccepted{"a", {int64_t{1}}},
      OutsideAccepted{"a", {1.0}},
      OutsideAccepted{"a", {std::string("1")}},
      OutsideAccepted{"a", {Decimal{"1"}}},
      OutsideAccepted{"a", {std::string("x','y")}},
      OutsideAccepted{"a", {std::string("x"), std::string("y")}},
      PatternMismatch{"a", "x\ny"},
      PatternMismatch{"a", "x\\ny"},
      DuplicateCount{{"a,b"}},
      DuplicateCount{{"a", "b"}},
      DistinctCount{"a"},
      Aggregate{Aggregate::Function::kMin, "a"},
      Aggregate{Aggregate::Function::kMax, "a"},
      CustomValue{"SELECT 1"},
      FailRows{"SELECT 1"},
  };
  std::set<std::string> texts;
  for (const Metric& metric : metrics) texts.insert(ToText(metric));
  EXPECT_EQ(texts.size(), metrics.size());
}

TEST(MetricText, ColumnsAreThoseItReads) {
  EXPECT_EQ(ColumnsOf(DuplicateCount{{"a", "b"}}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(ColumnsOf(Orphans{"a", {"w", "m", "t"}, "b"}), std::vector<std::string>{"a"});
  EXPECT_TRUE(ColumnsOf(RowCount{}).empty());
  EXPECT_TRUE(ColumnsOf(CustomValue{"SELECT a"}).empty());
}

}  // namespace
}  // namespace amont
