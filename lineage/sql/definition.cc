#include "lineage/sql/definition.h"

#include <algorithm>

#include "lineage/sql/sql_type.h"

namespace amont {
namespace {

std::string_view TextOf(JsonValue node) { return node["String"]["sval"].String(); }

// A name as a list of texts, a database in front left out.
SqlName NameIn(JsonValue list) {
  SqlName name;
  for (const JsonValue part : list) {
    name.schema = std::move(name.name);
    name.name = TextOf(part);
  }
  return name;
}

SqlName Found(const SqlName& name, const DefinitionScope& scope) {
  const SqlRelation* known = scope.catalog.Resolve(name.schema, name.name, scope.search_path);
  if (known != nullptr) return known->name;
  if (!name.schema.empty() || scope.search_path.empty()) return name;
  return {scope.search_path.front(), name.name};
}

// A column that a parent has too is one column.
void AddColumn(SqlRelation& relation, SqlColumn column) {
  for (SqlColumn& each : relation.columns) {
    if (each.name != column.name) continue;
    if (!column.type.empty()) each.type = std::move(column.type);
    return;
  }
  relation.columns.push_back(std::move(column));
}

void AddColumnsOf(const SqlRelation* other, SqlRelation& relation) {
  if (other == nullptr) {
    relation.complete = false;
    return;
  }
  for (const SqlColumn& column : other->columns) AddColumn(relation, column);
  relation.complete = relation.complete && other->complete;
}

void Alter(JsonValue command, SqlRelation& relation, const DefinitionScope& scope) {
  const std::string_view what = command["subtype"].String();
  const std::string_view name = command["name"].String();
  const JsonValue definition = command["def"]["ColumnDef"];
  if (what == "AT_AddColumn") {
    AddColumn(relation, {std::string(definition["colname"].String()), SqlTypeName(definition["typeName"])});
  } else if (what == "AT_DropColumn") {
    std::erase_if(relation.columns, [&](const SqlColumn& column) { return column.name == name; });
  } else if (what == "AT_AlterColumnType") {
    for (SqlColumn& column : relation.columns) {
      if (column.name == name) column.type = SqlTypeName(definition["typeName"]);
    }
  } else if (what == "AT_AddInherit") {
    const SqlName parent = scope.Named(command["def"]["RangeVar"]);
    if (const SqlRelation* known = scope.catalog.Find(parent)) AddColumnsOf(known, relation);
  }
}

}  // namespace

SqlName DefinitionScope::Created(JsonValue range_var) const {
  SqlName name{std::string(range_var["schemaname"].String()), std::string(range_var["relname"].String())};
  if (range_var["relpersistence"].String() == "t") name.schema = kTemporarySchema;
  if (name.schema.empty() && !search_path.empty()) name.schema = search_path.front();
  return name;
}

SqlName DefinitionScope::Named(JsonValue range_var) const {
  return Found({std::string(range_var["schemaname"].String()), std::string(range_var["relname"].String())},
               *this);
}

SqlName DefineTable(std::string_view tag, JsonValue body, DefinitionScope& scope) {
  if (tag == "CreateForeignTableStmt")
    body = body["base"]["CreateStmt"] ? body["base"]["CreateStmt"] : body["base"];
  const bool is_type = tag == "CompositeTypeStmt";
  SqlRelation relation;
  relation.name = scope.Created(is_type ? body["typevar"] : body["relation"]);
  relation.form = is_type ? SqlForm::kType : SqlForm::kTable;
  if (body["if_not_exists"].Boolean() && scope.catalog.Find(relation.name) != nullptr) return relation.name;
  for (const JsonValue parent : body["inhRelations"]) {
    AddColumnsOf(scope.catalog.Find(scope.Named(parent["RangeVar"])), relation);
  }
  if (const JsonValue type = body["ofTypename"]) {
    const SqlName name = SplitSqlTypeName(SqlTypeName(type));
    AddColumnsOf(scope.catalog.Resolve(name.schema, name.name, scope.search_path), relation);
  }
  for (const JsonValue element : is_type ? body["coldeflist"] : body["tableElts"]) {
    if (const JsonValue column = element["ColumnDef"]) {
      AddColumn(relation, {std::string(column["colname"].String()), SqlTypeName(column["typeName"])});
    } else if (const JsonValue like = element["TableLikeClause"]) {
      AddColumnsOf(scope.catalog.Find(scope.Named(like["relation"])), relation);
    }
  }
  const SqlName name = relation.name;
  scope.catalog.Put(std::move(relation));
  return name;
}

void DefineAs(const SqlStatement& statement, SqlForm form, DefinitionScope& scope) {
  SqlRelation relation;
  relation.name = *statement.target;
  relation.form = form;
  for (const SqlOutput& output : statement.columns) {
    if (output.name == "*") {
      relation.complete = false;
    } else {
      relation.columns.push_back({output.name, output.type});
    }
  }
  scope.catalog.Put(std::move(relation));
}

SqlName DefineFunction(JsonValue body, DefinitionScope& scope) {
  SqlFunction function;
  function.name = NameIn(body["funcname"]);
  if (function.name.schema.empty() && !scope.search_path.empty()) {
    function.name.schema = scope.search_path.front();
  }
  for (const JsonValue each : body["parameters"]) {
    const JsonValue parameter = each["FunctionParameter"];
    const std::string_view mode = parameter["mode"].String();
    if (mode != "FUNC_PARAM_OUT" && mode != "FUNC_PARAM_TABLE" && mode != "FUNC_PARAM_INOUT") continue;
    function.columns.push_back({std::string(parameter["name"].String()), SqlTypeName(parameter["argType"])});
  }
  function.returns = SqlTypeName(body["returnType"]);
  if (function.columns.size() == 1) function.returns = function.columns.front().type;
  const SqlName name = function.name;
  scope.catalog.Put(std::move(function));
  return name;
}

SqlName AlterTable(JsonValue body, DefinitionScope& scope) {
  const SqlName name = scope.Named(body["relation"]);
  const SqlRelation* known = scope.catalog.Find(name);
  if (known == nullptr) return name;
  SqlRelation changed = *known;
  for (const JsonValue command : body["cmds"]) Alter(command["AlterTableCmd"], changed, scope);
  scope.catalog.Put(std::move(changed));
  return name;
}

SqlName RenameThing(JsonValue body, DefinitionScope& scope) {
  const std::string_view what = body["renameType"].String();
  const std::string to(body["newname"].String());
  if (what == "OBJECT_SCHEMA") {
    const std::string_view from = body["subname"].String();
    std::vector<SqlRelation> moved;
    scope.catalog.ForEach([&](const SqlRelation& relation) {
      if (relation.name.schema == from) moved.push_back(relation);
    });
    for (SqlRelation& relation : moved) {
      scope.catalog.Drop(relation.name);
      relation.name.schema = to;
      scope.catalog.Put(std::move(relation));
    }
    return {};
  }
  if (!body["relation"]) return {};
  const SqlName name = scope.Named(body["relation"]);
  const SqlRelation* known = scope.catalog.Find(name);
  if (known == nullptr) return name;
  SqlRelation changed = *known;
  if (what == "OBJECT_COLUMN" || what == "OBJECT_ATTRIBUTE") {
    for (SqlColumn& column : changed.columns) {
      if (column.name == body["subname"].String()) column.name = to;
    }
  } else if (what == "OBJECT_TABLE" || what == "OBJECT_VIEW" || what == "OBJECT_MATVIEW" ||
             what == "OBJECT_FOREIGN_TABLE" || what == "OBJECT_TYPE") {
    scope.catalog.Drop(name);
    changed.name.name = to;
  } else {
    return name;  // an index, a constraint: no columns change
  }
  scope.catalog.Put(std::move(changed));
  return name;
}

SqlName MoveToSchema(JsonValue body, DefinitionScope& scope) {
  if (!body["relation"]) return {};
  const SqlName name = scope.Named(body["relation"]);
  const SqlRelation* known = scope.catalog.Find(name);
  if (known == nullptr) return name;
  SqlRelation moved = *known;
  moved.name.schema = body["newschema"].String();
  scope.catalog.Drop(name);
  scope.catalog.Put(std::move(moved));
  return name;
}

SqlName DropThings(JsonValue body, DefinitionScope& scope) {
  const std::string_view what = body["removeType"].String();
  SqlName last;
  for (const JsonValue object : body["objects"]) {
    if (what == "OBJECT_SCHEMA") {
      scope.catalog.DropSchema(TextOf(object));
    } else if (what == "OBJECT_TABLE" || what == "OBJECT_VIEW" || what == "OBJECT_MATVIEW" ||
               what == "OBJECT_FOREIGN_TABLE") {
      last = Found(NameIn(object["List"]["items"]), scope);
      scope.catalog.Drop(last);
    }
  }
  return last;
}

void SetVariable(JsonValue body, DefinitionScope& scope) {
  if (body["name"].String() != "search_path") return;
  std::vector<std::string> path;
  for (const JsonValue each : body["args"]) {
    const std::string_view schema = each["A_Const"]["sval"]["sval"].String();
    if (schema != "$user" && schema != "\"$user\"" && !schema.empty()) path.emplace_back(schema);
  }
  if (body["kind"].String() != "VAR_SET_VALUE") path = {"public"};
  if (!path.empty()) scope.search_path = std::move(path);
}

}  // namespace amont
