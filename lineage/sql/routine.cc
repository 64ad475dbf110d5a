// Functions, procedures and DO blocks: the statements in their bodies.

#include <fmt/format.h>

#include <algorithm>

#include "lineage/sql/parser.h"
#include "lineage/sql/plpgsql.h"
#include "lineage/sql/script_reader.h"

namespace amont {
namespace {

constexpr int kRoutineDepthMax = 8;  // a body that makes a function, whose body makes one, …

struct Body {
  std::string_view language;
  std::string_view text;
};

Body BodyOf(const TreeNode& tree) {
  Body body;
  if (tree.tag == "DoStmt") body.language = "plpgsql";
  for (const JsonValue each : tree.tag == "DoStmt" ? tree.body["args"] : tree.body["options"]) {
    const JsonValue option = each["DefElem"];
    const std::string_view name = option["defname"].String();
    const JsonValue value = option["arg"];
    if (name == "language") body.language = value["String"]["sval"].String();
    if (name != "as") continue;
    const JsonValue first = value["List"] ? *value["List"]["items"].begin() : value;
    body.text = first["String"]["sval"].String();
  }
  return body;
}

bool IsParameter(std::string_view mode) { return mode != "FUNC_PARAM_TABLE" && mode != "FUNC_PARAM_OUT"; }

// What a body says to the statement that holds it: that it is not known in full.
void Weaken(SqlStatement& routine, std::string sentence) {
  routine.status = SqlStatus::kPartial;
  routine.unresolved.push_back(sentence);
  if (routine.reason.empty()) routine.reason = std::move(sentence);
}

}  // namespace

std::vector<SqlStatement> ScriptReader::ReadRoutine(const TreeNode& tree, std::string_view text,
                                                    TextPlace place) {
  SqlStatement routine;
  routine.kind = "do";
  routine.line = place.line;
  std::string name = "do";
  RoutineVariables variables;
  if (tree.tag == "CreateFunctionStmt") {
    routine.kind = tree.body["is_procedure"].Boolean() ? "create_procedure" : "create_function";
    routine.target = DefineFunction(tree.body, scope_);
    name = routine.target->Text();
    for (const JsonValue each : tree.body["parameters"]) {
      const JsonValue parameter = each["FunctionParameter"];
      const std::string_view called = parameter["name"].String();
      if (!called.empty() && IsParameter(parameter["mode"].String())) {
        variables.all.emplace_back().value.name = called;
      }
    }
  }
  if (routine.target) variables.routine = routine.target->name;

  const Body body = BodyOf(tree);
  std::vector<SqlStatement> inner;
  if (++depth_ > kRoutineDepthMax) {
    Weaken(routine, "routines are nested too deeply to be read");
  } else if (const JsonValue atomic = tree.body["sql_body"]) {
    ReadAtomic(atomic, text, place, variables, inner);
  } else if (body.language == "sql") {
    const size_t at = text.find(body.text);
    inner = ReadBody(body.text, PlaceWithin(text, at == std::string_view::npos ? 0 : at, place), &variables);
  } else if (body.language == "plpgsql") {
    ReadProcedural(text, body.text, place, variables, routine, inner);
  } else {
    Weaken(routine, fmt::format("bodies in the language {} are not read", body.language));
  }
  --depth_;
  std::vector<SqlStatement> all;
  for (const SqlStatement& each : inner) {
    if (each.status == SqlStatus::kFailed)
      Weaken(routine, fmt::format("line {}: {}", each.line, each.reason));
  }
  all.push_back(std::move(routine));
  for (SqlStatement& each : inner) {
    if (each.routine.empty()) each.routine = name;
    all.push_back(std::move(each));
  }
  return all;
}

void ScriptReader::ReadProcedural(std::string_view text, std::string_view body, TextPlace place,
                                  const RoutineVariables& variables, SqlStatement& routine,
                                  std::vector<SqlStatement>& into) {
  size_t links = 0;
  for (const ScriptPart& part : SplitScript(body)) links += part.links;
  const ParsedSql parsed = ParsePlpgsql(text, links);
  if (!parsed.tree) return Weaken(routine, fmt::format("its body does not parse: {}", parsed.reason));
  const size_t at = text.find(body);
  const TextPlace start = PlaceWithin(text, at == std::string_view::npos ? 0 : at, place);
  PlpgsqlBody read = ReadPlpgsql(parsed.tree->Root(), variables, start, *this);
  for (std::string& sentence : read.dynamic) Weaken(routine, std::move(sentence));
  into = std::move(read.statements);
}

// RETURN expression, or BEGIN ATOMIC … END with statements in lists of lists.
void ScriptReader::ReadAtomic(JsonValue node, std::string_view text, TextPlace place,
                              const RoutineVariables& variables, std::vector<SqlStatement>& into) {
  const TreeNode tree(node);
  if (tree.tag == "List") {
    for (const JsonValue each : tree.body["items"]) ReadAtomic(each, text, place, variables, into);
    return;
  }
  if (tree.tag == "ReturnStmt") {
    SqlAnalysis analysis(scope_.catalog, scope_path_, text, place.line);
    analysis.SetVariables(variables);
    analysis.Return(tree.body["returnval"]);
    for (SqlStatement& each : analysis.Finish("return")) into.push_back(std::move(each));
    return;
  }
  if (tree.tag.empty()) return;
  for (SqlStatement& each : ReadTree(node, text, place, &variables)) into.push_back(std::move(each));
}

}  // namespace amont
