// The type of an expression, as far as it can be told: a cast to it later on changes nothing.

#include <limits>

#include "lineage/sql/analysis.h"

namespace amont {
namespace {

std::string ConstantType(JsonValue body) {
  if (body["ival"]) return "int4";
  if (body["boolval"]) return "bool";
  if (body["bsval"]) return "bit";
  if (const JsonValue number = body["fval"]) {
    // A whole number too large for an int4 is a text here too.
    const std::string_view digits = number["fval"].String();
    const bool whole = digits.find_first_not_of("0123456789") == std::string_view::npos;
    constexpr size_t kDigitsOfInt8 = std::numeric_limits<int64_t>::digits10;
    return whole && digits.size() <= kDigitsOfInt8 ? "int8" : "numeric";
  }
  return "unknown";
}

std::string SessionType(std::string_view op) {
  if (op == "SVFOP_CURRENT_DATE") return "date";
  if (op.starts_with("SVFOP_CURRENT_TIMESTAMP")) return op.ends_with("_N") ? "" : "timestamptz";
  if (op.starts_with("SVFOP_LOCALTIMESTAMP")) return op.ends_with("_N") ? "" : "timestamp";
  if (op.starts_with("SVFOP_CURRENT_TIME")) return op.ends_with("_N") ? "" : "timetz";
  if (op.starts_with("SVFOP_LOCALTIME")) return op.ends_with("_N") ? "" : "time";
  return "name";
}

}  // namespace

std::string SqlAnalysis::TypeOf(const TreeNode& node, NameLevel& level) {
  const auto type_of = [&](JsonValue part) { return TypeOf(TreeNode(part), level); };
  const auto common_of = [&](JsonValue list) {
    std::string common = "unknown";
    for (const JsonValue each : list) common = CommonSqlType(common, type_of(each));
    return common == "unknown" ? std::string("text") : common;
  };
  const JsonValue body = node.body;
  if (node.tag == "A_Const") return ConstantType(body);
  if (node.tag == "TypeCast") return SqlTypeName(body["typeName"]);
  if (node.tag == "ColumnRef") return Column(body, level).type;
  // Of anything nested more deeply the sources would be collected once more at each level.
  if (node.tag == "A_Indirection") {
    return body["arg"]["ColumnRef"] ? Indirection(body, level).type : std::string();
  }
  if (node.tag == "CoalesceExpr" || node.tag == "MinMaxExpr") return common_of(body["args"]);
  if (node.tag == "CollateClause") return type_of(body["arg"]);
  if (node.tag == "SQLValueFunction") return SessionType(body["op"].String());
  if (node.tag == "BoolExpr" || node.tag == "NullTest" || node.tag == "BooleanTest") return "bool";
  if (node.tag == "GroupingFunc") return "int4";
  if (node.tag == "CaseExpr") {
    // PostgreSQL looks at ELSE first.
    std::string common = body["defresult"] ? type_of(body["defresult"]) : "unknown";
    for (const JsonValue each : body["args"]) {
      common = CommonSqlType(common, type_of(each["CaseWhen"]["result"]));
    }
    return common == "unknown" ? "text" : common;
  }
  if (node.tag == "A_ArrayExpr") {
    const std::string element = common_of(body["elements"]);
    return element.empty() || element.ends_with("[]") ? element : element + "[]";
  }
  if (node.tag == "SubLink") {
    const std::string_view kind = body["subLinkType"].String();
    if (kind != "EXPR_SUBLINK" && kind != "ARRAY_SUBLINK") return "bool";
    const auto query = sub_queries_.find(body.Id());
    if (query == sub_queries_.end() || query->second->fields.empty()) return {};
    const std::string& type = query->second->fields.front().value->type;
    return kind == "EXPR_SUBLINK" || type.empty() ? type : type + "[]";
  }
  if (node.tag == "FuncCall") {
    std::vector<std::string> arguments;
    for (const JsonValue each : body["args"]) arguments.push_back(type_of(each));
    std::string_view schema;
    std::string_view name;
    for (const JsonValue part : body["funcname"]) {
      schema = name;
      name = part["String"]["sval"].String();
    }
    if (const SqlFunction* own = catalog_.ResolveFunction(schema, name, search_path_)) return own->returns;
    return schema.empty() || schema == "pg_catalog" ? SqlFunctionType(name, arguments) : std::string();
  }
  if (node.tag == "A_Expr") {
    const std::string_view kind = body["kind"].String();
    if (kind == "AEXPR_NULLIF") return type_of(body["lexpr"]);
    if (kind != "AEXPR_OP") return "bool";
    std::string_view name;
    for (const JsonValue part : body["name"]) name = part["String"]["sval"].String();
    return SqlOperatorType(name, body["lexpr"] ? type_of(body["lexpr"]) : "", type_of(body["rexpr"]));
  }
  return {};
}

}  // namespace amont
