#include "core/table_name.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_set>

namespace amont {
namespace {

TableName Parsed(std::string_view text, std::string_view source = "warehouse") {
  auto name = ParseTableName(text, source);
  EXPECT_TRUE(name) << text;
  return name ? *name : TableName{};
}

std::string ErrorOf(std::string_view text) {
  auto name = ParseTableName(text, "warehouse");
  return name ? "no error" : name.error().message;
}

TEST(ParseTableName, TakesSchemaAndTable) {
  EXPECT_EQ(Parsed("mart.orders"), (TableName{"warehouse", "mart", "orders"}));
  EXPECT_EQ(Parsed("flights"), (TableName{"warehouse", "", "flights"}));
  EXPECT_EQ(Parsed("lake/raw.flights"), (TableName{"lake", "raw", "flights"}));
  EXPECT_EQ(Parsed("lake/flights"), (TableName{"lake", "", "flights"}));
  EXPECT_EQ(Parsed("\"my lake\"/flights"), (TableName{"my lake", "", "flights"}));
}

TEST(ParseTableName, TakesEveryLetterPlain) {
  EXPECT_EQ(Parsed("Mart.Orders-2026_x"), (TableName{"warehouse", "Mart", "Orders-2026_x"}));
  EXPECT_EQ(Parsed("vente.commandes_réglées"), (TableName{"warehouse", "vente", "commandes_réglées"}));
  EXPECT_EQ(Parsed("注文.🛒"), (TableName{"warehouse", "注文", "🛒"}));
  EXPECT_EQ(Parsed("1.2"), (TableName{"warehouse", "1", "2"}));
}

TEST(ParseTableName, TakesAnythingInQuotes) {
  EXPECT_EQ(Parsed("mart.\"Order Lines\""), (TableName{"warehouse", "mart", "Order Lines"}));
  EXPECT_EQ(Parsed("\"a.b\".\"c/d\""), (TableName{"warehouse", "a.b", "c/d"}));
  EXPECT_EQ(Parsed("\"say \"\"hi\"\"\""), (TableName{"warehouse", "", "say \"hi\""}));
  EXPECT_EQ(Parsed("\"plain\""), (TableName{"warehouse", "", "plain"}));
}

TEST(ParseTableName, SaysWhatIsWrong) {
  EXPECT_EQ(ErrorOf(""), "`` is not a table name: a part of it is empty");
  EXPECT_EQ(ErrorOf("mart."), "`mart.` is not a table name: a part of it is empty");
  EXPECT_EQ(ErrorOf("mart..orders"), "`mart..orders` is not a table name: a part of it is empty");
  EXPECT_EQ(ErrorOf("/orders"), "`/orders` is not a table name: a part of it is empty");
  EXPECT_EQ(ErrorOf("lake/"), "`lake/` is not a table name: a part of it is empty");
  EXPECT_EQ(ErrorOf("\"\".orders"), "`\"\".orders` is not a table name: a part of it is empty");
  EXPECT_EQ(ErrorOf("mart.order lines"),
            "`mart.order lines` is not a table name: ` ` needs double quotes around the whole part");
  EXPECT_EQ(ErrorOf("a\"b\""),
            "`a\"b\"` is not a table name: `\"` needs double quotes around the whole part");
  EXPECT_EQ(ErrorOf("\"a\"é"), "`\"a\"é` is not a table name: `é` needs double quotes around the whole part");
  EXPECT_EQ(ErrorOf("mart.\"orders"), "`mart.\"orders` is not a table name: a double quote is not closed");
  EXPECT_EQ(ErrorOf("\"a\"\""), "`\"a\"\"` is not a table name: a double quote is not closed");
  EXPECT_EQ(
      ErrorOf("a.b.c"),
      "`a.b.c` is not a table name: it has more parts than schema.table; quote a part that contains a dot");
  for (auto text : {"a/b/c", "a.b/c", "a/b.c/d"}) {
    EXPECT_NE(ErrorOf(text).find("a slash stands only once"), std::string::npos) << text;
  }
}

TEST(ParseTableName, RefusesUnquotedCharactersThatMeanSomethingElsewhere) {
  for (char c : std::string_view(":()@*{}?[]'`;,=<>$#!%&|\\~^+ \t\n\0", 31)) {
    std::string part = std::string("a") + c + "b";
    EXPECT_FALSE(ParseTableName(part, "s")) << part;
    EXPECT_EQ(QuotePart(part), '"' + part + '"');
    EXPECT_EQ(Parsed(QuotePart(part)).table, part);
  }
}

TEST(SplitDotted, GivesEveryPart) {
  EXPECT_EQ(*SplitDotted("mart.customers.id"), (std::vector<std::string>{"mart", "customers", "id"}));
  EXPECT_EQ(*SplitDotted("\"a.b\".c"), (std::vector<std::string>{"a.b", "c"}));
  EXPECT_EQ(*SplitDotted("id"), (std::vector<std::string>{"id"}));
  EXPECT_FALSE(SplitDotted("lake/orders"));
  EXPECT_FALSE(SplitDotted("."));
  EXPECT_FALSE(SplitDotted(""));
}

TEST(QuotePart, QuotesWhereNeeded) {
  EXPECT_EQ(QuotePart("orders"), "orders");
  EXPECT_EQ(QuotePart("Orders-2_é"), "Orders-2_é");
  EXPECT_EQ(QuotePart(""), "\"\"");
  EXPECT_EQ(QuotePart("a b"), "\"a b\"");
  EXPECT_EQ(QuotePart("a\"b"), "\"a\"\"b\"");
}

// Parts drawn from the characters that could confuse the reader.
std::string RandomPart(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {"a", "Z", "0",    "_",    "-",  ".",  "/",     "\"",
                                                   " ", "é", "🛒", "\xff", "\n", ":",  "(",     ")",
                                                   "@", "*", "{",    "}",    "'",  "\\", "orders"};
  std::string part;
  for (size_t n = random() % 5 + 1; n > 0; --n) part += kPieces[random() % kPieces.size()];
  return part;
}

TEST(TableName, IsReadBackFromItsTexts) {
  std::mt19937_64 random(3);
  std::unordered_set<std::string> texts;
  std::unordered_set<TableName> names;
  for (int i = 0; i < 20'000; ++i) {
    TableName name{RandomPart(random), random() % 4 == 0 ? "" : RandomPart(random), RandomPart(random)};
    ASSERT_EQ(Parsed(name.Local(), name.source), name) << name.Local();
    ASSERT_EQ(Parsed(name.Full(), "elsewhere"), name) << name.Full();
    names.insert(name);
    texts.insert(name.Full());
  }
  EXPECT_EQ(names.size(), texts.size());  // no two names share a text
}

TEST(TableName, IsOrderedBySourceSchemaTable) {
  EXPECT_LT((TableName{"a", "z", "z"}), (TableName{"b", "a", "a"}));
  EXPECT_LT((TableName{"a", "a", "z"}), (TableName{"a", "b", "a"}));
  EXPECT_LT((TableName{"a", "a", "a"}), (TableName{"a", "a", "b"}));
}

TEST(TableName, HashTellsThePartsApart) {
  std::hash<TableName> hash;
  EXPECT_EQ(hash(TableName{"a", "b", "c"}), hash(TableName{"a", "b", "c"}));
  EXPECT_NE(hash(TableName{"a", "b", "c"}), hash(TableName{"a", "c", "b"}));
  EXPECT_NE(hash(TableName{"ab", "", "c"}), hash(TableName{"a", "b", "c"}));
}

}  // namespace
}  // namespace amont
