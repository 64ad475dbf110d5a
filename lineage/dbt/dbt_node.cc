#include "lineage/dbt/dbt_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/json_document.h"

namespace amont {
namespace {

DbtKind KindNamed(std::string_view type) {
  constexpr std::array kKinds = std::to_array<std::pair<std::string_view, DbtKind>>({
      {"model", DbtKind::kModel},
      {"seed", DbtKind::kSeed},
      {"snapshot", DbtKind::kSnapshot},
      {"source", DbtKind::kSource},
      {"test", DbtKind::kTest},
      {"unit_test", DbtKind::kTest},
      {"exposure", DbtKind::kExposure},
      {"semantic_model", DbtKind::kThrough},
      {"metric", DbtKind::kThrough},
      {"saved_query", DbtKind::kThrough},
      {"function", DbtKind::kThrough},
  });
  const auto* known = std::ranges::find(kKinds, type, &std::pair<std::string_view, DbtKind>::first);
  return known == kKinds.end() ? DbtKind::kOther : known->second;
}

// Takes members of known types; the first of another type is the reason the node is left out.
class Members {
 public:
  explicit Members(JsonValue node) : node_(node) {}

  std::string Text(std::string_view key) {
    const JsonValue value = node_[key];
    Want(value, JsonKind::kString, key, "a string");
    return std::string(value.String());
  }
  JsonValue Object(std::string_view key) {
    Want(node_[key], JsonKind::kObject, key, "an object");
    return node_[key];
  }
  // Strings only.
  std::vector<std::string> Texts(JsonValue list, std::string_view key) {
    std::vector<std::string> texts;
    Want(list, JsonKind::kArray, key, "an array");
    for (const JsonValue item : list) {
      Want(item, JsonKind::kString, key, "an array of strings");
      if (item.IsString()) texts.emplace_back(item.String());
    }
    return texts;
  }
  const std::string& problem() const { return problem_; }

 private:
  void Want(JsonValue value, JsonKind kind, std::string_view key, std::string_view what) {
    if (!value || value.Kind() == JsonKind::kNull || value.Kind() == kind || !problem_.empty()) return;
    problem_ = fmt::format("{} is not {}", key, what);
  }

  JsonValue node_;
  std::string problem_;
};

// One tag may stand as a text in place of a list.
void AddTags(JsonValue tags, std::vector<std::string>& to) {
  const auto add = [&](std::string_view tag) {
    if (!tag.empty() && std::ranges::find(to, tag) == to.end()) to.emplace_back(tag);
  };
  add(tags.String());
  if (!tags.IsArray()) return;
  for (const JsonValue tag : tags) add(tag.String());
}

void ReadColumns(JsonValue columns, DbtNode& node) {
  for (const JsonValue column : columns) {
    std::string_view name = column["name"].String();
    if (name.empty()) name = column.Key();
    if (!name.empty()) node.columns.push_back({std::string(name), std::string(column["data_type"].String())});
  }
}

// The ref() or source() a generic test was given: "{{ get_where_subquery(ref('orders')) }}" says "orders".
std::string TestedModel(std::string_view argument) {
  const size_t call = std::min(argument.find("ref("), argument.find("source("));
  if (call == std::string_view::npos) return {};
  const std::string_view arguments = argument.substr(call, argument.find(')', call) - call);
  std::string last;
  for (size_t at = arguments.find_first_of("'\""); at != std::string_view::npos;) {
    const size_t end = arguments.find(arguments[at], at + 1);
    if (end == std::string_view::npos) break;
    last = arguments.substr(at + 1, end - at - 1);
    at = arguments.find_first_of("'\"", end + 1);
  }
  return last;
}

void ReadTest(JsonValue value, DbtNode& node) {
  node.attached_node = value["attached_node"].String();
  node.test = node.name;
  const JsonValue generic = value["test_metadata"];
  const std::string_view name = generic["name"].String();
  if (name.empty()) return;
  const std::string_view space = generic["namespace"].String();
  node.test = space.empty() ? std::string(name) : fmt::format("{}.{}", space, name);
  std::string_view column = value["column_name"].String();
  if (column.empty()) column = generic["kwargs"]["column_name"].String();
  if (!column.empty()) node.test += fmt::format("({})", column);
  node.tested_model = TestedModel(generic["kwargs"]["model"].String());
}

void ReadExposure(JsonValue value, DbtNode& node) {
  node.url = value["url"].String();
  node.exposure_type = value["type"].String();
  if (node.exposure_type.empty()) node.exposure_type = "exposure";
  node.maturity = value["maturity"].String();
  const std::string owner = OwnerText(value["owner"]);
  if (!owner.empty()) node.owner = owner;
}

void ReadMeta(JsonValue value, JsonValue config, DbtNode& node) {
  // From v12 on what was said stands in the node's config as well; the nearest counts.
  for (const JsonValue meta : {value["meta"], config["meta"], value["source_meta"]}) {
    if (node.owner.empty()) node.owner = OwnerText(meta["owner"]);
  }
  AddTags(value["tags"], node.tags);
  AddTags(config["tags"], node.tags);
  node.group = value["group"].String();
  if (node.group.empty()) node.group = config["group"].String();
}

void ReadCode(JsonValue value, DbtNode& node) {
  if (node.kind != DbtKind::kModel && node.kind != DbtKind::kSnapshot) return;
  node.language = value["language"].String("sql");
  std::string_view code = value["compiled_code"].String();
  if (code.empty()) code = value["compiled_sql"].String();  // up to v6
  node.code = code;
  node.compiled = !code.empty();
}

}  // namespace

std::string OwnerText(JsonValue value) {
  if (value.IsArray()) {
    for (const JsonValue item : value) {
      std::string first = OwnerText(item);
      if (!first.empty()) return first;
    }
    return {};
  }
  if (!value.IsObject()) return std::string(value.String());
  const std::string_view name = value["name"].String();
  return name.empty() ? OwnerText(value["email"]) : std::string(name);
}

Result<DbtNode> ReadDbtNode(std::string_view key, std::string_view text) {
  AMONT_TRY(const JsonDocument document, ParseJson(text));
  const JsonValue value = document.Root();
  if (!value.IsObject()) return MakeError(ErrorCode::kInvalid, "it is not an object");
  Members members(value);
  DbtNode node;
  node.unique_id = key;
  node.resource_type = members.Text("resource_type");
  // Metrics and exposures of the first versions do not say it; their ids do.
  if (node.resource_type.empty()) node.resource_type = key.substr(0, key.find('.'));
  node.kind = KindNamed(node.resource_type);
  node.package = members.Text("package_name");
  node.name = members.Text("name");
  node.database = members.Text("database");
  node.schema = members.Text("schema");
  node.relation_name = members.Text("relation_name");
  node.identifier = members.Text(node.kind == DbtKind::kSource ? "identifier" : "alias");
  if (node.identifier.empty()) node.identifier = node.name;
  node.description = members.Text("description");
  node.label = members.Text("label");
  node.root_path = members.Text("root_path");
  node.depends_on = members.Texts(members.Object("depends_on")["nodes"], "depends_on.nodes");
  const JsonValue config = members.Object("config");
  node.enabled = config["enabled"].Boolean(true);
  node.materialized = config["materialized"].String();
  ReadColumns(members.Object("columns"), node);
  ReadMeta(value, config, node);
  ReadCode(value, node);
  if (node.kind == DbtKind::kTest) ReadTest(value, node);
  if (node.kind == DbtKind::kExposure) ReadExposure(value, node);
  if (!members.problem().empty()) return MakeError(ErrorCode::kInvalid, members.problem());
  if (node.name.empty()) return MakeError(ErrorCode::kInvalid, "it has no name");
  return node;
}

std::optional<std::vector<std::string>> RelationParts(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const char open = text.front();
    std::string part;
    if (open == '"' || open == '`' || open == '[') {
      const char close = open == '[' ? ']' : open;
      text.remove_prefix(1);
      for (;;) {
        const size_t end = text.find(close);
        if (end == std::string_view::npos) return std::nullopt;
        part += text.substr(0, end);
        text.remove_prefix(end + 1);
        if (!text.starts_with(close)) break;
        part += close;  // doubled: the quote itself
        text.remove_prefix(1);
      }
    } else {
      const size_t end = std::min(text.find('.'), text.size());
      part = text.substr(0, end);
      if (part.find_first_of("()'\"` \t\n/*:[]") != std::string::npos) return std::nullopt;
      text.remove_prefix(end);
    }
    if (part.empty()) return std::nullopt;
    // `project.dataset.table` of BigQuery stands in one pair of quotes.
    if (open == '`' && part.find('.') != std::string::npos && parts.empty() && text.empty())
      return RelationParts(part);
    parts.push_back(std::move(part));
    if (text.empty()) return parts;
    if (text.front() != '.' || text.size() == 1) return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

DbtRelation RelationOf(const DbtNode& node) {
  DbtRelation relation{.database = node.database, .schema = node.schema, .table = node.identifier};
  std::optional<std::vector<std::string>> parts = RelationParts(node.relation_name);
  if (!parts || parts->size() > 3) return relation;
  relation.table = std::move(parts->back());
  if (parts->size() > 1) relation.schema = std::move((*parts)[parts->size() - 2]);
  if (parts->size() > 2) relation.database = std::move(parts->front());
  return relation;
}

}  // namespace amont
