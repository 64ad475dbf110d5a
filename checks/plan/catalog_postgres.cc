#include "checks/plan/catalog_postgres.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string_view>

#include "checks/plan/postgres_catalog_sql.h"
#include "checks/plan/row_reader.h"
#include "checks/plan/wildcard_sql.h"
#include "core/limits.h"

namespace amont {
namespace {

constexpr std::string_view kNoCounters = "no change counters here; declare a column";

// A text[] as PostgreSQL reads it: {"a","b"}.
std::string ArrayText(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const std::string& text : texts) {
    if (array.size() > 1) array += ',';
    array += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') array += '\\';
      array += c;
    }
    array += '"';
  }
  return array + "}";
}

// pg_class.relkind letters, and l for the leaves of partitioned tables.
std::string KindLetters(const NamePattern& pattern) {
  std::string letters = "rpm";
  if (pattern.include_views) letters += 'v';
  if (pattern.include_foreign) letters += 'f';
  if (pattern.include_partitions) letters += 'l';
  return letters;
}

RelationKind KindOf(std::string_view letter) {
  if (letter == "p") return RelationKind::kPartitioned;
  if (letter == "l") return RelationKind::kPartition;
  if (letter == "v") return RelationKind::kView;
  if (letter == "m") return RelationKind::kMaterializedView;
  if (letter == "f") return RelationKind::kForeign;
  return RelationKind::kTable;
}

// "3 1 0": an int2vector or oidvector.
std::vector<int64_t> Numbers(std::string_view text) {
  std::vector<int64_t> numbers;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    int64_t number = 0;
    const auto [stopped, error] = std::from_chars(at, end, number);
    if (error != std::errc()) break;
    numbers.push_back(number);
    at = stopped;
    while (at < end && *at == ' ') ++at;
  }
  return numbers;
}

struct Column {
  CatalogColumn column;
  int64_t collation = 0;
};

// One relation while its rows come in, by OID.
struct Relation {
  CatalogTable facts;                 // without its name
  std::set<TableName> names;          // as they were asked for: "orders" and "public.orders" may be one
  std::map<int64_t, Column> columns;  // by number
  bool proves = false;
};

class CatalogReader {
 public:
  CatalogReader(const Rows& rows, const std::string& source) : rows_(rows), source_(source) {}

  void ReadInto(Catalog& catalog) {
    for (size_t row = 0; row < rows_.rows.size(); ++row) ReadFirst(RowReader(rows_, row), catalog);
    for (size_t row = 0; row < rows_.rows.size(); ++row) ReadSecond(RowReader(rows_, row));
    const bool proves = IsRealPostgres(catalog.engine_version);
    for (auto& [oid, relation] : relations_) {
      CatalogTable& facts = relation.facts;
      for (auto& [number, column] : relation.columns) facts.columns.push_back(std::move(column.column));
      facts.not_null_proves = proves && relation.proves;
      if (!facts.not_null_proves) {
        facts.unique.clear();
        facts.foreign_keys.clear();
      }
      Settle(facts);
      for (const TableName& name : relation.names) {
        facts.name = name;
        catalog.tables[name] = facts;
      }
    }
  }

 private:
  // What others refer to: the server, types, relations, columns.
  void ReadFirst(const RowReader& row, Catalog& catalog) {
    const std::string what = row.Text("what");
    if (what == "source") {
      catalog.engine_version = row.Text("name");
      if (const Value& now = row.Cell("at"); std::holds_alternative<Timestamp>(now))
        catalog.now = std::get<Timestamp>(now);
      standby_ = row.Flag("b1");
    } else if (what == "type") {
      types_[row.Text("t1")] = ParseColumnType(row.Text("name"));
    } else if (what == "relation") {
      Relation& relation = relations_[row.Integer("id").value_or(0)];
      relation.names.insert({source_, row.Text("t1"), row.Text("name")});
      relation.facts.kind = KindOf(row.Text("t2"));
      relation.facts.readable = row.Flag("b1");
      relation.facts.missing_grant = row.Text("t3");
      relation.facts.row_estimate = row.Integer("n1");
      relation.facts.change_mark = row.Text("t4");
      relation.proves = row.Flag("b2");
      const std::string printed = row.Text("t5");
      if (relation.facts.row_estimate) relation.facts.leaf_rows[printed] = *relation.facts.row_estimate;
    } else if (what == "column") {
      Column& column = relations_[row.Integer("id").value_or(0)].columns[row.Integer("n1").value_or(0)];
      column.column.name = row.Text("name");
      column.column.type.text = row.Text("t1");  // the type's number until all types are known
      column.column.nullable = !row.Flag("b1");
      column.column.readable = row.Flag("b2");
      column.collation = row.Integer("n2").value_or(0);
    }
  }

  void ReadSecond(const RowReader& row) {
    const auto found = relations_.find(row.Integer("id").value_or(0));
    if (found == relations_.end()) return;
    Relation& relation = found->second;
    const std::string what = row.Text("what");
    if (what == "column") {
      ColumnType& type = relation.columns[row.Integer("n1").value_or(0)].column.type;
      type = types_[type.text];
    } else if (what == "leaves") {
      relation.facts.row_estimate = row.Integer("n1");
      relation.facts.change_mark = row.Text("t4");
      relation.proves = row.Flag("b2");
    } else if (what == "leaf") {
      relation.facts.leaf_rows[row.Text("t5")] = row.Integer("n1").value_or(0);
    } else if (what == "index") {
      ReadIndex(row, relation);
    } else if (what == "foreign key") {
      const auto column = relation.columns.find(row.Integer("n1").value_or(0));
      if (column == relation.columns.end()) return;
      relation.facts.foreign_keys.push_back({row.Text("name"),
                                             column->second.column.name,
                                             {source_, row.Text("t1"), row.Text("t2")},
                                             row.Text("t3")});
    }
  }

  void ReadIndex(const RowReader& row, Relation& relation) {
    std::vector<int64_t> keys = Numbers(row.Text("t1"));
    keys.resize(std::min(keys.size(),
                         static_cast<size_t>(row.Integer("n1").value_or(0))));  // without INCLUDE columns
    const std::vector<int64_t> collations = Numbers(row.Text("t2"));
    UniqueIndex index{row.Text("name"), {}};
    bool proves = row.Flag("b1");
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto column = relation.columns.find(keys[i]);  // 0 is an expression
      if (column == relation.columns.end()) {
        proves = false;
        continue;
      }
      // Under another collation than the column's own, "unique" means something else.
      proves &= i < collations.size() && collations[i] == column->second.collation;
      index.columns.push_back(column->second.column.name);
      if (i == 0 && row.Flag("b2")) relation.facts.indexed_first.push_back(column->second.column.name);
    }
    if (proves) relation.facts.unique.push_back(std::move(index));
  }

  void Settle(CatalogTable& facts) const {
    std::ranges::sort(facts.unique, {}, &UniqueIndex::name);
    std::ranges::sort(facts.foreign_keys, {}, &ForeignKey::name);
    std::ranges::sort(facts.indexed_first);
    facts.indexed_first.erase(std::unique(facts.indexed_first.begin(), facts.indexed_first.end()),
                              facts.indexed_first.end());
    if (!facts.readable && std::ranges::all_of(facts.columns, &CatalogColumn::readable) &&
        !facts.columns.empty()) {
      facts.readable = true;
      facts.missing_grant.clear();
    }
    if (standby_) facts.change_mark.clear();
    if (facts.change_mark.empty()) facts.change_mark_error = kNoCounters;
  }

  const Rows& rows_;
  const std::string& source_;
  bool standby_ = false;
  std::map<std::string, ColumnType> types_;  // by "oid:modifier"
  std::map<int64_t, Relation> relations_;
};

}  // namespace

std::vector<Statement> PostgresCatalogStatements(const CatalogRequest& request) {
  std::vector<Statement> statements;
  size_t next = 0;
  do {
    Statement statement;
    statement.cls = StatementClass::kCatalog;
    std::vector<std::string> schemas, tables, pattern_schemas, pattern_tables, pattern_kinds;
    for (; next < request.tables.size() && tables.size() < limits::kTablesPerCatalogStatement; ++next) {
      statement.tables.push_back(request.tables[next]);
      schemas.push_back(request.tables[next].schema);
      tables.push_back(request.tables[next].table);
    }
    if (statements.empty()) {
      for (const NamePattern& pattern : request.patterns) {
        pattern_schemas.push_back(LikePattern(pattern.schema));
        pattern_tables.push_back(LikePattern(pattern.table));
        pattern_kinds.push_back(KindLetters(pattern));
      }
    }
    statement.sql = kPostgresCatalogSql;
    for (const auto& names : {schemas, tables, pattern_schemas, pattern_tables, pattern_kinds}) {
      statement.params.emplace_back(ArrayText(names));
    }
    statements.push_back(std::move(statement));
  } while (next < request.tables.size());
  return statements;
}

void ReadPostgresCatalog(const Statement&, const Rows& rows, const std::string& source, Catalog& catalog) {
  CatalogReader(rows, source).ReadInto(catalog);
}

bool IsRealPostgres(std::string_view version) {
  // "PostgreSQL 15.20 (Debian 15.20-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc …": derived products
  // put their name or a dash behind the number, in other parentheses, or kept a number below 10.
  constexpr std::string_view kName = "PostgreSQL ";
  if (!version.starts_with(kName)) return false;
  version.remove_prefix(kName.size());
  int major = 0;
  const auto [stopped, error] = std::from_chars(version.data(), version.data() + version.size(), major);
  constexpr int kFirstTwoPartMajor = 10;
  if (error != std::errc() || major < kFirstTwoPartMajor) return false;
  std::string_view rest = version.substr(static_cast<size_t>(stopped - version.data()));
  const size_t number_end = std::min(rest.find(' '), rest.size());
  const std::string_view tail = rest.substr(0, number_end);  // ".20", "beta2", "rc1", "devel"
  rest.remove_prefix(number_end);
  const bool plain =
      tail.empty() || tail[0] == '.' || tail.starts_with("beta") || tail.starts_with("rc") || tail == "devel";
  if (!plain || tail.find('-') != std::string_view::npos) return false;
  if (rest.starts_with(" (")) {
    const size_t close = rest.find(')');
    const std::string_view packager = rest.substr(2, close == std::string_view::npos ? 0 : close - 2);
    constexpr std::string_view kPackagers[] = {"Debian", "Ubuntu", "Homebrew", "Postgres.app", "Raspbian"};
    if (std::ranges::none_of(kPackagers,
                             [&](std::string_view known) { return packager.starts_with(known); })) {
      return false;
    }
    rest.remove_prefix(close + 1);
  }
  return rest.starts_with(" on ") && rest.find(", compiled by ") != std::string_view::npos &&
         rest.find("edshift") == std::string_view::npos;
}

}  // namespace amont
