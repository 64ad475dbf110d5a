// The things in FROM and the names they bring: PostgreSQL's parse_clause.c.

#include <fmt/format.h>

#include <algorithm>

#include "lineage/sql/analysis.h"
#include "lineage/sql/set_function.h"

namespace amont {
namespace {

const QueryFields kNoFields;

}  // namespace

void SqlAnalysis::From(JsonValue items, NameLevel& level) {
  for (const JsonValue node : items) {
    std::vector<FromItem> names;
    for (FromItem& item : level.items) item.lateral_only = true;
    Item(node, level, names);
    for (FromItem& item : names) level.items.push_back(std::move(item));
  }
  for (FromItem& item : level.items) item.lateral_only = false;
}

// The item itself, and in `names` everything that may be named from outside of it, itself too.
FromItem SqlAnalysis::Item(JsonValue node, NameLevel& level, std::vector<FromItem>& names) {
  const TreeNode tree(node);
  if (tree.tag == "JoinExpr") return Join(tree.body, level, names);
  FromItem item;
  item.fields = &kNoFields;
  if (tree.tag == "RangeVar") {
    item = Table(tree.body, level);
  } else if (tree.tag == "RangeSubselect") {
    item = Subselect(tree.body, level);
  } else if (tree.tag == "RangeFunction") {
    item = FunctionItem(tree.body, level);
  } else if (tree.tag == "RangeTableFunc") {
    item = TableFunction(tree.body, level);
  } else if (tree.tag == "RangeTableSample") {
    CollectRows(tree.body["args"], level, level.rows);
    return Item(tree.body["relation"], level, names);
  } else {
    Note(fmt::format("{} in FROM is not understood", tree.tag));
  }
  names.push_back(item);
  return item;
}

// An alias hides the name, and its columns, as many as it lists, those of the item.
void SqlAnalysis::Rename(JsonValue alias, FromItem& item) {
  if (!alias) return;
  item.name = alias["aliasname"].String();
  item.schema = {};
  const JsonValue names = alias["colnames"];
  if (names.Size() == 0) return;
  QueryFields& renamed = NewFields();
  renamed = *item.fields;
  size_t at = 0;
  for (const JsonValue name : names) {
    const std::string_view text = name["String"]["sval"].String();
    if (at < renamed.size() && !renamed[at].star) {
      renamed[at].name = text;
    } else {
      Note(fmt::format("which column of {} is called {} is not known", item.name, text));
      renamed.insert(renamed.begin() + static_cast<std::ptrdiff_t>(at), {text, &NewValue(), false});
    }
    ++at;
  }
  item.fields = &renamed;
}

FromItem SqlAnalysis::Table(JsonValue body, NameLevel& level) {
  FromItem item;
  item.name = body["relname"].String();
  NameLevel* at = nullptr;
  CommonTable* table = body["schemaname"] ? nullptr : TableNamed(level, item.name, at);
  if (table != nullptr) {
    if (table->query == nullptr && !table->open) AnalyseTable(*table, *at);
    const AnalysedQuery* query = table->query != nullptr ? table->query : table->recursion;
    if (query == nullptr) Note(fmt::format("the query {} reads itself", item.name), body["location"]);
    item.fields = query == nullptr ? &kNoFields : &query->fields;
    if (table->query != nullptr) level.rows.Add(query->rows);
  } else {
    const uint32_t number = RelationNumber(body);
    read_log_.push_back(number);
    item.relation = number;
    item.fields = &FieldsOf(number);
    // The name lives in the tree or the catalog, not in relations_, which moves.
    item.schema = Keep(relations_[number].name.schema);
  }
  Rename(body["alias"], item);
  return item;
}

FromItem SqlAnalysis::Subselect(JsonValue body, NameLevel& level) {
  FromItem item;
  const bool outer = level.lateral;
  level.lateral = body["lateral"].Boolean();
  const AnalysedQuery* query = Select(body["subquery"]["SelectStmt"], &level);
  level.lateral = outer;
  item.fields = &query->fields;
  level.rows.Add(query->rows);
  Rename(body["alias"], item);
  return item;
}

// What one function in FROM brings: columns that are declared there, or known, or one of its own name.
void SqlAnalysis::FunctionFields(JsonValue node, JsonValue definitions, std::string_view alias,
                                 NameLevel& level, QueryFields& into) {
  const TreeNode call(node);
  SqlValue& value = NewValue();
  const SqlValue found = Expression(node, level);
  value.Add(found);
  value.type = found.type;
  level.rows.Add(value.direct);
  level.rows.Add(value.indirect);
  if (definitions.Size() > 0) {
    for (const JsonValue each : definitions) {
      const JsonValue column = each["ColumnDef"];
      SqlValue& typed = NewValue();
      typed = value;
      typed.type = SqlTypeName(column["typeName"]);
      into.push_back({column["colname"].String(), &typed, false});
    }
    return;
  }
  std::string_view schema;
  std::string_view name = call.tag == "FuncCall" ? std::string_view() : OutputName(node);
  for (const JsonValue part : call.body["funcname"]) {
    schema = name;
    name = part["String"]["sval"].String();
  }
  if (found.row != nullptr) {
    for (const QueryField& field : *found.row) into.push_back(field);
    return;
  }
  if (const SqlFunction* function = catalog_.ResolveFunction(schema, name, search_path_)) {
    const SqlName type = SplitSqlTypeName(function->returns);
    const SqlRelation* row =
        function->columns.empty() ? catalog_.Resolve(type.schema, type.name, search_path_) : nullptr;
    const std::vector<SqlColumn>& columns = row != nullptr ? row->columns : function->columns;
    for (const QueryField& field : RowFields(columns, value)) into.push_back(field);
    if (!columns.empty()) return;
  }
  const JsonValue arguments = call.body["args"];
  if (name == "unnest" && arguments.Size() > 1) {
    for (const JsonValue argument : arguments) {
      SqlValue& one = NewValue();
      one = Expression(argument, level);
      one.origin = kNoNumber;
      one.type = one.type.ends_with("[]") ? one.type.substr(0, one.type.size() - 2) : std::string();
      into.push_back({name, &one, false});
    }
    return;
  }
  // json_populate_record(NULL::a_type, …) gives that type's columns.
  if (arguments.Size() > 0 && (name.find("_populate_record") != std::string_view::npos)) {
    const SqlValue first = Expression(*arguments.begin(), level);
    if (const QueryFields* row = RowOf(first)) {
      for (const QueryField& field : *row) into.push_back({field.name, &value, field.star});
      return;
    }
  }
  const std::vector<std::string_view> outputs = SetFunctionColumns(name);
  for (const std::string_view output : outputs) into.push_back({output, &value, false});
  if (outputs.empty()) into.push_back({alias.empty() ? name : alias, &value, false});
}

FromItem SqlAnalysis::FunctionItem(JsonValue body, NameLevel& level) {
  const bool outer = level.lateral;
  level.lateral = true;  // functions always see what stands left of them
  FromItem item;
  const JsonValue functions = body["functions"];
  const std::string_view alias = functions.Size() == 1 ? body["alias"]["aliasname"].String() : "";
  QueryFields& fields = NewFields();
  for (const JsonValue each : functions) {
    JsonValue call;
    JsonValue definitions = functions.Size() == 1 ? body["coldeflist"] : JsonValue();
    for (const JsonValue part : each["List"]["items"]) {
      if (!call) {
        call = part;
      } else if (part["List"]) {
        definitions = part["List"]["items"];
      }
    }
    if (item.name.empty()) item.name = OutputName(call);
    FunctionFields(call, definitions, alias, level, fields);
  }
  if (body["ordinality"].Boolean()) {
    SqlValue& ordinality = NewValue();
    ordinality.type = "int8";
    fields.push_back({"ordinality", &ordinality, false});
  }
  level.lateral = outer;
  item.fields = &fields;
  Rename(body["alias"], item);
  return item;
}

// XMLTABLE.
FromItem SqlAnalysis::TableFunction(JsonValue body, NameLevel& level) {
  const bool outer = level.lateral;
  level.lateral = true;
  SqlValue document;
  for (const std::string_view key : {"docexpr", "rowexpr", "namespaces"}) Collect(body[key], level, document);
  level.rows.Add(document.direct);
  level.rows.Add(document.indirect);
  QueryFields& fields = NewFields();
  for (const JsonValue each : body["columns"]) {
    const JsonValue column = each["RangeTableFuncCol"];
    const bool counts = column["for_ordinality"].Boolean();
    SqlValue& value = NewValue();
    if (!counts) value.Add(document);
    Collect(column["colexpr"], level, value);
    Collect(column["coldefexpr"], level, value);
    value.type = counts ? std::string("int4") : SqlTypeName(column["typeName"]);
    fields.push_back({column["colname"].String(), &value, false});
  }
  level.lateral = outer;
  FromItem item;
  item.name = "xmltable";
  item.fields = &fields;
  Rename(body["alias"], item);
  return item;
}

// The column that USING or NATURAL makes of two: which of them it is, PostgreSQL decides by the kind of join
// and by which of them must be cast to their common type.
const SqlValue* SqlAnalysis::Merged(std::string_view kind, const SqlValue& left, const SqlValue& right) {
  const std::string common = MergedSqlType(left.type, right.type);
  const bool left_as_is = left.type == common;
  const bool right_as_is = right.type == common;
  SqlValue& merged = NewValue();
  if (kind == "JOIN_FULL") {
    merged.Add(left);
    merged.Add(right);
  } else {
    const bool takes_right = kind == "JOIN_RIGHT" || (kind == "JOIN_INNER" && !left_as_is && right_as_is);
    merged = takes_right ? right : left;
    if (takes_right ? !right_as_is : !left_as_is) merged.origin = kNoNumber;
    merged.row = nullptr;
  }
  merged.type = common;
  return &merged;
}

// Which columns USING lists, or NATURAL finds on both sides.
std::vector<std::string_view> SqlAnalysis::SharedColumns(JsonValue body, const FromItem& left,
                                                         const FromItem& right) {
  std::vector<std::string_view> shared;
  for (const JsonValue name : body["usingClause"]) shared.push_back(name["String"]["sval"].String());
  if (!body["isNatural"].Boolean()) return shared;
  const auto has_star = [](const FromItem& item) {
    return std::any_of(item.fields->begin(), item.fields->end(), [](const QueryField& f) { return f.star; });
  };
  if (has_star(left) || has_star(right)) Note("which columns NATURAL JOIN compares is not known");
  for (const QueryField& field : *left.fields) {
    bool ambiguous = false;
    if (!field.star && FieldNamed(*right.fields, field.name, ambiguous) != nullptr) {
      shared.push_back(field.name);
    }
  }
  return shared;
}

// The columns of a join: the shared ones, then the others of the left and of the right. `merged` becomes
// the shared ones alone.
const QueryFields& SqlAnalysis::JoinFields(JsonValue body, const FromItem& left, const FromItem& right,
                                           NameLevel& level, QueryFields& merged) {
  const std::vector<std::string_view> shared = SharedColumns(body, left, right);
  for (const std::string_view name : shared) {
    SqlValue& first = NewValue();
    SqlValue& second = NewValue();
    first = ColumnOf(left, name, {});
    second = ColumnOf(right, name, {});
    for (const SqlValue* each : {&first, &second}) {
      level.rows.Add(each->direct);
      level.rows.Add(each->indirect);
    }
    merged.push_back({name, Merged(body["jointype"].String(), first, second), false});
  }
  QueryFields& fields = NewFields();
  fields.reserve(left.fields->size() + right.fields->size());
  fields = merged;
  for (const FromItem* side : {&left, &right}) {
    for (const QueryField& field : *side->fields) {
      if (field.star || std::find(shared.begin(), shared.end(), field.name) == shared.end()) {
        fields.push_back(field);
      }
    }
  }
  return fields;
}

FromItem SqlAnalysis::Join(JsonValue body, NameLevel& level, std::vector<FromItem>& names) {
  std::vector<FromItem> mine;
  const FromItem left = Item(body["larg"], level, mine);
  // LATERAL on the right sees the left.
  const size_t before = level.items.size();
  for (const FromItem& item : mine) {
    level.items.push_back(item);
    level.items.back().lateral_only = true;
  }
  std::vector<FromItem> others;
  const FromItem right = Item(body["rarg"], level, others);
  level.items.resize(before);
  for (FromItem& item : others) mine.push_back(std::move(item));

  QueryFields& merged = NewFields();
  FromItem joined;
  joined.fields = &JoinFields(body, left, right, level, merged);
  if (const JsonValue condition = body["quals"]) {
    // The condition sees the two sides and what is around the query, nothing else of this FROM.
    NameLevel sides;
    sides.parent = level.parent;
    sides.tables = level.tables;
    sides.items = mine;
    CollectRows(condition, sides, level.rows);
    level.rows.Add(sides.rows);
  }
  if (body["alias"]) {
    Rename(body["alias"], joined);
  } else {
    joined.named = false;
    for (FromItem& item : mine) {
      item.visible = false;
      names.push_back(std::move(item));
    }
  }
  if (const JsonValue alias = body["join_using_alias"]) {
    FromItem only;
    only.name = alias["aliasname"].String();
    only.fields = &merged;
    only.visible = false;
    names.push_back(only);
  }
  names.push_back(joined);
  return joined;
}

}  // namespace amont
