#include "lineage/sql/script_reader.h"

#include <algorithm>

#include "lineage/sql/parser.h"

namespace amont {
namespace {

SqlStatement Failed(std::string reason, TextPlace place) {
  SqlStatement statement;
  statement.kind = "unknown";
  statement.status = SqlStatus::kFailed;
  statement.reason = std::move(reason);
  statement.line = place.line;
  statement.column = place.column;
  return statement;
}

std::vector<std::string_view> NamesIn(JsonValue list) {
  std::vector<std::string_view> names;
  for (const JsonValue each : list) names.push_back(each["String"]["sval"].String());
  return names;
}

// "CREATE TABLE" is CreateStmt here: the word for it.
struct Kind {
  std::string_view tag;
  std::string_view word;
};
constexpr Kind kDefinitions[] = {
    {"CreateStmt", "create_table"},
    {"CreateForeignTableStmt", "create_foreign_table"},
    {"CompositeTypeStmt", "create_type"},
    {"AlterTableStmt", "alter_table"},
    {"RenameStmt", "rename"},
    {"AlterObjectSchemaStmt", "set_schema"},
    {"DropStmt", "drop"},
    {"TruncateStmt", "truncate"},
    {"VariableSetStmt", "utility"},
};

}  // namespace

TextPlace PlaceReader::At(size_t offset) {
  for (; read_ < offset && read_ < text_.size(); ++read_) {
    const char c = text_[read_];
    if (c == '\n') {
      ++place_.line;
      place_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++place_.column;
    }
  }
  return place_;
}

TextPlace PlaceWithin(std::string_view text, size_t offset, TextPlace start) {
  const TextPlace within = PlaceOf(text, offset);
  return {start.line + within.line - 1, within.line == 1 ? start.column + within.column - 1 : within.column};
}

std::vector<SqlStatement> ScriptReader::Read(const ScriptPart& part, TextPlace place) {
  ParsedSql parsed = ParseSql(part.text, part.links);
  if (!parsed.tree) {
    return {Failed(std::move(parsed.reason), PlaceWithin(part.text, parsed.offset, place))};
  }
  std::vector<SqlStatement> all;
  for (const JsonValue each : parsed.tree->Root()["stmts"]) {
    for (SqlStatement& statement : ReadTree(each["stmt"], part.text, place, nullptr)) {
      statement.column = place.column;
      all.push_back(std::move(statement));
    }
  }
  return all;
}

std::vector<SqlStatement> ScriptReader::ReadBody(std::string_view body, TextPlace place,
                                                 const RoutineVariables* variables) {
  std::vector<SqlStatement> all;
  for (const ScriptPart& part : SplitScript(body)) {
    const TextPlace at = PlaceWithin(body, part.offset, place);
    ParsedSql parsed = ParseSql(part.text, part.links);
    if (!parsed.tree) {
      all.push_back(Failed(std::move(parsed.reason), PlaceWithin(part.text, parsed.offset, at)));
      continue;
    }
    for (const JsonValue each : parsed.tree->Root()["stmts"]) {
      for (SqlStatement& statement : ReadTree(each["stmt"], part.text, at, variables)) {
        statement.column = at.column;
        all.push_back(std::move(statement));
      }
    }
  }
  return all;
}

// The columns of something created from a query.
void ScriptReader::Define(SqlName target, JsonValue query, const std::vector<std::string_view>& names,
                          SqlAnalysis& analysis) {
  const TreeNode tree(query);
  if (tree.tag == "SelectStmt") {
    analysis.SetOutput(*analysis.Select(tree.body, analysis.Outermost()), names);
  } else {
    analysis.Note("what a prepared statement returns is not known");
  }
  analysis.SetTarget(std::move(target));
}

// A statement that moves data; `kind` is empty where it is none.
void ScriptReader::Query(const TreeNode& tree, SqlAnalysis& analysis, std::string& kind) {
  NameLevel* outermost = analysis.Outermost();
  const JsonValue body = tree.body;
  if (tree.tag == "SelectStmt") {
    const AnalysedQuery* query = analysis.Select(body, outermost);
    // SELECT … INTO stands in the leftmost part of a set operation.
    JsonValue leftmost = body;
    while (leftmost["larg"]) leftmost = leftmost["larg"];
    const JsonValue into = leftmost["intoClause"];
    kind = into ? "select_into" : "select";
    analysis.SetOutput(*query, NamesIn(into["colNames"]));
    if (into) analysis.SetTarget(scope_.Created(into["rel"]));
  } else if (tree.tag == "CreateTableAsStmt") {
    kind = body["objtype"].String() == "OBJECT_MATVIEW" ? "create_materialized_view" : "create_table_as";
    const JsonValue into = body["into"];
    Define(scope_.Created(into["rel"]), body["query"], NamesIn(into["colNames"]), analysis);
  } else if (tree.tag == "ViewStmt") {
    kind = "create_view";
    Define(scope_.Created(body["view"]), body["query"], NamesIn(body["aliases"]), analysis);
  } else if (tree.tag == "InsertStmt") {
    kind = "insert";
    analysis.Insert(body, outermost);
  } else if (tree.tag == "UpdateStmt") {
    kind = "update";
    analysis.Update(body, outermost);
  } else if (tree.tag == "DeleteStmt") {
    kind = "delete";
    analysis.Delete(body, outermost);
  } else if (tree.tag == "MergeStmt") {
    kind = "merge";
    analysis.Merge(body, outermost);
  } else if (tree.tag == "CopyStmt") {
    kind = "copy";
    analysis.Copy(body);
  } else if (tree.tag == "DeclareCursorStmt" || tree.tag == "PrepareStmt") {
    std::string inner;
    Query(TreeNode(body["query"]), analysis, inner);
    kind = tree.tag == "PrepareStmt" ? "prepare" : "declare_cursor";
  }
}

std::optional<SqlStatement> ScriptReader::ReadDefinition(const TreeNode& tree, TextPlace place) {
  const auto* const known = std::find_if(std::begin(kDefinitions), std::end(kDefinitions),
                                         [&](const Kind& kind) { return kind.tag == tree.tag; });
  if (known == std::end(kDefinitions)) return std::nullopt;
  SqlStatement statement;
  statement.kind = known->word;
  statement.line = place.line;
  SqlName name;
  if (tree.tag.starts_with("Create") || tree.tag == "CompositeTypeStmt") {
    name = DefineTable(tree.tag, tree.body, scope_);
  } else if (tree.tag == "AlterTableStmt") {
    name = AlterTable(tree.body, scope_);
  } else if (tree.tag == "RenameStmt") {
    name = RenameThing(tree.body, scope_);
  } else if (tree.tag == "AlterObjectSchemaStmt") {
    name = MoveToSchema(tree.body, scope_);
  } else if (tree.tag == "DropStmt") {
    name = DropThings(tree.body, scope_);
  } else if (tree.tag == "TruncateStmt") {
    for (const JsonValue each : tree.body["relations"]) name = scope_.Named(each["RangeVar"]);
  } else {
    SetVariable(tree.body, scope_);
  }
  if (!name.name.empty()) statement.target = std::move(name);
  return statement;
}

std::vector<SqlStatement> ScriptReader::ReadTree(JsonValue node, std::string_view text, TextPlace place,
                                                 const RoutineVariables* variables) {
  const TreeNode tree(node);
  if (tree.tag == "CreateSchemaStmt") {
    std::vector<SqlStatement> all;
    for (const JsonValue element : tree.body["schemaElts"]) {
      for (SqlStatement& each : ReadTree(element, text, place, variables)) all.push_back(std::move(each));
    }
    if (!all.empty()) return all;
  }
  if (std::optional<SqlStatement> definition = ReadDefinition(tree, place)) return {std::move(*definition)};
  if (tree.tag == "CreateFunctionStmt" || tree.tag == "DoStmt") return ReadRoutine(tree, text, place);
  SqlAnalysis analysis(scope_.catalog, scope_path_, text, place.line);
  if (variables != nullptr) analysis.SetVariables(*variables);
  std::string kind;
  Query(tree, analysis, kind);
  if (kind.empty()) {
    SqlStatement utility;
    utility.kind = "utility";
    utility.line = place.line;
    return {std::move(utility)};
  }
  std::vector<SqlStatement> all = analysis.Finish(kind);
  const SqlStatement& first = all.front();
  if (first.target && (kind == "create_table_as" || kind == "select_into")) {
    DefineAs(first, SqlForm::kTable, scope_);
  } else if (first.target && kind == "create_view") {
    DefineAs(first, SqlForm::kView, scope_);
  } else if (first.target && kind == "create_materialized_view") {
    DefineAs(first, SqlForm::kMaterializedView, scope_);
  }
  return all;
}

}  // namespace amont
