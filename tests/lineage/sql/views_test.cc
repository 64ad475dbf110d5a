// Lineage compared with a PostgreSQL that is asked: each query of tests/cases/lineage_views becomes a view,
// and the server says its columns and their types, the origins of a result's columns, and what the stored
// view depends on.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <pqxx/pqxx>

#include "lineage/sql/script.h"
#include "lineage/sql/split_script.h"
#include "tests/testing/corpus.h"
#include "tests/testing/paths.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

using Names = std::set<std::string>;

std::string Joined(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return text;
}

std::string ValueOf(pqxx::nontransaction& server, const std::string& query) {
  const pqxx::result rows = server.exec(query);
  return rows.empty() ? std::string() : rows[0][0].as<std::string>();
}

Names Column(const pqxx::result& rows) {
  Names names;
  for (const auto& row : rows) names.insert(row[0].as<std::string>());
  return names;
}

constexpr const char* kDepends =
    "FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid "
    "JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid "
    "WHERE r.ev_class = 'probe'::regclass AND c.oid <> r.ev_class AND c.relkind IN ('r','v','m','p','f') ";

// A type as lineage/sql spells it.
constexpr const char* kTypes =
    "SELECT CASE WHEN t.typcategory = 'A' THEN e.typname || '[]' ELSE CASE WHEN tn.nspname = 'pg_catalog' THEN '' "
    "ELSE '' END || t.typname END || CASE WHEN a.atttypmod < 0 THEN '' WHEN t.typname IN ('varchar', 'bpchar') "
    "THEN '(' || a.atttypmod - 4 || ')' WHEN t.typname = 'numeric' THEN '(' || ((a.atttypmod - 4) >> 16) || ',' || "
    "((a.atttypmod - 4) & 65535) || ')' ELSE '(' || a.atttypmod || ')' END "
    "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace "
    "LEFT JOIN pg_type e ON e.oid = t.typelem WHERE a.attrelid = 'probe'::regclass AND a.attnum > 0 ORDER BY a.attnum";

class Views : public ::testing::Test {
 protected:
  void Compare(pqxx::connection& connection, const SqlStatement& ours, std::string_view query) {
    pqxx::nontransaction server(connection);
    try {
      server.exec(fmt::format("CREATE OR REPLACE VIEW probe AS {}", query));
    } catch (const pqxx::sql_error& error) {
      ADD_FAILURE() << error.what();
      return;
    }
    EXPECT_EQ(Word(ours.status), "resolved") << ours.reason;
    CompareOutput(server, ours, query);
    // A whole row and a function's row type are no dependencies on columns, or only that, to the server.
    if (query.find("/* reads differ */") == std::string_view::npos) CompareReads(server, ours);
    server.exec("DROP VIEW probe");
  }

  static std::string Text(const SqlStatement& ours, uint32_t id) {
    const SqlSource& source = ours.sources[id];
    const SqlName& relation = ours.reads[source.relation];
    return fmt::format("{}.{}.{}", relation.schema, relation.name, source.column);
  }

  static void CompareOutput(pqxx::nontransaction& server, const SqlStatement& ours, std::string_view query) {
    const pqxx::result theirs = server.exec(fmt::format("SELECT * FROM ({}) q LIMIT 0", query));
    const pqxx::result types = server.exec(kTypes);
    ASSERT_EQ(ours.columns.size(), static_cast<size_t>(theirs.columns()));
    for (pqxx::row_size_type i = 0; i < theirs.columns(); ++i) {
      const SqlOutput& column = ours.columns[static_cast<size_t>(i)];
      EXPECT_EQ(column.name, theirs.column_name(i));
      std::string origin;
      if (theirs.column_table(i) != 0) {
        origin = ValueOf(
            server,
            fmt::format(
                "SELECT n.nspname || '.' || c.relname || '.' || a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = "
                "c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.oid = {} AND a.attnum = {}",
                theirs.column_table(i), static_cast<int16_t>(theirs.table_column(i) + 1)));
      }
      EXPECT_EQ(column.origin ? Text(ours, *column.origin) : "", origin) << column.name;
      if (!column.type.empty()) {
        EXPECT_EQ(column.type, types[static_cast<int>(i)][0].as<std::string>()) << column.name;
      }
      ++columns_;
      if (column.type.empty()) ++untyped_;
    }
  }

  static void CompareReads(pqxx::nontransaction& server, const SqlStatement& ours) {
    Names relations;
    Names columns;
    for (const SqlName& name : ours.reads) relations.insert(fmt::format("{}.{}", name.schema, name.name));
    for (uint32_t id = 0; id < ours.sources.size(); ++id) columns.insert(Text(ours, id));
    EXPECT_EQ(Joined(relations), Joined(Column(server.exec(fmt::format(
                                     "SELECT DISTINCT n.nspname || '.' || c.relname {}", kDepends)))));
    EXPECT_EQ(Joined(columns), Joined(Column(server.exec(fmt::format(
                                   "SELECT DISTINCT n.nspname || '.' || c.relname || '.' || a.attname {} "
                                   "AND d.refobjsubid <> 0",
                                   kDepends)))));
    // Every source is in one of the three lists.
    Names listed;
    for (const SqlOutput& column : ours.columns) {
      for (const uint32_t id : column.direct) listed.insert(Text(ours, id));
      for (const uint32_t id : column.indirect) listed.insert(Text(ours, id));
    }
    for (const uint32_t id : ours.indirect) listed.insert(Text(ours, id));
    for (const uint32_t id : ours.unused) listed.insert(Text(ours, id));
    EXPECT_EQ(Joined(listed), Joined(columns));
  }

  static int columns_;
  static int untyped_;
};

int Views::columns_ = 0;
int Views::untyped_ = 0;

TEST_F(Views, AreWhatThisServerSaysTheyAre) {
  AMONT_NEEDS_POSTGRES();
  const auto file = SourcePath("tests/cases/lineage_views/views.txt");
  constexpr std::string_view kDivider = "-- script\n";
  int queries = 0;
  for (const CorpusCase& each : ParseCorpus(file, ReadFile(file))) {
    const size_t divider = each.input.find(kDivider);
    ASSERT_NE(divider, std::string::npos);
    const std::string ddl = each.input.substr(0, divider);
    const std::string script = each.input.substr(divider + kDivider.size());
    const std::string url = PostgresServer::Get().CreateDatabase();
    ExecuteSql(url, ddl);
    pqxx::connection connection(url);
    SqlCatalog catalog;
    EXPECT_TRUE(ReadSqlCatalog(ddl, catalog, {}).empty());
    for (const ScriptPart& part : SplitScript(script)) {
      SCOPED_TRACE(std::string(part.text));
      const std::vector<SqlStatement> ours = AnalyseSql(part.text, catalog, {});
      ASSERT_EQ(ours.size(), 1u);
      Compare(connection, ours.front(), part.text);
      ++queries;
    }
  }
  fmt::print("{} queries, {} columns, {} of them without a type\n", queries, columns_, untyped_);
}

}  // namespace
}  // namespace amont::testing
