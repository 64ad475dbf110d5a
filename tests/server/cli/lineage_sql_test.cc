// `amont lineage sql`, as a user runs it.

#include <gtest/gtest.h>

#include <string>

#include "tests/server/cli/project.h"
#include "tests/testing/json_tree.h"

namespace amont::testing {
namespace {

class LineageSql : public ::testing::Test {
 protected:
  ProcessResult Run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"lineage", "sql"});
    return project_.Amont(arguments);
  }
  void Write(const std::string& file, const std::string& text) const {
    project_.directory().Write(file, text);
  }
  static bool Has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  Project project_;
};

TEST_F(LineageSql, PrintsOneJsonObjectAStatement) {
  Write("schema.sql",
        "CREATE VIEW v AS SELECT * FROM raw.orders;\nCREATE TABLE raw.orders (id int, amount numeric);\n");
  Write("mart.sql", "INSERT INTO mart.t SELECT id, amount FROM v WHERE id > 1;\nSELECT 1;\n");
  const ProcessResult result = Run({"mart.sql", "--catalog", "schema.sql", "--format=json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const size_t line = result.out.find('\n');
  ASSERT_NE(line, std::string::npos);
  const auto json = ParseJson(result.out.substr(0, line));
  ASSERT_TRUE(json.has_value()) << result.out;
  EXPECT_EQ((*json)["kind"].text, "insert");
  EXPECT_EQ((*json)["target"].text, "mart.t");
  EXPECT_EQ((*json)["status"].text, "partial");
  EXPECT_TRUE(Has(result.out, R"("direct":["public.v.amount"],"indirect":["public.v.id"])")) << result.out;
  EXPECT_TRUE(Has(result.out.substr(line), R"("kind":"select")")) << result.out;
}

TEST_F(LineageSql, AFailedStatementHasItsPlaceAndExitsTwo) {
  Write("mart.sql", "SELECT a FROM t;\n\nSELECT b\n  FROM WHERE x;\nSELECT c FROM t;\n");
  const ProcessResult result = Run({"mart.sql"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(Has(result.out, "mart.sql:4:8: unknown: failed: syntax error at or near \"WHERE\""))
      << result.out;
  EXPECT_TRUE(Has(result.out, "c <- public.t.c")) << result.out;
}

TEST_F(LineageSql, NamesAreLookedUpAlongTheSearchPath) {
  Write("schema.sql", "CREATE TABLE a.t (x int); CREATE TABLE b.t (y int);");
  Write("q.sql", "SELECT * FROM t");
  EXPECT_TRUE(Has(Run({"q.sql", "--catalog=schema.sql", "--search-path=b,a"}).out, "y <- b.t.y"));
  EXPECT_TRUE(Has(Run({"q.sql", "--catalog=schema.sql", "--search-path=a"}).out, "x <- a.t.x"));
}

TEST_F(LineageSql, WhatTheCatalogLeavesOpenIsSaid) {
  Write("schema.sql", "CREATE TABLE t (x int);\nCREATE VIEW v AS SELECT * FROM nowhere;\nnonsense;\n");
  Write("q.sql", "SELECT * FROM t");
  const ProcessResult result = Run({"q.sql", "--catalog", "schema.sql"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(Has(result.err, "schema.sql:2:1: partial: the columns of public.nowhere are not known"))
      << result.err;
  EXPECT_TRUE(Has(result.err, "schema.sql:3:1: failed: syntax error")) << result.err;
}

TEST_F(LineageSql, AFileThatCannotBeReadIsAMistakeOfUsage) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"absent.sql"}, {}, {"q.sql", "--catalog", "absent.sql"}, {"q.sql", "--format=xml"}}) {
    const ProcessResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 64) << result.out;
    EXPECT_FALSE(result.err.empty());
  }
}

// What the parser's stack cannot hold is refused; what it can hold is read. Nothing crashes.
TEST_F(LineageSql, DeepStatementsAreRefusedOrRead) {
  const auto repeat = [](std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  struct Deep {
    std::string sql;
    int exit_code;
  };
  for (const Deep& deep :
       {Deep{"SELECT 1" + repeat(" + 1", 100'000), 2}, Deep{"SELECT 1" + repeat(" + 1", 5'000), 0},
        Deep{"SELECT " + repeat("(", 5'000) + "1" + repeat(")", 5'000), 0},
        Deep{"SELECT " + repeat("(", 5'000), 2}, Deep{"SELECT 1" + repeat("+1", 400'000), 2},
        Deep{"SELECT 1 FROM a" + repeat(" NATURAL JOIN a", 3'000), 0},
        Deep{"SELECT 1" + repeat(" UNION SELECT 1", 50'000), 2},
        Deep{"SELECT '" + repeat("x", 10'000'000) + "'", 2}, Deep{repeat("SELECT a FROM t; ", 20'000), 0}}) {
    Write("deep.sql", deep.sql);
    const ProcessResult result = Run({"deep.sql", "--format=json"});
    EXPECT_EQ(result.exit_code, deep.exit_code)
        << deep.sql.substr(0, 40) << result.out.substr(0, 300) << result.err;
    EXPECT_EQ(Has(result.out, R"("status":"failed")"), deep.exit_code == 2) << deep.sql.substr(0, 40);
  }
}

}  // namespace
}  // namespace amont::testing
