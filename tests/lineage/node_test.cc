#include "lineage/node.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

TEST(NodeNameTest, ReadsWhatItPrints) {
  for (const NodeName& name :
       {NodeName::Of({"wh", "mart", "orders"}), NodeName::Of({"lake", "", "flights"}),
        NodeName::Of({"wh", "Odd.One", "Order \"Lines\""}), NodeName::Job("airflow://host:80/x", "load"),
        NodeName::Exposure("dashboard", "Revenue: all"), NodeName::Exposure("app", "exam-odds")}) {
    auto read = ParseNodeName(name.Text(), "elsewhere");
    ASSERT_TRUE(read.has_value()) << name.Text() << ": " << read.error().message;
    EXPECT_EQ(*read, name) << name.Text();
  }
}

TEST(NodeNameTest, ATableWithoutASourceIsOfTheOneGiven) {
  auto read = ParseNodeName("mart.orders", "wh");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->Text(), "wh/mart.orders");
}

TEST(NodeNameTest, SaysWhatIsWrong) {
  EXPECT_FALSE(ParseNodeName("dashboard:", "wh").has_value());
  EXPECT_FALSE(ParseNodeName("job:load", "wh").has_value());
  EXPECT_FALSE(ParseNodeName("", "wh").has_value());
}

TEST(PortTest, AColumnIsQuotedWhereItMustBe) {
  EXPECT_EQ((Port{NodeName::Of({"wh", "mart", "orders"}), "amount"}.Text()), "wh/mart.orders.amount");
  EXPECT_EQ((Port{NodeName::Of({"wh", "mart", "orders"}), "net amount"}.Text()),
            "wh/mart.orders.\"net amount\"");
}

}  // namespace
}  // namespace amont
