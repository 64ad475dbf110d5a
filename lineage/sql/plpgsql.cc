#include "lineage/sql/plpgsql.h"

#include <fmt/format.h>

#include <algorithm>

namespace amont {
namespace {

class PlpgsqlWalk {
 public:
  PlpgsqlWalk(RoutineVariables& variables, TextPlace place, ScriptReader& reader)
      : variables_(variables), place_(place), reader_(reader) {}

  void Function(JsonValue function) {
    datums_.clear();
    for (const JsonValue datum : function["datums"]) {
      const TreeNode node(datum);
      datums_.push_back(node.body);
      const std::string name(node.body["refname"].String());
      if (name.empty() || name.front() == '(' || variables_.Named(name) != nullptr) continue;
      RoutineVariable& variable = variables_.all.emplace_back();
      variable.value.name = name;
      const std::string_view type = node.body["datatype"]["PLpgSQL_type"]["typname"].String();
      variable.record = node.tag == "PLpgSQL_rec" || type.find("record") != std::string_view::npos ||
                        type.find("%ROWTYPE") != std::string_view::npos ||
                        type.find("%rowtype") != std::string_view::npos;
    }
    for (size_t i = 0; i < datums_.size(); ++i) {
      // A declared default, a bound cursor's query.
      if (const JsonValue value = datums_[i]["default_val"]) Into(Expression(value, 1), i);
      if (const JsonValue cursor = datums_[i]["cursor_explicit_expr"]) Query(cursor, 1);
    }
    Walk(function["action"], 1);
  }

  PlpgsqlBody body;

 private:
  static std::string_view TextOf(JsonValue expression) {
    return expression["PLpgSQL_expr"]["query"].String();
  }

  TextPlace At(int line) const { return {place_.line + line - 1, 1}; }

  // A statement: always of interest.
  std::vector<SqlStatement> Query(JsonValue expression, int line) {
    std::vector<SqlStatement> read = reader_.ReadBody(TextOf(expression), At(line), &variables_);
    for (const SqlStatement& each : read) body.statements.push_back(each);
    return read;
  }

  // An expression: of interest where it reads something, or says what a variable is made of.
  std::vector<SqlStatement> Expression(JsonValue expression, int line) {
    std::string_view text = TextOf(expression);
    const size_t assigned = text.find(":=");
    if (assigned != std::string_view::npos) text.remove_prefix(assigned + 2);
    return Evaluate(text, line);
  }

  std::vector<SqlStatement> Evaluate(std::string_view text, int line) {
    if (text.empty()) return {};
    std::vector<SqlStatement> read = reader_.ReadBody(fmt::format("SELECT {}", text), At(line), &variables_);
    for (const SqlStatement& each : read) {
      if (!each.reads.empty() || each.status == SqlStatus::kFailed) body.statements.push_back(each);
    }
    return read;
  }

  RoutineVariable* VariableOf(size_t datum) {
    if (datum >= datums_.size()) return nullptr;
    const JsonValue parent = datums_[datum]["recparentno"];
    if (datums_[datum]["fieldname"]) return VariableOf(static_cast<size_t>(parent.Integer().value_or(0)));
    return variables_.Named(datums_[datum]["refname"].String());
  }

  void Into(const std::vector<SqlStatement>& read, size_t datum) {
    RoutineVariable* variable = VariableOf(datum);
    if (variable == nullptr || read.empty()) return;
    RoutineVariables::Flow(read.front(), 0, *variable);
  }

  // INTO and loops: each target takes its column; one that takes several is a record.
  void IntoTargets(const std::vector<SqlStatement>& read, JsonValue target) {
    if (read.empty()) return;
    const TreeNode row(target);
    const JsonValue fields = row.body["fields"];
    size_t at = 0;
    if (fields.Size() == 0) {
      if (RoutineVariable* record = variables_.Named(row.body["refname"].String())) {
        record->record = true;
        RoutineVariables::Flow(read.front(), 0, *record);
      }
      return;
    }
    for (const JsonValue field : fields) {
      RoutineVariable* variable = VariableOf(static_cast<size_t>(field["varno"].Integer().value_or(0)));
      if (variable != nullptr) {
        if (fields.Size() == 1 && read.front().columns.size() > 1) variable->record = true;
        RoutineVariables::Flow(read.front(), at, *variable);
      }
      ++at;
    }
  }

  void Dynamic(int line) {
    std::string sentence = fmt::format("line {}: EXECUTE runs SQL that is put together then", At(line).line);
    if (std::find(body.dynamic.begin(), body.dynamic.end(), sentence) == body.dynamic.end()) {
      body.dynamic.push_back(std::move(sentence));
    }
  }

  void Statement(std::string_view tag, JsonValue node, int line) {
    if (tag == "PLpgSQL_stmt_execsql") {
      IntoTargets(Query(node["sqlstmt"], line), node["target"]);
    } else if (tag == "PLpgSQL_stmt_fors") {
      IntoTargets(Query(node["query"], line), node["var"]);
      Walk(node["body"], line);
    } else if (tag == "PLpgSQL_stmt_perform") {
      Query(node["expr"], line);
    } else if (tag == "PLpgSQL_stmt_return_query" && node["query"]) {
      Query(node["query"], line);
    } else if (tag == "PLpgSQL_stmt_open" && node["query"]) {
      Query(node["query"], line);
    } else if (tag == "PLpgSQL_stmt_assign") {
      Into(Expression(node["expr"], line), static_cast<size_t>(node["varno"].Integer().value_or(0)));
    } else if (tag == "PLpgSQL_stmt_call") {
      for (SqlStatement& each : reader_.ReadBody(TextOf(node["expr"]), At(line), &variables_)) {
        body.statements.push_back(std::move(each));
      }
    } else {
      const bool dynamic = tag == "PLpgSQL_stmt_dynexecute" || tag == "PLpgSQL_stmt_dynfors" ||
                           (node["dynquery"] && tag != "PLpgSQL_expr");
      if (dynamic) Dynamic(line);
      Walk(node, line);
    }
  }

  void Walk(JsonValue node, int line) {
    for (const JsonValue child : node) {
      const std::string_view key = child.Key();
      if (key == "PLpgSQL_expr") {
        Evaluate(child["query"].String(), line);
      } else if (key.starts_with("PLpgSQL_stmt_")) {
        const std::optional<int64_t> own = child["lineno"].Integer();
        Statement(key, child, own ? static_cast<int>(*own) : line);
      } else if (child.IsObject() || child.IsArray()) {
        Walk(child, line);
      }
    }
  }

  RoutineVariables& variables_;
  TextPlace place_;
  ScriptReader& reader_;
  std::vector<JsonValue> datums_;
};

}  // namespace

PlpgsqlBody ReadPlpgsql(JsonValue tree, RoutineVariables variables, TextPlace place, ScriptReader& reader) {
  // Twice: what a loop's end assigns, its beginning uses.
  PlpgsqlBody body;
  for (int pass = 0; pass < 2; ++pass) {
    PlpgsqlWalk walk(variables, place, reader);
    for (const JsonValue each : tree) walk.Function(each["PLpgSQL_function"]);
    body = std::move(walk.body);
  }
  return body;
}

}  // namespace amont
