// COPY: a query or a table out to a file, or a file into a table.

#include "lineage/sql/analysis.h"

namespace amont {

void SqlAnalysis::Copy(JsonValue body) {
  if (const JsonValue query = body["query"]) {
    const TreeNode tree(query);
    const AnalysedQuery* result = nullptr;
    if (tree.tag == "SelectStmt") result = Select(tree.body, outermost_);
    if (tree.tag == "InsertStmt") result = Insert(tree.body, outermost_);
    if (tree.tag == "UpdateStmt") result = Update(tree.body, outermost_);
    if (tree.tag == "DeleteStmt") result = Delete(tree.body, outermost_);
    if (result != nullptr && !statement_.target) SetOutput(*result);
    return;
  }
  const JsonValue relation = body["relation"];
  const Target target = TargetOf(relation);
  AnalysedQuery& all = NewQuery();
  const bool into = body["is_from"].Boolean();
  for (const JsonValue name : body["attlist"]) {
    const std::string_view column = name["String"]["sval"].String();
    SqlValue& value = NewValue();
    if (!into) value = ColumnOf(target.item, column, {});
    all.fields.push_back({column, &value, false});
  }
  if (all.fields.empty() && !into) ExpandFields(*target.item.fields, all.fields);
  if (all.fields.empty()) {
    for (const QueryField& field : *target.item.fields) {
      if (!field.star) all.fields.push_back({field.name, &NewValue(), false});
    }
  }
  if (into) {
    SetTarget(relation);
    NameLevel level;
    level.items.push_back(target.item);
    CollectRows(body["whereClause"], level, level.rows);
    all.rows = level.rows;
  } else {
    read_log_.push_back(target.relation);
  }
  SetOutput(all);
}

}  // namespace amont
