#include "checks/plan/catalog_duckdb.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "checks/plan/row_reader.h"
#include "checks/plan/sql_text.h"
#include "checks/plan/wildcard_sql.h"
#include "core/wildcard.h"

namespace amont {
namespace {

constexpr std::string_view kNoCounters = "no change counters here; declare a column";

// What stands before and behind the list of what is asked for: (schema, name, kinds), kinds empty where the
// name is meant exactly, else r for tables and v for views.
constexpr std::string_view kHead = "WITH asked(nsp, rel, kinds) AS (\n  VALUES ";
constexpr std::string_view kTail = R"sql(
), found AS (
  SELECT schema_name AS nsp, table_name AS rel, 'r' AS kind, estimated_size AS size
  FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal
  UNION ALL
  SELECT schema_name, view_name, 'v', NULL FROM duckdb_views() WHERE database_name = current_database() AND NOT internal
), rel AS (
  SELECT DISTINCT found.nsp, found.rel, kind, size, CASE WHEN asked.nsp = '' THEN '' ELSE found.nsp END AS schema
  FROM asked JOIN found ON CASE
    WHEN kinds = '' THEN found.rel = asked.rel AND found.nsp = CASE WHEN asked.nsp = '' THEN current_schema() ELSE asked.nsp END
    ELSE contains(kinds, kind) AND found.rel ILIKE asked.rel ESCAPE '\'
     AND CASE WHEN asked.nsp = '' THEN found.nsp = current_schema() ELSE found.nsp ILIKE asked.nsp ESCAPE '\' END END
)
-- the server: rel its version, at its clock
SELECT 'source' AS what, '' AS nsp, version() AS rel, now() AS at, '' AS name, '' AS type, NULL::BIGINT AS n,
       NULL::BOOLEAN AS nullable, '' AS col, '' AS other, '' AS other_col
UNION ALL
SELECT 'relation', nsp, rel, NULL, schema, kind, size, NULL, '', '', '' FROM rel
UNION ALL
SELECT 'column', schema_name, table_name, NULL, column_name, data_type, column_index, is_nullable, '', '', ''
FROM duckdb_columns() WHERE database_name = current_database() AND (schema_name, table_name) IN (SELECT (nsp, rel) FROM rel)
UNION ALL
-- one column of a constraint, n of them in all
SELECT 'constraint', schema_name, table_name, NULL, constraint_name, constraint_type, len(constraint_column_names), NULL,
       unnest(constraint_column_names), coalesce(referenced_table, ''), coalesce(referenced_column_names[1], '')
FROM duckdb_constraints() WHERE database_name = current_database() AND (schema_name, table_name) IN (SELECT (nsp, rel) FROM rel)
  AND constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
)sql";

ColumnType TypeOf(std::string_view text) {
  ColumnType type = ParseColumnType(text);
  if (type.text == "float") type.bits = 32;  // elsewhere the word alone says nothing
  return type;
}

Statement Describe(const TableName& name) {
  Statement statement;
  statement.cls = StatementClass::kCatalog;
  statement.tables = {name};
  statement.from = QuoteIdentifier(name.table);
  statement.sql = fmt::format(
      "SELECT column_name, column_type, now() AS at, version() AS version\nFROM (DESCRIBE SELECT * FROM {})",
      statement.from);
  return statement;
}

void ReadNow(const RowReader& row, Catalog& catalog) {
  const Value& now = row.Cell("at");
  if (const auto* at = std::get_if<Timestamp>(&now)) catalog.now = *at;
}

void ReadDescribe(const Statement& statement, const Rows& rows, Catalog& catalog) {
  CatalogTable table;
  table.name = statement.tables.front();
  table.kind = RelationKind::kFile;
  table.change_mark_error = kNoCounters;
  for (size_t i = 0; i < rows.rows.size(); ++i) {
    const RowReader row(rows, i);
    if (i == 0) {
      catalog.engine_version = row.Text("version");
      ReadNow(row, catalog);
    }
    table.columns.push_back({row.Text("column_name"), TypeOf(row.Text("column_type")), true, true});
  }
  catalog.tables[table.name] = std::move(table);
}

using Key = std::pair<std::string, std::string>;  // schema, table

void AddConstraint(const RowReader& row, const std::string& source, CatalogTable& table) {
  const std::string name = row.Text("name");
  if (row.Text("type") == "FOREIGN KEY") {
    if (row.Integer("n") != 1) return;
    table.foreign_keys.push_back(
        {name, row.Text("col"), {source, row.Text("nsp"), row.Text("other")}, row.Text("other_col")});
    return;
  }
  auto index = std::ranges::find(table.unique, name, &UniqueIndex::name);
  if (index == table.unique.end()) index = table.unique.insert(index, UniqueIndex{name, {}});
  index->columns.push_back(row.Text("col"));
}

void ReadDatabase(const Rows& rows, const std::string& source, Catalog& catalog) {
  std::map<Key, std::map<int64_t, CatalogColumn>> columns;
  std::map<Key, CatalogTable> tables;
  std::set<std::pair<Key, std::string>> names;  // and the schema each was asked for under
  for (size_t i = 0; i < rows.rows.size(); ++i) {
    const RowReader row(rows, i);
    const std::string what = row.Text("what");
    const Key key{row.Text("nsp"), row.Text("rel")};
    if (what == "source") {
      catalog.engine_version = row.Text("rel");
      ReadNow(row, catalog);
    } else if (what == "relation") {
      CatalogTable& table = tables[key];
      table.kind = row.Text("type") == "v" ? RelationKind::kView : RelationKind::kTable;
      table.not_null_proves = table.kind == RelationKind::kTable;
      table.row_estimate = row.Integer("n");
      names.insert({key, row.Text("name")});
    } else if (what == "column") {
      columns[key][row.Integer("n").value_or(0)] = {row.Text("name"), TypeOf(row.Text("type")),
                                                    row.Flag("nullable"), true};
    } else if (what == "constraint") {
      AddConstraint(row, source, tables[key]);
    }
  }
  for (const auto& [key, schema] : names) {
    CatalogTable table = tables[key];
    table.name = {source, schema, key.second};
    table.change_mark_error = kNoCounters;
    for (ForeignKey& foreign : table.foreign_keys) foreign.other.schema = schema;  // never to another schema
    for (const auto& [index, column] : columns[key]) table.columns.push_back(column);
    catalog.tables[table.name] = std::move(table);
  }
}

}  // namespace

std::vector<Statement> DuckdbCatalogStatements(const CatalogRequest& request, const std::string& source,
                                               const std::map<std::string, std::string>& files) {
  std::vector<Statement> statements;
  std::set<TableName> described;
  Statement database;
  database.cls = StatementClass::kCatalog;
  std::vector<std::string> asked;
  for (const TableName& name : request.tables) {
    if (name.schema.empty() && files.contains(name.table)) {
      if (described.insert(name).second) statements.push_back(Describe(name));
    } else {
      database.tables.push_back(name);
      asked.push_back(fmt::format("({}, {}, '')", QuoteText(name.schema), QuoteText(name.table)));
    }
  }
  for (const NamePattern& pattern : request.patterns) {
    for (const auto& [name, glob] : files) {
      const TableName table{source, "", name};
      if (!pattern.schema.empty() || !MatchesWildcard(pattern.table, name)) continue;
      if (described.insert(table).second) statements.push_back(Describe(table));
    }
    asked.push_back(fmt::format("({}, {}, {})", QuoteText(LikePattern(pattern.schema)),
                                QuoteText(LikePattern(pattern.table)),
                                pattern.include_views ? "'rv'" : "'r'"));
  }
  if (!asked.empty()) {
    database.sql = std::string(kHead) + Join(asked, ",\n         ") + std::string(kTail);
    statements.push_back(std::move(database));
  }
  return statements;
}

void ReadDuckdbCatalog(const Statement& statement, const Result<Rows>& rows, const std::string& source,
                       Catalog& catalog) {
  const bool file = !statement.from.empty();
  if (!rows) {
    if (file && rows.error().code == ErrorCode::kNotFound) {  // no file, no table
      catalog.missing[statement.tables.front()] = rows.error().message;
      return;
    }
    for (const TableName& name : statement.tables) {
      CatalogTable& table = catalog.tables[name];
      table.name = name;
      table.kind = file ? RelationKind::kFile : RelationKind::kTable;
      table.read_error = rows.error().message;
    }
    return;
  }
  if (file) {
    ReadDescribe(statement, *rows, catalog);
  } else {
    ReadDatabase(*rows, source, catalog);
  }
}

}  // namespace amont
