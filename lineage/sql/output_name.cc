// What PostgreSQL calls a result's column that is given no name (FigureColname in parse_target.c).

#include "lineage/sql/analysis.h"

namespace amont {
namespace {

// 0: nothing to go by · 1: the name of a type, which a better one replaces · 2: a name
constexpr int kNone = 0;
constexpr int kWeak = 1;
constexpr int kStrong = 2;

std::string_view LastName(JsonValue list) {
  std::string_view name;
  for (const JsonValue each : list) {
    if (const JsonValue text = each["String"]) name = text["sval"].String();
  }
  return name;
}

std::string_view SessionValue(std::string_view op) {
  struct Pair {
    std::string_view op;
    std::string_view name;
  };
  constexpr Pair kNames[] = {
      {"SVFOP_CURRENT_DATE", "current_date"},
      {"SVFOP_CURRENT_TIME", "current_time"},
      {"SVFOP_CURRENT_TIME_N", "current_time"},
      {"SVFOP_CURRENT_TIMESTAMP", "current_timestamp"},
      {"SVFOP_CURRENT_TIMESTAMP_N", "current_timestamp"},
      {"SVFOP_LOCALTIME", "localtime"},
      {"SVFOP_LOCALTIME_N", "localtime"},
      {"SVFOP_LOCALTIMESTAMP", "localtimestamp"},
      {"SVFOP_LOCALTIMESTAMP_N", "localtimestamp"},
      {"SVFOP_CURRENT_ROLE", "current_role"},
      {"SVFOP_CURRENT_USER", "current_user"},
      {"SVFOP_USER", "user"},
      {"SVFOP_SESSION_USER", "session_user"},
      {"SVFOP_CURRENT_CATALOG", "current_catalog"},
      {"SVFOP_CURRENT_SCHEMA", "current_schema"},
  };
  for (const Pair& pair : kNames) {
    if (pair.op == op) return pair.name;
  }
  return {};
}

std::string_view XmlName(std::string_view op) {
  if (op == "IS_XMLCONCAT") return "xmlconcat";
  if (op == "IS_XMLELEMENT") return "xmlelement";
  if (op == "IS_XMLFOREST") return "xmlforest";
  if (op == "IS_XMLPARSE") return "xmlparse";
  if (op == "IS_XMLPI") return "xmlpi";
  if (op == "IS_XMLROOT") return "xmlroot";
  if (op == "IS_XMLSERIALIZE") return "xmlserialize";
  return {};
}

std::string_view FixedName(std::string_view tag, JsonValue body) {
  if (tag == "GroupingFunc") return "grouping";
  if (tag == "A_ArrayExpr") return "array";
  if (tag == "RowExpr") return "row";
  if (tag == "CoalesceExpr") return "coalesce";
  if (tag == "XmlSerialize") return "xmlserialize";
  if (tag == "XmlExpr") return XmlName(body["op"].String());
  if (tag == "MinMaxExpr") return body["op"].String() == "IS_LEAST" ? "least" : "greatest";
  if (tag == "SQLValueFunction") return SessionValue(body["op"].String());
  if (tag == "A_Expr" && body["kind"].String() == "AEXPR_NULLIF") return "nullif";
  return {};
}

}  // namespace

int SqlAnalysis::NameStrength(JsonValue node, std::string_view& name) {
  const TreeNode tree(node);
  const auto strong = [&name](std::string_view found) {
    if (found.empty()) return kNone;
    name = found;
    return kStrong;
  };
  const auto weak = [&name](int strength, std::string_view found) {
    if (strength == kStrong || found.empty()) return strength;
    name = found;
    return kWeak;
  };
  if (tree.tag == "ColumnRef") return strong(LastName(tree.body["fields"]));
  if (tree.tag == "FuncCall") return strong(LastName(tree.body["funcname"]));
  if (tree.tag == "TypeCast") {
    return weak(NameStrength(tree.body["arg"], name), LastName(tree.body["typeName"]["names"]));
  }
  if (tree.tag == "CaseExpr") return weak(NameStrength(tree.body["defresult"], name), "case");
  if (tree.tag == "CollateClause") return NameStrength(tree.body["arg"], name);
  if (tree.tag == "A_Indirection") {
    const int strength = strong(LastName(tree.body["indirection"]));
    return strength == kStrong ? strength : NameStrength(tree.body["arg"], name);
  }
  if (tree.tag == "SubLink") {
    const std::string_view type = tree.body["subLinkType"].String();
    if (type == "EXISTS_SUBLINK") return strong("exists");
    if (type == "ARRAY_SUBLINK") return strong("array");
    const auto query = sub_queries_.find(tree.body.Id());
    if (type != "EXPR_SUBLINK" || query == sub_queries_.end() || query->second->fields.empty()) return kNone;
    return strong(query->second->fields.front().name);
  }
  return strong(FixedName(tree.tag, tree.body));
}

std::string_view SqlAnalysis::OutputName(JsonValue node) {
  std::string_view name;
  NameStrength(node, name);
  return name.empty() ? "?column?" : name;
}

}  // namespace amont
