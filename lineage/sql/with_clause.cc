// WITH: which common tables a query sees, and what the recursive ones are made of.

#include <fmt/format.h>

#include <algorithm>

#include "lineage/sql/analysis.h"

namespace amont {

void SqlAnalysis::With(JsonValue clause, NameLevel& level) {
  if (!clause) return;
  const bool recursive = clause["recursive"].Boolean();
  std::vector<CommonTable*> mine;
  for (const JsonValue each : clause["ctes"]) {
    const JsonValue body = each["CommonTableExpr"];
    mine.push_back(&tables_.emplace_back(CommonTable{.name = body["ctename"].String(), .body = body}));
    if (recursive) level.tables.push_back(mine.back());
  }
  for (CommonTable* table : mine) {
    if (table->query == nullptr) AnalyseTable(*table, level);
    if (!recursive) level.tables.push_back(table);  // visible to those behind it, and never to itself
  }
}

CommonTable* SqlAnalysis::TableNamed(NameLevel& innermost, std::string_view name, NameLevel*& at) {
  for (NameLevel* level = &innermost; level != nullptr; level = level->parent) {
    for (auto table = level->tables.rbegin(); table != level->tables.rend(); ++table) {
      if ((*table)->name != name) continue;
      at = level;
      return *table;
    }
  }
  return nullptr;
}

// A common table is a SELECT, or writes and returns.
const AnalysedQuery* SqlAnalysis::WithQuery(JsonValue node, NameLevel& level) {
  const TreeNode tree(node);
  if (tree.tag == "SelectStmt") return Select(tree.body, &level);
  const AnalysedQuery* query = nullptr;
  if (tree.tag == "InsertStmt") query = Insert(tree.body, &level);
  if (tree.tag == "UpdateStmt") query = Update(tree.body, &level);
  if (tree.tag == "DeleteStmt") query = Delete(tree.body, &level);
  return query != nullptr ? query : &NewQuery();
}

void SqlAnalysis::AnalyseTable(CommonTable& table, NameLevel& level) {
  table.open = true;
  const TreeNode tree(table.body["ctequery"]);
  // What the query sees is what WITH stands in, whichever place it is first named at.
  NameLevel around;
  around.parent = level.parent;
  around.tables = level.tables;
  const bool may_recurse = std::find(level.tables.begin(), level.tables.end(), &table) != level.tables.end();
  const bool is_union = tree.tag == "SelectStmt" && tree.body["op"].String() == "SETOP_UNION";
  if (may_recurse && is_union) {
    Recursive(table, tree.body, around);
  } else {
    table.query = WithQuery(table.body["ctequery"], around);
  }
  table.open = false;
  const JsonValue names = table.body["aliascolnames"];
  const bool adds = table.body["search_clause"] || table.body["cycle_clause"];
  if (names.Size() == 0 && !adds) return;
  FromItem item;
  item.name = table.name;
  item.fields = &table.query->fields;
  AnalysedQuery& renamed = NewQuery();
  renamed = *table.query;
  size_t at = 0;
  for (const JsonValue name : names) {
    const std::string_view text = name["String"]["sval"].String();
    if (at < renamed.fields.size() && !renamed.fields[at].star) {
      renamed.fields[at++].name = text;
      continue;
    }
    Note(fmt::format("which column of {} is called {} is not known", table.name, text));
    renamed.fields.insert(renamed.fields.begin() + static_cast<std::ptrdiff_t>(at++),
                          {text, &NewValue(), false});
  }
  SearchAndCycle(table.body, renamed.fields);
  table.query = &renamed;
}

void SqlAnalysis::SearchAndCycle(JsonValue body, QueryFields& fields) {
  const auto add = [&](std::string_view name, JsonValue made_of, std::string_view type) {
    if (name.empty()) return;
    SqlValue& value = NewValue();
    value.type = type;
    for (const JsonValue each : made_of) {
      bool ambiguous = false;
      const SqlValue* found = FieldNamed(fields, each["String"]["sval"].String(), ambiguous);
      if (found != nullptr) value.Add(*found);
    }
    fields.push_back({name, &value, false});
  };
  if (const JsonValue search = body["search_clause"]) {
    add(search["search_seq_column"].String(), search["search_col_list"], "");
  }
  if (const JsonValue cycle = body["cycle_clause"]) {
    add(cycle["cycle_mark_column"].String(), cycle["cycle_col_list"], "");
    add(cycle["cycle_path_column"].String(), cycle["cycle_col_list"], "");
  }
}

// The first part is read; while the second is, the table's own columns are stand-ins, which are then replaced
// by what they turn out to be.
void SqlAnalysis::Recursive(CommonTable& table, JsonValue body, NameLevel& around) {
  NameLevel level;
  level.parent = &around;
  With(body["withClause"], level);
  const AnalysedQuery* left = Select(body["larg"], &level, true);
  AnalysedQuery& self = NewQuery();
  std::vector<uint32_t> stand_ins;
  const JsonValue names = table.body["aliascolnames"];
  auto name = names.begin();
  for (const QueryField& field : left->fields) {
    SqlValue& value = NewValue();
    value.type = field.value->type;
    stand_ins.push_back(NewSource(kNoNumber, field.name));
    value.direct = SourceSet(stand_ins.back());
    QueryField own{field.name, &value, false};
    if (name != names.end()) {
      own.name = (*name)["String"]["sval"].String();
      ++name;
    }
    if (field.star) own.name = "*";
    self.fields.push_back(own);
  }
  if (const JsonValue cycle = table.body["cycle_clause"]) SearchAndCycle(table.body, self.fields);
  table.recursion = &self;
  const AnalysedQuery* right = Select(body["rarg"], &level, true);
  AnalysedQuery& closed = NewQuery();
  CloseRecursion(*left, *right, stand_ins, closed);
  if (!body["all"].Boolean()) {
    for (const QueryField& field : closed.fields) {
      closed.rows.Add(field.value->direct);
      closed.rows.Add(field.value->indirect);
    }
  }
  OrderAndLimit(body, level, closed.fields);
  closed.rows.Add(level.rows);
  table.query = &closed;
}

void SqlAnalysis::CloseRecursion(const AnalysedQuery& left, const AnalysedQuery& right,
                                 const std::vector<uint32_t>& stand_ins, AnalysedQuery& into) {
  std::vector<SqlValue*> columns;
  LineUp(left, right, true, into.fields);
  for (QueryField& field : into.fields) {
    SqlValue& value = NewValue();
    value = *field.value;
    field.value = &value;
    columns.push_back(&value);
  }
  into.rows = left.rows;
  into.rows.Add(right.rows);
  const auto stood_for = [&](uint32_t id) -> const SqlValue* {
    const auto found = std::find(stand_ins.begin(), stand_ins.end(), id);
    if (found == stand_ins.end()) return nullptr;
    const auto at = static_cast<size_t>(found - stand_ins.begin());
    return at < columns.size() ? columns[at] : nullptr;
  };
  // Sets only grow, so this ends.
  for (bool changed = true; changed;) {
    changed = false;
    const auto grow = [&](SourceSet& set, const SourceSet& by) {
      const size_t size = set.size();
      set.Add(by);
      changed = changed || set.size() != size;
    };
    for (SqlValue* column : columns) {
      for (const uint32_t id : std::vector<uint32_t>(column->direct.Ids())) {
        if (const SqlValue* same = stood_for(id); same != nullptr && same != column) {
          grow(column->direct, same->direct);
          grow(column->indirect, same->indirect);
        }
      }
      for (const uint32_t id : std::vector<uint32_t>(column->indirect.Ids())) {
        if (const SqlValue* same = stood_for(id)) {
          grow(column->indirect, same->direct);
          grow(column->indirect, same->indirect);
        }
      }
    }
    for (const uint32_t id : std::vector<uint32_t>(into.rows.Ids())) {
      if (const SqlValue* same = stood_for(id)) {
        grow(into.rows, same->direct);
        grow(into.rows, same->indirect);
      }
    }
  }
}

}  // namespace amont
