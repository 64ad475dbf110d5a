// Which sources an expression is made of, and which only decide.

#include <fmt/format.h>

#include <algorithm>

#include "lineage/sql/analysis.h"

namespace amont {
namespace {

bool IsTag(std::string_view key) { return !key.empty() && key[0] >= 'A' && key[0] <= 'Z'; }

}  // namespace

void SqlAnalysis::Collect(JsonValue node, NameLevel& level, SqlValue& into) {
  if (!node.IsObject() && !node.IsArray()) return;
  for (const JsonValue child : node) {
    const std::string_view key = child.Key();
    if (IsTag(key)) {
      CollectTagged(key, child, level, into);
    } else if (key != "typeName") {
      Collect(child, level, into);
    }
  }
}

void SqlAnalysis::CollectIndirect(JsonValue node, NameLevel& level, SqlValue& into) {
  if (!node) return;
  SqlValue value;
  Collect(node, level, value);
  into.AddAsIndirect(value);
}

void SqlAnalysis::CollectRows(JsonValue node, NameLevel& level, SourceSet& rows) {
  if (!node) return;
  SqlValue value;
  Collect(node, level, value);
  rows.Add(value.direct);
  rows.Add(value.indirect);
}

void SqlAnalysis::CollectTagged(std::string_view tag, JsonValue body, NameLevel& level, SqlValue& into) {
  switch (tag[0]) {
    case 'A':
      if (tag == "A_Const" || tag == "A_Star") return;
      if (tag == "A_Indirection") return into.Add(Indirection(body, level));
      if (tag == "A_Expr" && body["kind"].String() == "AEXPR_NULLIF") {
        Collect(body["lexpr"], level, into);
        return CollectIndirect(body["rexpr"], level, into);
      }
      break;
    case 'C':
      if (tag == "ColumnRef") return into.Add(Column(body, level));
      if (tag == "CaseExpr") return Case(body, level, into);
      break;
    case 'F':
      if (tag == "FuncCall") return Function(body, level, into);
      break;
    case 'G':
      if (tag == "GroupingFunc") return CollectIndirect(body["args"], level, into);
      break;
    case 'S':
      if (tag == "SubLink") return SubLink(body, level, into);
      if (tag == "SelectStmt") return;  // only below a SubLink
      break;
    default:
      break;
  }
  Collect(body, level, into);
}

void SqlAnalysis::Function(JsonValue body, NameLevel& level, SqlValue& into) {
  Collect(body["args"], level, into);
  if (body["agg_within_group"].Boolean()) {
    Collect(body["agg_order"], level, into);
  } else {
    CollectIndirect(body["agg_order"], level, into);
  }
  CollectIndirect(body["agg_filter"], level, into);
  if (const JsonValue over = body["over"]) {
    const SqlValue window = Window(over, level);
    into.indirect.Add(window.indirect);
  }
}

SqlValue SqlAnalysis::Window(JsonValue body, NameLevel& level) {
  SqlValue value;
  for (const std::string_view key : {"name", "refname"}) {
    const std::string_view name = body[key].String();
    if (name.empty()) continue;
    for (const auto& [window, sources] : level.windows) {
      if (window == name) value.indirect.Add(sources->indirect);
    }
  }
  for (const std::string_view key : {"partitionClause", "orderClause", "startOffset", "endOffset"}) {
    CollectIndirect(body[key], level, value);
  }
  return value;
}

void SqlAnalysis::Case(JsonValue body, NameLevel& level, SqlValue& into) {
  CollectIndirect(body["arg"], level, into);
  for (const JsonValue each : body["args"]) {
    const JsonValue when = each["CaseWhen"];
    CollectIndirect(when["expr"], level, into);
    Collect(when["result"], level, into);
  }
  Collect(body["defresult"], level, into);
}

void SqlAnalysis::SubLink(JsonValue body, NameLevel& level, SqlValue& into) {
  const std::string_view type = body["subLinkType"].String();
  Collect(body["testexpr"], level, into);
  const AnalysedQuery* query = nullptr;
  // Types are asked for after the sources: the query was read then.
  if (const auto known = sub_queries_.find(body.Id()); known != sub_queries_.end()) {
    query = known->second;
  } else {
    query = Select(body["subselect"]["SelectStmt"], &level);
    sub_queries_.emplace(body.Id(), query);
  }
  into.indirect.Add(query->rows);
  if (type == "EXISTS_SUBLINK") return;
  for (const QueryField& field : query->fields) {
    into.Add(*field.value);
    if (field.star) {
      SqlValue unknown;
      for (const uint32_t relation : field.value->open) unknown.direct.Add(SourceNamed(relation, "*"));
      Mention(unknown);
      into.Add(unknown);
    }
  }
}

SqlValue SqlAnalysis::Indirection(JsonValue body, NameLevel& level) {
  const std::vector<bool> before = mentioned_;
  SqlValue value = Expression(body["arg"], level);
  const bool is_name = static_cast<bool>(body["arg"]["ColumnRef"]);
  for (const JsonValue step : body["indirection"]) {
    if (const JsonValue subscript = step["A_Indices"]) {
      value.origin = kNoNumber;
      value.row = nullptr;
      if (!subscript["is_slice"].Boolean()) {
        value.type = value.type.ends_with("[]") ? value.type.substr(0, value.type.size() - 2) : std::string();
      }
      CollectIndirect(subscript["lidx"], level, value);
      CollectIndirect(subscript["uidx"], level, value);
      continue;
    }
    const JsonValue name = step["String"];
    if (!name) continue;  // a star: the row stays
    const QueryFields* row = RowOf(value);
    const bool is_table = is_name && value.row != nullptr;
    value.origin = kNoNumber;
    value.row = nullptr;
    value.type.clear();
    if (row == nullptr) continue;
    // (t).x reads x, and not the whole row.
    if (is_table) std::copy(before.begin(), before.end(), mentioned_.begin());
    if (is_table)
      std::fill(mentioned_.begin() + static_cast<std::ptrdiff_t>(before.size()), mentioned_.end(), false);
    FromItem item;
    item.name = "row";
    item.fields = row;
    SqlValue field = ColumnOf(item, name["sval"].String(), {});
    if (field.direct.empty() && field.indirect.empty()) continue;
    value = std::move(field);
  }
  return value;
}

// The fields of a row, each made of the whole.
const QueryFields& SqlAnalysis::RowFields(const std::vector<SqlColumn>& columns, const SqlValue& whole) {
  QueryFields& fields = NewFields();
  for (const SqlColumn& column : columns) {
    SqlValue& value = NewValue();
    value.Add(whole);
    value.type = column.type;
    fields.push_back({column.name, &value, false});
  }
  return fields;
}

// The fields of a value that is a row, or of a type that has some; null of any other.
const QueryFields* SqlAnalysis::RowOf(const SqlValue& value) {
  if (value.row != nullptr || IsBuiltInSqlType(value.type)) return value.row;
  const SqlName name = SplitSqlTypeName(value.type);
  const SqlRelation* relation = catalog_.Resolve(name.schema, name.name, search_path_);
  return relation == nullptr ? nullptr : &RowFields(relation->columns, value);
}

// A cast to the type a value has already changes nothing, also not where it comes from.
SqlValue SqlAnalysis::Cast(JsonValue body, NameLevel& level) {
  SqlValue value = Expression(body["arg"], level);
  std::string type = SqlTypeName(body["typeName"]);
  if (!IsSameSqlType(value.type, type)) value.origin = kNoNumber;
  if (value.origin == kNoNumber) value.type = std::move(type);
  return value;
}

SqlValue SqlAnalysis::Expression(JsonValue node, NameLevel& level) {
  const TreeNode tree(node);
  if (tree.tag == "ColumnRef") return Column(tree.body, level);
  if (tree.tag == "TypeCast") return Cast(tree.body, level);
  if (tree.tag == "A_Indirection") return Indirection(tree.body, level);
  SqlValue value;
  Collect(node, level, value);
  value.type = TypeOf(tree, level);
  if (tree.tag == "FuncCall") {
    // A function that returns a relation's row.
    std::string_view schema;
    std::string_view name;
    for (const JsonValue part : tree.body["funcname"]) {
      schema = name;
      name = part["String"]["sval"].String();
    }
    const SqlFunction* function = catalog_.ResolveFunction(schema, name, search_path_);
    if (function != nullptr && function->columns.size() > 1) value.row = &RowFields(function->columns, value);
  }
  return value;
}

}  // namespace amont
