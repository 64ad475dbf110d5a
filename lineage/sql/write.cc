// INSERT, UPDATE and DELETE: what each column that is written is made of.

#include <fmt/format.h>

#include <algorithm>

#include "lineage/sql/analysis.h"

namespace amont {

SqlAnalysis::Target SqlAnalysis::TargetOf(JsonValue range_var) {
  Target target;
  target.relation = RelationNumber(range_var);
  target.item.relation = target.relation;
  target.item.fields = &FieldsOf(target.relation);
  target.item.name = range_var["relname"].String();
  target.item.schema = Keep(relations_[target.relation].name.schema);
  Rename(range_var["alias"], target.item);
  return target;
}

void SqlAnalysis::AddWrite(std::vector<Write>& writes, std::string_view column, const SqlValue& value) {
  for (Write& write : writes) {
    if (write.column != column) continue;
    write.value.Add(value);
    write.value.origin = kNoNumber;
    return;
  }
  writes.push_back({column, value});
}

// SET a = …, (b, c) = (…): each with what it is set to.
void SqlAnalysis::Assignments(JsonValue targets, NameLevel& level, std::vector<Write>& writes) {
  for (const JsonValue each : targets) {
    const JsonValue target = each["ResTarget"];
    const std::string_view column = target["name"].String();
    const JsonValue several = target["val"]["MultiAssignRef"];
    SqlValue value;
    if (!several) {
      value = Expression(target["val"], level);
    } else {
      const TreeNode source(several["source"]);
      const auto at = static_cast<size_t>(several["colno"].Integer().value_or(1)) - 1;
      if (source.tag == "RowExpr") {
        size_t i = 0;
        for (const JsonValue part : source.body["args"]) {
          if (i++ == at) value = Expression(part, level);
        }
      } else if (source.tag == "SubLink") {
        const AnalysedQuery* query = Select(source.body["subselect"]["SelectStmt"], &level);
        value.indirect.Add(query->rows);
        if (at < query->fields.size() && !query->fields[at].star) {
          value.Add(*query->fields[at].value);
        } else {
          Note(fmt::format("what {} is set to is not known", column), target["location"]);
        }
      } else {
        value = Expression(several["source"], level);
      }
    }
    CollectIndirect(target["indirection"], level, value);
    AddWrite(writes, column, value);
  }
}

const AnalysedQuery* SqlAnalysis::Returning(JsonValue list, NameLevel& level) {
  if (!list) return nullptr;
  AnalysedQuery& query = NewQuery();
  Targets(list, level, query.fields);
  query.rows = level.rows;
  return &query;
}

void SqlAnalysis::FillColumns(SqlStatement& statement, const std::vector<Write>& writes,
                              const SourceSet& rows) const {
  for (const Write& write : writes) {
    SqlOutput output;
    output.name = write.column;
    output.type = write.value.type;
    output.direct = write.value.direct.Ids();
    output.indirect = write.value.indirect.Ids();
    if (write.value.origin != kNoNumber) output.origin = write.value.origin;
    statement.columns.push_back(std::move(output));
  }
  statement.indirect = rows.Ids();
}

void SqlAnalysis::FinishWrite(std::string_view kind, const Target& target, std::vector<Write> writes,
                              const SourceSet& rows, bool outermost, size_t since) {
  if (outermost) {
    statement_.target = relations_[target.relation].name;
    return FillColumns(statement_, writes, rows);
  }
  SqlStatement inner;
  inner.kind = kind;
  inner.target = relations_[target.relation].name;
  FillColumns(inner, writes, rows);
  Fill(inner, since);
  inner.unused.clear();  // the statement around it has those
  inner_.push_back(std::move(inner));
}

// Which columns of the target the query's fields become, by position.
void SqlAnalysis::InsertColumns(JsonValue body, const Target& target, const AnalysedQuery& query,
                                std::vector<Write>& writes) {
  std::vector<std::string_view> names;
  for (const JsonValue each : body["cols"]) names.push_back(each["ResTarget"]["name"].String());
  const Relation& relation = relations_[target.relation];
  const bool listed = !names.empty();
  if (!listed && relation.known != nullptr && relation.known->complete) {
    for (const SqlColumn& column : relation.known->columns) names.push_back(column.name);
  }
  const bool named = !names.empty();
  for (size_t i = 0; i < query.fields.size(); ++i) {
    const QueryField& field = query.fields[i];
    if (field.star) {
      // As many columns as nobody knows: those behind it have no place either.
      SqlValue star = *field.value;
      for (const uint32_t unknown : star.open) {
        star.direct.Add(SourceNamed(unknown, "*"));
        Note(fmt::format("the columns of {} are not known", relations_[unknown].name.Text()));
      }
      Mention(star);
      AddWrite(writes, "*", star);
      continue;
    }
    const bool behind_star = std::any_of(query.fields.begin(), query.fields.begin() + static_cast<long>(i),
                                         [](const QueryField& each) { return each.star; });
    if (named && !behind_star && i < names.size()) {
      AddWrite(writes, names[i], *field.value);
    } else if (named && !behind_star) {
      Note(fmt::format("more values than columns of {}", relation.name.Text()));
      return;
    } else {
      AddWrite(writes, behind_star && named ? std::string_view("*") : field.name, *field.value);
    }
  }
  if (!named && !query.fields.empty()) {
    Note(fmt::format("the columns of {} are not known: they are taken by name", relation.name.Text()));
  }
}

void SqlAnalysis::OnConflict(JsonValue clause, const Target& target, NameLevel& level,
                             std::vector<Write>& writes) {
  if (clause["action"].String() != "ONCONFLICT_UPDATE") return;
  // `excluded` has for each column what would have been inserted.
  QueryFields& excluded = NewFields();
  for (const Write& write : writes) {
    SqlValue& value = NewValue();
    value = write.value;
    excluded.push_back({write.column, &value, write.column == "*"});
  }
  for (const QueryField& field : *target.item.fields) {
    bool ambiguous = false;
    if (!field.star && FieldNamed(excluded, field.name, ambiguous) == nullptr) {
      excluded.push_back({field.name, &NewValue(), false});
    }
  }
  FromItem item;
  item.name = "excluded";
  item.fields = &excluded;
  item.visible = false;
  level.items.push_back(item);
  const JsonValue infer = clause["infer"];
  SourceSet ignored;  // which index decides is no data
  CollectRows(infer["whereClause"], level, ignored);
  std::vector<Write> updates;
  Assignments(clause["targetList"], level, updates);
  SqlValue condition;
  Collect(clause["whereClause"], level, condition);
  for (Write& update : updates) {
    update.value.AddAsIndirect(condition);
    AddWrite(writes, update.column, update.value);
  }
}

const AnalysedQuery* SqlAnalysis::Insert(JsonValue body, NameLevel* parent) {
  const size_t since = read_log_.size();
  NameLevel level;
  level.parent = parent;
  With(body["withClause"], level);
  const Target target = TargetOf(body["relation"]);
  std::vector<Write> writes;
  SourceSet rows;
  if (const JsonValue select = body["selectStmt"]) {
    const AnalysedQuery* query = Select(select["SelectStmt"], &level);
    rows.Add(query->rows);
    InsertColumns(body, target, *query, writes);
  }
  level.items.push_back(target.item);
  OnConflict(body["onConflictClause"], target, level, writes);
  rows.Add(level.rows);
  level.rows = rows;
  if (!level.items.empty()) level.items.resize(1);
  // RETURNING gives what was written.
  const AnalysedQuery* returned = nullptr;
  if (body["returningList"]) {
    QueryFields& written = NewFields();
    for (const Write& write : writes) {
      bool ambiguous = false;
      if (write.column == "*" || FieldNamed(*target.item.fields, write.column, ambiguous) != nullptr)
        continue;
      SqlValue& value = NewValue();
      value.Add(write.value);
      written.push_back({write.column, &value, false});
    }
    for (QueryField field : *target.item.fields) {
      SqlValue& value = NewValue();
      value.type = field.value->type;
      for (const Write& write : writes) {
        if (!field.star && write.column == field.name) value.Add(write.value);
      }
      if (!field.star) field.value = &value;
      written.push_back(field);
    }
    level.items.front().fields = &written;
    returned = Returning(body["returningList"], level);
  }
  FinishWrite("insert", target, std::move(writes), rows, parent == outermost_, since);
  return returned;
}

const AnalysedQuery* SqlAnalysis::Update(JsonValue body, NameLevel* parent) {
  const size_t since = read_log_.size();
  NameLevel level;
  level.parent = parent;
  With(body["withClause"], level);
  const Target target = TargetOf(body["relation"]);
  level.items.push_back(target.item);
  From(body["fromClause"], level);
  CollectRows(body["whereClause"], level, level.rows);
  std::vector<Write> writes;
  Assignments(body["targetList"], level, writes);
  const AnalysedQuery* returned = Returning(body["returningList"], level);
  FinishWrite("update", target, std::move(writes), level.rows, parent == outermost_, since);
  return returned;
}

const AnalysedQuery* SqlAnalysis::Delete(JsonValue body, NameLevel* parent) {
  const size_t since = read_log_.size();
  NameLevel level;
  level.parent = parent;
  With(body["withClause"], level);
  const Target target = TargetOf(body["relation"]);
  level.items.push_back(target.item);
  From(body["usingClause"], level);
  CollectRows(body["whereClause"], level, level.rows);
  const AnalysedQuery* returned = Returning(body["returningList"], level);
  FinishWrite("delete", target, {}, level.rows, parent == outermost_, since);
  return returned;
}

void SqlAnalysis::Merge(JsonValue body, NameLevel* parent) {
  NameLevel level;
  level.parent = parent;
  With(body["withClause"], level);
  const Target target = TargetOf(body["relation"]);
  std::vector<FromItem> sources;
  Item(body["sourceRelation"], level, sources);
  level.items = sources;
  level.items.push_back(target.item);
  CollectRows(body["joinCondition"], level, level.rows);
  std::vector<Write> writes;
  for (const JsonValue each : body["mergeWhenClauses"]) {
    const JsonValue when = each["MergeWhenClause"];
    SqlValue condition;
    Collect(when["condition"], level, condition);
    const std::string_view command = when["commandType"].String();
    std::vector<Write> written;
    if (command == "CMD_UPDATE") {
      Assignments(when["targetList"], level, written);
    } else if (command == "CMD_INSERT") {
      AnalysedQuery& row = NewQuery();
      for (const JsonValue node : when["values"]) {
        SqlValue& value = NewValue();
        value = Expression(node, level);
        row.fields.push_back({OutputName(node), &value, false});
      }
      std::vector<std::string_view> names;
      for (const JsonValue column : when["targetList"]) {
        names.push_back(column["ResTarget"]["name"].String());
      }
      if (names.empty()) {
        InsertColumns(JsonValue(), target, row, written);
      } else {
        for (size_t i = 0; i < row.fields.size() && i < names.size(); ++i) {
          AddWrite(written, names[i], *row.fields[i].value);
        }
      }
    } else {
      // DELETE and DO NOTHING: whether a row is there at all.
      level.rows.Add(condition.direct);
      level.rows.Add(condition.indirect);
    }
    for (Write& write : written) {
      write.value.AddAsIndirect(condition);
      AddWrite(writes, write.column, write.value);
    }
  }
  FinishWrite("merge", target, std::move(writes), level.rows, true, 0);
}

}  // namespace amont
