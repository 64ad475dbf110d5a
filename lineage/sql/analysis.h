// SqlAnalysis: the lineage of one parsed statement; the inside of lineage/sql, for its own files only.
//
// It follows PostgreSQL's parser (parse_clause.c, parse_target.c, parse_relation.c of its sources are where
// the rules come from): a query is a Level of names, its FROM gives items with fields, expressions collect
// the sources of the fields they name, and a query's own fields are what an outer query sees. Every value
// made lives until the analysis ends, so fields point at values freely; texts are those of the parse tree and
// the catalog, which outlive the analysis. What cannot be known is noted, never guessed.
//
// By job: names.cc resolves names · expression.cc collects sources · from_clause.cc · select.cc ·
// with_clause.cc · output_name.cc names columns as PostgreSQL does · write.cc INSERT, UPDATE, DELETE ·
// merge.cc · copy.cc. One thread; recursion is bounded by the depth of the tree, which the parser bounds.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/json_document.h"
#include "lineage/sql/catalog.h"
#include "lineage/sql/routine_variables.h"
#include "lineage/sql/source_set.h"
#include "lineage/sql/sql_type.h"
#include "lineage/sql/statement.h"

namespace amont {

inline constexpr uint32_t kNoNumber = UINT32_MAX;

struct QueryField;
using QueryFields = std::vector<QueryField>;

// What an expression is made of.
struct SqlValue {
  SourceSet direct;
  SourceSet indirect;
  uint32_t origin = kNoNumber;
  std::string type;                  // canonical; empty: not known
  const QueryFields* row = nullptr;  // of a row: its fields
  std::vector<uint32_t> open;        // of a star: the relations whose columns it stands for

  void Add(const SqlValue& other) {
    direct.Add(other.direct);
    indirect.Add(other.indirect);
  }
  void AddAsIndirect(const SqlValue& other) {
    indirect.Add(other.direct);
    indirect.Add(other.indirect);
  }
};

// A column of a FROM item or of a query. A star stands for all the columns of relations nobody knows.
struct QueryField {
  std::string_view name;
  const SqlValue* value = nullptr;
  bool star = false;
};

struct AnalysedQuery {
  QueryFields fields;
  SourceSet rows;  // what decides its rows
};

// One thing in FROM that names may be looked up in.
struct FromItem {
  std::string_view name;    // empty: it cannot be named
  std::string_view schema;  // of a relation without alias
  const QueryFields* fields = nullptr;
  uint32_t relation = kNoNumber;  // of a relation: it has system columns too
  bool named = true;              // name.column finds it
  bool visible = true;            // column alone, and *, find it
  bool lateral_only = false;      // and that from LATERAL only
  bool opaque = false;            // whatever is named of it is made of nothing that is known
};

struct CommonTable {
  std::string_view name;
  JsonValue body;
  const AnalysedQuery* query = nullptr;  // once analysed
  AnalysedQuery* recursion = nullptr;    // what it sees of itself meanwhile
  bool open = false;                     // being analysed
};

// The names one query sees, and those around it.
struct NameLevel {
  NameLevel* parent = nullptr;
  std::vector<FromItem> items;
  std::vector<CommonTable*> tables;
  std::vector<std::pair<std::string_view, const SqlValue*>> windows;
  SourceSet rows;
  bool lateral = false;
};

// A node of the parse tree: what it is, and what it holds.
struct TreeNode {
  explicit TreeNode(JsonValue value);
  std::string_view tag;
  JsonValue body;
};

class SqlAnalysis {
 public:
  // The text is the statement's, for the lines of notes; `line` is that of its first byte.
  SqlAnalysis(const SqlCatalog& catalog, const std::vector<std::string>& search_path, std::string_view text,
              int line);

  // A routine's variables: the outermost names.
  void SetVariables(const RoutineVariables& variables);

  // Each gives what its statement returns (RETURNING of those that write), or null.
  // `part`: a side of a set operation, which decides the type of quoted literals.
  const AnalysedQuery* Select(JsonValue body, NameLevel* parent, bool part = false);
  const AnalysedQuery* Insert(JsonValue body, NameLevel* parent);
  const AnalysedQuery* Update(JsonValue body, NameLevel* parent);
  const AnalysedQuery* Delete(JsonValue body, NameLevel* parent);
  void Merge(JsonValue body, NameLevel* parent);
  void Copy(JsonValue body);
  // An expression alone: a routine's.
  SqlValue Expression(JsonValue node, NameLevel& level);
  // One expression as a statement: its value is the only column.
  void Return(JsonValue node);
  NameLevel* Outermost() { return outermost_; }

  // What a query's output becomes: the columns of the statement, named anew where names are given.
  void SetOutput(const AnalysedQuery& query, const std::vector<std::string_view>& names = {});
  void SetTarget(JsonValue range_var);
  void SetTarget(SqlName target) { statement_.target = std::move(target); }
  void Note(std::string sentence, JsonValue at = {});
  SqlName NameOf(JsonValue range_var) const;  // with the schema it is found in
  const SqlCatalog& Catalog() const { return catalog_; }
  const std::vector<std::string>& SearchPath() const { return search_path_; }

  // The finished statement, and those that write inside it (WITH … AS (INSERT …)). Once, at the end.
  std::vector<SqlStatement> Finish(std::string_view kind);

 private:
  struct Relation {
    SqlName name;
    const SqlRelation* known = nullptr;
    const QueryFields* fields = nullptr;
    std::vector<std::pair<std::string, uint32_t>> extra;  // columns by name: system columns, unknown ones
  };
  struct Source {
    uint32_t relation = kNoNumber;  // kNoNumber: a stand-in of a recursive query
    std::string_view column;
  };
  struct Write {  // what an INSERT, UPDATE or MERGE does to one column of its target
    std::string_view column;
    SqlValue value;
  };

  // analysis.cc
  SqlValue& NewValue() { return values_.emplace_back(); }
  AnalysedQuery& NewQuery() { return queries_.emplace_back(); }
  QueryFields& NewFields() { return fields_.emplace_back(); }
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  uint32_t RelationNumber(JsonValue range_var);
  uint32_t RelationNumber(SqlName name, const SqlRelation* known);
  const QueryFields& FieldsOf(uint32_t relation);
  uint32_t NewSource(uint32_t relation, std::string_view column);
  uint32_t SourceNamed(uint32_t relation, std::string_view column);
  void Mention(const SqlValue& value);
  void MentionAll(const SqlValue& value);  // of one that other statements made
  // `since`: only what was read from there on, by the log, and what the statement itself is made of.
  void Fill(SqlStatement& statement, std::optional<size_t> since) const;
  void FillColumns(SqlStatement& statement, const std::vector<Write>& writes, const SourceSet& rows) const;

  // names.cc
  SqlValue Column(JsonValue column_ref, NameLevel& level);
  SqlValue ColumnAlone(std::string_view name, NameLevel& level, JsonValue at);
  SqlValue ColumnOf(const FromItem& item, std::string_view name, JsonValue at);
  // Null: no such field. Sets `ambiguous` where several have the name.
  const SqlValue* FieldNamed(const QueryFields& fields, std::string_view name, bool& ambiguous);
  const SqlValue* FieldVisible(NameLevel& level, std::string_view name, bool& ambiguous);
  const SqlValue* BehindStar(const QueryField& star, std::string_view name);
  const SqlValue* BehindStars(NameLevel& level, std::string_view name, JsonValue at, bool& ambiguous);
  const FromItem* ItemNamed(NameLevel& level, std::string_view schema, std::string_view name);
  SqlValue WholeRow(const QueryFields& fields);
  void ExpandStar(JsonValue column_ref, NameLevel& level, QueryFields& into);
  void ExpandFields(const QueryFields& fields, QueryFields& into);

  // expression.cc
  void Collect(JsonValue node, NameLevel& level, SqlValue& into);
  void CollectTagged(std::string_view tag, JsonValue body, NameLevel& level, SqlValue& into);
  void CollectIndirect(JsonValue node, NameLevel& level, SqlValue& into);
  void CollectRows(JsonValue node, NameLevel& level, SourceSet& rows);
  void Function(JsonValue body, NameLevel& level, SqlValue& into);
  void Case(JsonValue body, NameLevel& level, SqlValue& into);
  void SubLink(JsonValue body, NameLevel& level, SqlValue& into);
  SqlValue Window(JsonValue body, NameLevel& level);
  SqlValue Indirection(JsonValue body, NameLevel& level);
  SqlValue Cast(JsonValue body, NameLevel& level);
  const QueryFields& RowFields(const std::vector<SqlColumn>& columns, const SqlValue& whole);
  const QueryFields* RowOf(const SqlValue& value);
  std::string TypeOf(const TreeNode& node, NameLevel& level);

  // from_clause.cc
  void From(JsonValue items, NameLevel& level);
  FromItem Item(JsonValue node, NameLevel& level, std::vector<FromItem>& names);
  FromItem Table(JsonValue body, NameLevel& level);
  FromItem Subselect(JsonValue body, NameLevel& level);
  FromItem FunctionItem(JsonValue body, NameLevel& level);
  FromItem TableFunction(JsonValue body, NameLevel& level);
  FromItem Join(JsonValue body, NameLevel& level, std::vector<FromItem>& names);
  std::vector<std::string_view> SharedColumns(JsonValue body, const FromItem& left, const FromItem& right);
  const QueryFields& JoinFields(JsonValue body, const FromItem& left, const FromItem& right, NameLevel& level,
                                QueryFields& merged);
  void FunctionFields(JsonValue call, JsonValue definitions, std::string_view alias, NameLevel& level,
                      QueryFields& into);
  const SqlValue* Merged(std::string_view kind, const SqlValue& left, const SqlValue& right);
  void Rename(JsonValue alias, FromItem& item);

  // select.cc
  void Plain(JsonValue body, NameLevel& level, AnalysedQuery& query);
  void Values(JsonValue lists, NameLevel& level, AnalysedQuery& query);
  void SetOperation(JsonValue body, NameLevel& level, AnalysedQuery& query);
  void LineUp(const AnalysedQuery& left, const AnalysedQuery& right, bool values_of_right, QueryFields& into);
  void Targets(JsonValue list, NameLevel& level, QueryFields& into);
  void GroupBy(JsonValue node, NameLevel& level, const QueryFields& output);
  void OrderBy(JsonValue node, NameLevel& level, const QueryFields& output);
  void OrderAndLimit(JsonValue body, NameLevel& level, const QueryFields& output);
  bool OutputNumbered(JsonValue node, NameLevel& level, const QueryFields& output);
  const SqlValue* OutputNamed(JsonValue node, const QueryFields& output) const;

  // with_clause.cc
  void With(JsonValue clause, NameLevel& level);
  void AnalyseTable(CommonTable& table, NameLevel& level);
  void Recursive(CommonTable& table, JsonValue body, NameLevel& level);
  void CloseRecursion(const AnalysedQuery& left, const AnalysedQuery& right,
                      const std::vector<uint32_t>& stand_ins, AnalysedQuery& into);
  void SearchAndCycle(JsonValue body, QueryFields& fields);
  const AnalysedQuery* WithQuery(JsonValue node, NameLevel& level);
  CommonTable* TableNamed(NameLevel& level, std::string_view name, NameLevel*& at);

  // output_name.cc
  std::string_view OutputName(JsonValue node);
  int NameStrength(JsonValue node, std::string_view& name);

  // write.cc, merge.cc
  struct Target {
    uint32_t relation = kNoNumber;
    FromItem item;
  };
  Target TargetOf(JsonValue range_var);
  void Assign(JsonValue targets, NameLevel& level, std::vector<Write>& writes);
  void Assignments(JsonValue targets, NameLevel& level, std::vector<Write>& writes);
  const AnalysedQuery* Returning(JsonValue list, NameLevel& level);
  void FinishWrite(std::string_view kind, const Target& target, std::vector<Write> writes,
                   const SourceSet& rows, bool outermost, size_t since);
  void InsertColumns(JsonValue body, const Target& target, const AnalysedQuery& query,
                     std::vector<Write>& writes);
  void OnConflict(JsonValue clause, const Target& target, NameLevel& level, std::vector<Write>& writes);
  static void AddWrite(std::vector<Write>& writes, std::string_view column, const SqlValue& value);

  const SqlCatalog& catalog_;
  const std::vector<std::string>& search_path_;
  std::string_view text_;
  int line_;
  NameLevel variables_;  // a routine's
  NameLevel* outermost_ = nullptr;
  SqlStatement statement_;
  std::vector<SqlStatement> inner_;
  std::vector<Relation> relations_;
  std::vector<uint32_t> read_log_;  // relations in the order FROM named them
  std::vector<Source> sources_;
  std::vector<bool> mentioned_;
  std::unordered_map<uint32_t, const AnalysedQuery*> sub_queries_;  // by the id of their node
  std::set<std::string> noted_;
  std::deque<SqlValue> values_;
  std::deque<AnalysedQuery> queries_;
  std::deque<QueryFields> fields_;
  std::deque<std::string> texts_;
  std::deque<CommonTable> tables_;
};

}  // namespace amont
