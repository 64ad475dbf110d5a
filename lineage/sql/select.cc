// SELECT, VALUES and set operations: a query's fields and what decides its rows.

#include <fmt/format.h>

#include <algorithm>

#include "lineage/sql/analysis.h"

namespace amont {

const AnalysedQuery* SqlAnalysis::Select(JsonValue body, NameLevel* parent, bool part) {
  NameLevel level;
  level.parent = parent;
  AnalysedQuery& query = NewQuery();
  With(body["withClause"], level);
  if (const JsonValue lists = body["valuesLists"]) {
    Values(lists, level, query);
    OrderAndLimit(body, level, query.fields);
  } else if (const std::string_view op = body["op"].String(); !op.empty() && op != "SETOP_NONE") {
    SetOperation(body, level, query);
  } else {
    Plain(body, level, query);
  }
  query.rows.Add(level.rows);
  for (QueryField& field : query.fields) {
    if (part || field.value->type != "unknown") continue;
    SqlValue& text = NewValue();
    text = *field.value;
    text.type = "text";
    field.value = &text;
  }
  return &query;
}

void SqlAnalysis::Plain(JsonValue body, NameLevel& level, AnalysedQuery& query) {
  From(body["fromClause"], level);
  CollectRows(body["whereClause"], level, level.rows);
  for (const JsonValue each : body["windowClause"]) {
    const JsonValue window = each["WindowDef"];
    SqlValue& value = NewValue();
    // Its name is its own here, not a reference.
    value = Window(window, level);
    level.windows.emplace_back(window["name"].String(), &value);
  }
  Targets(body["targetList"], level, query.fields);
  for (const JsonValue each : body["groupClause"]) GroupBy(each, level, query.fields);
  CollectRows(body["havingClause"], level, level.rows);
  if (const JsonValue distinct = body["distinctClause"]) {
    bool on = false;
    for (const JsonValue each : distinct) {
      if (each.Size() == 0) continue;  // DISTINCT alone is a list of one nothing
      on = true;
      OrderBy(each, level, query.fields);
    }
    if (!on) {
      for (const QueryField& field : query.fields) {
        level.rows.Add(field.value->direct);
        level.rows.Add(field.value->indirect);
      }
    }
  }
  OrderAndLimit(body, level, query.fields);
}

void SqlAnalysis::OrderAndLimit(JsonValue body, NameLevel& level, const QueryFields& output) {
  for (const JsonValue each : body["sortClause"]) OrderBy(each["SortBy"]["node"], level, output);
  CollectRows(body["limitCount"], level, level.rows);
  CollectRows(body["limitOffset"], level, level.rows);
}

void SqlAnalysis::Targets(JsonValue list, NameLevel& level, QueryFields& into) {
  for (const JsonValue each : list) {
    const JsonValue target = each["ResTarget"];
    const JsonValue node = target["val"];
    const TreeNode tree(node);
    const auto ends_in_star = [](JsonValue parts) {
      bool star = false;
      for (const JsonValue part : parts) star = static_cast<bool>(part["A_Star"]);
      return star;
    };
    if (tree.tag == "ColumnRef" && ends_in_star(tree.body["fields"])) {
      ExpandStar(tree.body, level, into);
      continue;
    }
    SqlValue& value = NewValue();
    value = Expression(node, level);
    if (tree.tag == "A_Indirection" && ends_in_star(tree.body["indirection"])) {
      if (const QueryFields* row = RowOf(value)) {
        ExpandFields(*row, into);
      } else {
        Note("the fields of a row are not known", target["location"]);
        into.push_back({{}, &value, true});
      }
      continue;
    }
    const JsonValue name = target["name"];
    into.push_back({name ? name.String() : OutputName(node), &value, false});
  }
}

// A whole number names an output column by its position.
bool SqlAnalysis::OutputNumbered(JsonValue node, NameLevel& level, const QueryFields& output) {
  const JsonValue constant = node["A_Const"];
  if (!constant) return false;
  const std::optional<int64_t> number = constant["ival"]["ival"].Integer();
  if (!number) return true;  // another constant: nothing to depend on
  size_t at = static_cast<size_t>(*number) - 1;
  const bool star = std::any_of(output.begin(), output.end(), [](const QueryField& f) { return f.star; });
  if (star) {
    const auto first = std::find_if(output.begin(), output.end(), [](const QueryField& f) { return f.star; });
    if (at >= static_cast<size_t>(first - output.begin())) at = output.size();
  }
  if (at < output.size()) {
    level.rows.Add(output[at].value->direct);
    level.rows.Add(output[at].value->indirect);
  } else {
    Note(fmt::format("which column stands at position {} is not known", *number), constant["location"]);
  }
  return true;
}

const SqlValue* SqlAnalysis::OutputNamed(JsonValue node, const QueryFields& output) const {
  const JsonValue fields = node["ColumnRef"]["fields"];
  if (fields.Size() != 1) return nullptr;
  const std::string_view name = (*fields.begin())["String"]["sval"].String();
  if (name.empty()) return nullptr;
  for (const QueryField& field : output) {
    if (!field.star && field.name == name) return field.value;
  }
  return nullptr;
}

// A name alone is a column of FROM first, then an output.
void SqlAnalysis::GroupBy(JsonValue node, NameLevel& level, const QueryFields& output) {
  const TreeNode tree(node);
  if (tree.tag == "GroupingSet") {
    for (const JsonValue each : tree.body["content"]) GroupBy(each, level, output);
    return;
  }
  if (tree.tag == "RowExpr") {
    for (const JsonValue each : tree.body["args"]) GroupBy(each, level, output);
    return;
  }
  if (OutputNumbered(node, level, output)) return;
  if (const SqlValue* named = OutputNamed(node, output)) {
    const JsonValue first = *tree.body["fields"].begin();
    bool ambiguous = false;
    if (FieldVisible(level, first["String"]["sval"].String(), ambiguous) == nullptr) {
      level.rows.Add(named->direct);
      level.rows.Add(named->indirect);
      return;
    }
  }
  CollectRows(node, level, level.rows);
}

// A name alone is an output first.
void SqlAnalysis::OrderBy(JsonValue node, NameLevel& level, const QueryFields& output) {
  if (OutputNumbered(node, level, output)) return;
  if (const SqlValue* named = OutputNamed(node, output)) {
    level.rows.Add(named->direct);
    level.rows.Add(named->indirect);
    return;
  }
  CollectRows(node, level, level.rows);
}

void SqlAnalysis::Values(JsonValue lists, NameLevel& level, AnalysedQuery& query) {
  std::vector<SqlValue*> columns;
  for (const JsonValue list : lists) {
    size_t at = 0;
    for (const JsonValue node : list["List"]["items"]) {
      if (at == columns.size()) {
        columns.push_back(&NewValue());
        query.fields.push_back({Keep(fmt::format("column{}", at + 1)), columns.back(), false});
        columns[at]->type = "unknown";
      }
      const SqlValue value = Expression(node, level);
      columns[at]->Add(value);
      columns[at]->type = CommonSqlType(columns[at]->type, value.type);
      ++at;
    }
  }
}

// Columns of the two sides by position, with the names of the left.
void SqlAnalysis::LineUp(const AnalysedQuery& left, const AnalysedQuery& right, bool values_of_right,
                         QueryFields& into) {
  const bool lines_up = left.fields.size() == right.fields.size();
  if (!lines_up) Note("the columns of a set operation's two sides do not line up");
  for (size_t i = 0; i < left.fields.size(); ++i) {
    const QueryField& mine = left.fields[i];
    SqlValue& value = NewValue();
    value.Add(*mine.value);
    value.type = mine.value->type;
    value.open = mine.value->open;
    const QueryField* other = nullptr;
    if (lines_up) {
      other = &right.fields[i];
    } else {
      for (const QueryField& field : right.fields) {
        if (field.star == mine.star && field.name == mine.name) other = &field;
      }
    }
    if (other != nullptr && other->star != mine.star) {
      Note("the columns of a set operation's two sides do not line up");
    } else if (other != nullptr && values_of_right) {
      value.Add(*other->value);
      value.open.insert(value.open.end(), other->value->open.begin(), other->value->open.end());
    } else if (other != nullptr) {
      value.AddAsIndirect(*other->value);
    }
    if (other != nullptr) value.type = CommonSqlType(value.type, other->value->type);
    if (value.type == "unknown") value.type = "text";
    into.push_back({mine.name, &value, mine.star});
  }
}

void SqlAnalysis::SetOperation(JsonValue body, NameLevel& level, AnalysedQuery& query) {
  const AnalysedQuery* left = Select(body["larg"], &level, true);
  const AnalysedQuery* right = Select(body["rarg"], &level, true);
  const bool is_union = body["op"].String() == "SETOP_UNION";
  LineUp(*left, *right, is_union, query.fields);
  query.rows.Add(left->rows);
  query.rows.Add(right->rows);
  if (!is_union || !body["all"].Boolean()) {
    for (const AnalysedQuery* side : {left, right}) {
      for (const QueryField& field : side->fields) {
        query.rows.Add(field.value->direct);
        query.rows.Add(field.value->indirect);
      }
    }
  }
  OrderAndLimit(body, level, query.fields);
}

}  // namespace amont
