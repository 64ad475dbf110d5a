#include "checks/declare/table_wildcard.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

TableName Name(std::string_view text) {
  const Result<TableName> name = ParseTableName(text, "warehouse");
  EXPECT_TRUE(name.has_value()) << text;
  return name ? *name : TableName();
}

// What the captures hold, "tenant=acme region=eu"; "-" where the name does not match.
std::string Match(std::string_view pattern, std::string_view name) {
  const Result<TableWildcard> wildcard = TableWildcard::Parse(pattern, "warehouse");
  if (!wildcard) return wildcard.error().message;
  const std::optional<Captures> captures = wildcard->Match(Name(name));
  if (!captures) return "-";
  std::string text;
  for (const auto& [capture, held] : *captures) text += (text.empty() ? "" : " ") + capture + "=" + held;
  return text;
}

TEST(TableWildcard, IsToldFromAPlainName) {
  EXPECT_TRUE(TableWildcard::Is("raw.*"));
  EXPECT_TRUE(TableWildcard::Is("client_{tenant}.orders"));
  EXPECT_FALSE(TableWildcard::Is("mart.orders"));
  EXPECT_FALSE(TableWildcard::Is("mart.\"*\""));
  EXPECT_FALSE(TableWildcard::Is("mart.\"a\"\"{b}\""));
  EXPECT_TRUE(TableWildcard::Is("mart.\"a\"\"b\"*"));
}

TEST(TableWildcard, MatchesWithinEachPart) {
  EXPECT_EQ(Match("raw.*", "raw.orders"), "");
  EXPECT_EQ(Match("raw.*", "raw2.orders"), "-");
  EXPECT_EQ(Match("*.orders", "a.orders"), "");
  EXPECT_EQ(Match("*.orders", "\"a.b\".orders"), "");
  EXPECT_EQ(Match("*", "orders"), "");
  EXPECT_EQ(Match("*", "raw.orders"), "-");
  EXPECT_EQ(Match("raw.*", "orders"), "-");
  EXPECT_EQ(Match("raw.o*s", "raw.os"), "");
  EXPECT_EQ(Match("raw.o*d*s", "raw.orders"), "");
  EXPECT_EQ(Match("raw.*ord", "raw.orders"), "-");
  EXPECT_EQ(Match("Raw.*", "raw.orders"), "-");
  EXPECT_EQ(Match("lake/raw.*", "raw.orders"), "-");
  EXPECT_EQ(Match("raw.**", "raw.orders"), "");
}

TEST(TableWildcard, CapturesTakeAsLittleAsFits) {
  EXPECT_EQ(Match("client_{tenant}.orders", "client_acme.orders"), "tenant=acme");
  EXPECT_EQ(Match("client_{tenant}.orders", "client_.orders"), "-");
  EXPECT_EQ(Match("{a}_{b}.t", "x_y_z.t"), "a=x b=y_z");
  EXPECT_EQ(Match("s.{a}_*", "s.x_y_z"), "a=x");
  EXPECT_EQ(Match("{a}.{b}", "x.y"), "a=x b=y");
}

TEST(TableWildcard, ARepeatedCaptureHoldsTheSame) {
  EXPECT_EQ(Match("{t}.orders_{t}", "acme.orders_acme"), "t=acme");
  EXPECT_EQ(Match("{t}.orders_{t}", "acme.orders_other"), "-");
  EXPECT_EQ(Match("{r}_{t}.orders_{t}", "eu_west_acme.orders_acme"), "r=eu_west t=acme");
}

TEST(TableWildcard, BoundsWhatMatchingCosts) {
  EXPECT_EQ(Match("s.*a*a*a*a*a*a*b", "s.x"),
            "`s.*a*a*a*a*a*a*b` is not a table name: it has more than 6 wildcards");
}

TEST(TableWildcard, ExcludesByTableAloneWhereItHasNoSchema) {
  const Result<TableWildcard> any = TableWildcard::Parse("tmp_*", "warehouse");
  ASSERT_TRUE(any.has_value());
  EXPECT_TRUE(any->Excludes(Name("raw.tmp_1")));
  EXPECT_FALSE(any->Excludes(Name("tmp_1.orders")));
  EXPECT_FALSE(any->Excludes(Name("lake/tmp_1")));
  const Result<TableWildcard> schema = TableWildcard::Parse("client_test.*", "warehouse");
  ASSERT_TRUE(schema.has_value());
  EXPECT_TRUE(schema->Excludes(Name("client_test.orders")));
  EXPECT_FALSE(schema->Excludes(Name("orders")));
}

TEST(TableWildcard, AsksTheCatalogWithStars) {
  const Result<TableWildcard> wildcard = TableWildcard::Parse("lake/\"a b\"_{x}.t_*", "warehouse");
  ASSERT_TRUE(wildcard.has_value());
  EXPECT_EQ(wildcard->source(), "lake");
  EXPECT_EQ(wildcard->text(), "\"a b\"_{x}.t_*");
  EXPECT_EQ(wildcard->Pattern().schema, "a b_*");
  EXPECT_EQ(wildcard->Pattern().table, "t_*");
  EXPECT_EQ(wildcard->AsName(), (TableName{"lake", "a b_{x}", "t_*"}));
  EXPECT_EQ(wildcard->Example({{"x", "x"}}), (TableName{"lake", "a b_x", "t_any"}));
}

}  // namespace
}  // namespace amont
