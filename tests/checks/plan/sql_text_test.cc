#include "checks/plan/sql_text.h"

#include <gtest/gtest.h>

#include "checks/plan/wildcard_sql.h"

namespace amont {
namespace {

TEST(SqlText, QuotesAreDoubled) {
  EXPECT_EQ(QuoteIdentifier("Order \"Lines\""), R"("Order ""Lines""")");
  EXPECT_EQ(QuoteText("it's"), "'it''s'");
}

TEST(SqlText, ConditionsAreEnclosedAndJoined) {
  EXPECT_EQ(Enclose("  a = 1 OR b "), "(a = 1 OR b)");
  EXPECT_EQ(Enclose("a = 1 -- why"), "(a = 1 -- why\n)");
  EXPECT_EQ(Enclose(" \n"), "");
  EXPECT_EQ(AllOf({"", "a", "", "b"}), "a AND b");
  EXPECT_EQ(Filter(""), "");
  EXPECT_EQ(Filter("a"), " FILTER (WHERE a)");
}

TEST(SqlText, AQueryBecomesASubselectWithoutItsSemicolons) {
  EXPECT_EQ(AsSubselect("SELECT 1; ;\n"), "(\nSELECT 1\n) AS q");
}

TEST(SqlText, OnlyThreePlaceholdersAreReplaced) {
  EXPECT_EQ(Replace("{table} '{table}' {now} {today} {Table} {{table}} {x}",
                    {.table = "T", .table_text = "X's", .now = "N", .today = "{now}"}),
            "T 'X''s' N {now} {Table} {table} {x}");
}

TEST(SqlText, WildcardsBecomePatterns) { EXPECT_EQ(LikePattern("raw_*.a?%\\"), "raw\\_%.a_\\%\\\\"); }

}  // namespace
}  // namespace amont
