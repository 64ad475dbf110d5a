#include "lineage/find_node.h"

#include <gtest/gtest.h>

#include "tests/lineage/graphs.h"

namespace amont {
namespace {

std::string Found(const std::string& text, const std::string& source = "wh", const std::string& column = "") {
  static const LineageGraph graph = testing::GraphNamed(
      "raw.orders.id -> mart.orders.id by sql\n"
      "raw.payments.amount -> mart.orders.amount by sql\n"
      "crm/raw.payments.amount -> \"mart\".\"daily\".\"day\" by sql\n"
      "raw.orders -> orders.lines by dbt\n"
      "mart.orders -> dashboard:a.b by dbt\n");
  const auto node = FindNode(graph, text, column, source);
  if (node) return graph.TextOf(*node);
  return (node.error().code == ErrorCode::kInvalid ? "? " : "- ") + node.error().message;
}

TEST(FindNode, TakesThreePartsAsAColumn) {
  EXPECT_EQ(Found("wh/mart.orders.id"), "wh/mart.orders.id");
  EXPECT_EQ(Found("mart.orders.id"), "wh/mart.orders.id");
  EXPECT_EQ(Found("mart.orders.id", ""), "wh/mart.orders.id");
  EXPECT_EQ(Found("mart.\"orders\".\"amount\""), "wh/mart.orders.amount");
  EXPECT_EQ(Found("mart.orders", "wh", "amount"), "wh/mart.orders.amount");
  EXPECT_EQ(Found("dashboard:a.b"), "dashboard:a.b");
}

TEST(FindNode, TakesTwoPartsAsAColumnWhereThereIsNoSuchTable) {
  EXPECT_EQ(Found("orders.lines"), "wh/orders.lines") << "a table's own name comes first";
  EXPECT_EQ(Found("payments.amount"), "wh/raw.payments.amount");
  EXPECT_EQ(Found("crm/payments.amount"), "crm/raw.payments.amount");
  EXPECT_EQ(Found("daily.day"), "wh/mart.daily.day");
}

TEST(FindNode, SaysWhatMayBeMeant) {
  EXPECT_EQ(Found("orders.id"),
            "? `orders.id` is a column of several tables: wh/mart.orders, wh/raw.orders; name one");
  EXPECT_EQ(Found("raw.payments.amount", ""),
            "? `raw.payments.amount` is in several sources: crm/raw.payments, wh/raw.payments; name one");
  EXPECT_EQ(Found("mart.orders.idd"),
            "- no lineage is known of column `idd` of wh/mart.orders; did you mean `id`?");
  EXPECT_EQ(Found("marts.orders.id").substr(0, 46), "- no lineage is known of `marts.orders.id`; di");
  EXPECT_EQ(Found("a.b.c.d").substr(0, 4), "? `a");
  EXPECT_EQ(Found("mart..id").substr(0, 2), "? ");
}

}  // namespace
}  // namespace amont
