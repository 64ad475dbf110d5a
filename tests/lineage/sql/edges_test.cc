#include "lineage/sql/edges.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "lineage/sql/script.h"

namespace amont {
namespace {

Extract Read(std::string_view sql, std::string_view ddl = "") {
  SqlCatalog catalog;
  ReadSqlCatalog(ddl, catalog, {});
  return ExtractOfSql(AnalyseSql(sql, catalog, {}),
                      {.source = "w", .origin = "job.sql", .job = std::nullopt, .at = Timestamp{}});
}

std::string Text(const Extract& extract) {
  std::string text;
  for (const Edge& edge : extract.edges) {
    text += fmt::format("{} -> {} {}", edge.upstream.Text(), edge.downstream.Text(), Word(edge.kind));
    if (edge.confidence < 1) text += fmt::format(" {:.1f}", edge.confidence);
    if (edge.job) text += fmt::format(" by {}", edge.job->Text());
    text += '\n';
  }
  return text;
}

TEST(SqlEdges, GoFromColumnToColumnAndFromConditionsToTheTable) {
  EXPECT_EQ(Text(Read("INSERT INTO m.t (a, b) SELECT x, CASE WHEN y THEN z END FROM r.s WHERE w")),
            "w/r.s.w -> w/m.t indirect\n"
            "w/r.s.x -> w/m.t.a direct\n"
            "w/r.s.y -> w/m.t.b indirect\n"
            "w/r.s.z -> w/m.t.b direct\n");
}

TEST(SqlEdges, UnusedColumnsGiveNone) {
  EXPECT_EQ(Text(Read("CREATE VIEW v AS WITH q AS (SELECT * FROM t) SELECT a FROM q",
                      "CREATE TABLE t (a int, b int)")),
            "w/public.t.a -> w/public.v.a direct\n");
}

TEST(SqlEdges, ATableReadForItsRowsAloneIsUpstreamAsAWhole) {
  EXPECT_EQ(Text(Read("CREATE VIEW v AS SELECT count(*) AS n FROM t")),
            "w/public.t -> w/public.v indirect\n");
}

TEST(SqlEdges, GoThroughTemporaryTables) {
  EXPECT_EQ(
      Text(Read("CREATE TEMP TABLE x AS SELECT a, b AS c FROM t WHERE d; INSERT INTO x SELECT e, f FROM u;"
                "INSERT INTO m (n) SELECT a FROM x WHERE c > 1; DROP TABLE x;")),
      "w/public.t.a -> w/public.m.n direct\n"
      "w/public.t.b -> w/public.m indirect\n"
      "w/public.t.d -> w/public.m indirect\n"
      "w/public.t.d -> w/public.m.n indirect\n"
      "w/public.u.e -> w/public.m.n direct\n"
      "w/public.u.f -> w/public.m indirect\n");
}

TEST(SqlEdges, WhatIsKnownInPartSaysLess) {
  const Extract extract = Read("CREATE TABLE m AS SELECT *, 1 AS one FROM t; nonsense;");
  EXPECT_EQ(Text(extract), "w/public.t -> w/public.m direct 0.7\n");
  ASSERT_EQ(extract.warnings.size(), 2u);
  EXPECT_EQ(extract.warnings[0], "job.sql:1:1: create_table_as: the columns of public.t are not known");
  EXPECT_EQ(extract.warnings[1], "job.sql:1:46: unknown: syntax error at or near \"nonsense\"");
}

TEST(SqlEdges, StatementsWithinAWithReadWhatTheyRead) {
  EXPECT_EQ(
      Text(Read(
          "WITH x AS (INSERT INTO a (i) SELECT 1 FROM s RETURNING i) INSERT INTO b (n) SELECT 2 FROM o, x")),
      "w/public.o -> w/public.b indirect\n"
      "w/public.s -> w/public.a indirect\n"
      "w/public.s -> w/public.b indirect\n");
}

TEST(SqlEdges, ARoutinesStatementsBelongToIt) {
  EXPECT_EQ(
      Text(Read("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'INSERT INTO m (a) SELECT b FROM t'")),
      "w/public.t.b -> w/public.m.a direct by job:w/public.f\n");
}

TEST(SqlEdges, ATableIsNotUpstreamOfItself) {
  EXPECT_EQ(Text(Read("UPDATE t SET a = t.a + s.b FROM s WHERE s.id = t.id")),
            "w/public.s.b -> w/public.t.a direct\n"
            "w/public.s.id -> w/public.t indirect\n");
}

}  // namespace
}  // namespace amont
