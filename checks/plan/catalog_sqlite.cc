#include "checks/plan/catalog_sqlite.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "checks/plan/row_reader.h"
#include "checks/plan/sql_text.h"
#include "checks/plan/wildcard_sql.h"

namespace amont {
namespace {

constexpr std::string_view kNoCounters = "no change counters here; declare a column";

// Asked for are (schema, name, kinds), kinds empty where the name is meant exactly. The one schema is main.
constexpr std::string_view kHead = "WITH asked(nsp, rel, kinds) AS (\n  VALUES ";
constexpr std::string_view kTail = R"sql(
), rel AS MATERIALIZED (
  SELECT DISTINCT s.name, s.type, a.nsp AS schema, instr(lower(s.sql), 'collate') > 0 AS collated,
         CASE s.type WHEN 'view' THEN amont_view_error(s.name) END AS broken
  FROM asked a JOIN sqlite_schema s ON CASE
    WHEN a.kinds = '' THEN s.name = a.rel AND a.nsp IN ('', 'main')
    ELSE instr(a.kinds, s.type) > 0 AND s.name LIKE a.rel ESCAPE '\' AND ('main' LIKE a.nsp ESCAPE '\' OR a.nsp = '') END
  WHERE s.type IN ('table', 'view') AND s.name NOT LIKE 'sqlite\_%' ESCAPE '\'
)
-- the server: rel its version, name its clock
SELECT 'source' AS what, sqlite_version() AS rel, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS name, '' AS type, 0 AS n, 0 AS flag, 0 AS pk
UNION ALL
SELECT 'relation', name, CASE WHEN schema = '' THEN '' ELSE 'main' END, type, 0, collated, 0 FROM rel
UNION ALL
-- a view whose columns cannot be told: name says why
SELECT 'broken', name, broken, '', 0, 0, 0 FROM rel WHERE broken IS NOT NULL
UNION ALL
-- flag not null, pk its place in the primary key
SELECT 'column', rel.name, c.name, c.type, c.cid, c."notnull", c.pk FROM rel JOIN pragma_table_xinfo(iif(rel.broken IS NULL, rel.name, '')) c WHERE c.hidden <> 1
UNION ALL
-- one key column of a whole index: type the index, n its place, flag unique, pk of the primary key
SELECT 'index', rel.name, CASE WHEN x.coll = 'BINARY' THEN coalesce(x.name, '') ELSE '' END, l.name, x.seqno, l."unique", l.origin = 'pk'
FROM rel JOIN pragma_index_list(rel.name) l JOIN pragma_index_xinfo(l.name) x
WHERE rel.type = 'table' AND l.partial = 0 AND x.key = 1
)sql";

struct Index {
  std::vector<std::string> columns;  // by place; empty: an expression, or another collation
  bool unique = false;
};

struct Relation {
  CatalogTable facts;
  std::set<std::string> schemas;
  bool collated = false;
  bool key_has_index = false;
  std::map<int64_t, CatalogColumn> columns;
  std::set<std::string> primary_key;
  std::map<std::string, Index> indexes;
};

ColumnType TypeOf(std::string_view text) {
  ColumnType type = ParseColumnType(text);
  type.bits = 0;  // values are as wide as they need to be
  return type;
}

void AddRow(const RowReader& row, std::map<std::string, Relation>& relations, Catalog& catalog) {
  const std::string what = row.Text("what");
  if (what == "source") {
    catalog.engine_version = row.Text("rel");
    if (const auto now = ParseTimestamp(row.Text("name"))) catalog.now = *now;
    return;
  }
  Relation& relation = relations[row.Text("rel")];
  const std::string name = row.Text("name");
  const bool flag = row.Flag("flag");
  if (what == "relation") {
    relation.schemas.insert(name);
    relation.facts.kind = row.Text("type") == "view" ? RelationKind::kView : RelationKind::kTable;
    relation.collated = flag;
  } else if (what == "broken") {
    relation.facts.read_error = name;
  } else if (what == "column") {
    relation.columns[row.Integer("n").value_or(0)] = {name, TypeOf(row.Text("type")), !flag, true};
    if (row.Flag("pk")) relation.primary_key.insert(name);
  } else if (what == "index") {
    Index& index = relation.indexes[row.Text("type")];
    index.unique = flag;
    const auto place = static_cast<size_t>(row.Integer("n").value_or(0));
    index.columns.resize(std::max(index.columns.size(), place + 1));
    index.columns[place] = name;
    relation.key_has_index |= row.Flag("pk");
  }
}

// A lone INTEGER primary key without an index of its own is the row's number.
void AddRowNumber(Relation& relation) {
  if (relation.primary_key.size() != 1 || relation.key_has_index) return;
  for (auto& [place, column] : relation.columns) {
    if (column.name != *relation.primary_key.begin() || column.type.text != "integer") continue;
    column.nullable = false;
    relation.facts.unique.push_back({"INTEGER PRIMARY KEY", {column.name}});
    relation.facts.indexed_first.push_back(column.name);
  }
}

void Settle(Relation& relation) {
  CatalogTable& facts = relation.facts;
  facts.change_mark_error = kNoCounters;
  facts.not_null_proves = facts.kind == RelationKind::kTable;
  AddRowNumber(relation);
  for (auto& [name, index] : relation.indexes) {
    if (!index.columns.empty() && !index.columns.front().empty())
      facts.indexed_first.push_back(index.columns.front());
    const bool plain = std::ranges::none_of(index.columns, &std::string::empty);
    if (index.unique && plain && !relation.collated) facts.unique.push_back({name, index.columns});
  }
  for (auto& [place, column] : relation.columns) facts.columns.push_back(std::move(column));
}

}  // namespace

std::vector<Statement> SqliteCatalogStatements(const CatalogRequest& request) {
  Statement statement;
  statement.cls = StatementClass::kCatalog;
  std::vector<std::string> asked;
  for (const TableName& name : request.tables) {
    statement.tables.push_back(name);
    asked.push_back(fmt::format("({}, {}, '')", QuoteText(name.schema), QuoteText(name.table)));
  }
  for (const NamePattern& pattern : request.patterns) {
    asked.push_back(fmt::format("({}, {}, {})", QuoteText(LikePattern(pattern.schema)),
                                QuoteText(LikePattern(pattern.table)),
                                pattern.include_views ? "'table view'" : "'table'"));
  }
  if (asked.empty()) return {};
  statement.sql = std::string(kHead) + Join(asked, ",\n         ") + std::string(kTail);
  return {std::move(statement)};
}

void ReadSqliteCatalog(const Statement& statement, const Result<Rows>& rows, const std::string& source,
                       Catalog& catalog) {
  if (!rows) {
    for (const TableName& name : statement.tables) {
      catalog.tables[name].name = name;
      catalog.tables[name].read_error = rows.error().message;
    }
    return;
  }
  std::map<std::string, Relation> relations;
  for (size_t i = 0; i < rows->rows.size(); ++i) AddRow(RowReader(*rows, i), relations, catalog);
  for (auto& [name, relation] : relations) {
    Settle(relation);
    for (const std::string& schema : relation.schemas) {
      relation.facts.name = {source, schema, name};
      catalog.tables[relation.facts.name] = relation.facts;
    }
  }
}

}  // namespace amont
