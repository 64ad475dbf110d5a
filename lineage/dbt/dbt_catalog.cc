#include "lineage/dbt/dbt_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/json_document.h"
#include "core/json_outline.h"
#include "core/quoted.h"
#include "lineage/dbt/dbt_artifact.h"

namespace amont {
namespace {

constexpr int kNewestCatalog = 1;
constexpr size_t kWarningsMax = 50;

std::vector<NodeColumn> ReadColumns(JsonValue node) {
  std::vector<std::pair<int64_t, NodeColumn>> placed;
  for (const JsonValue column : node["columns"]) {
    std::string_view name = column["name"].String();
    if (name.empty()) name = column.Key();
    if (name.empty()) continue;
    placed.emplace_back(column["index"].Integer().value_or(std::numeric_limits<int64_t>::max()),
                        NodeColumn{std::string(name), std::string(column["type"].String())});
  }
  std::ranges::stable_sort(placed, {}, &std::pair<int64_t, NodeColumn>::first);
  std::vector<NodeColumn> columns;
  columns.reserve(placed.size());
  for (auto& [index, column] : placed) columns.push_back(std::move(column));
  return columns;
}

}  // namespace

Result<DbtCatalog> ReadDbtCatalog(std::string_view text) {
  AMONT_TRY(DbtArtifact artifact, ReadDbtArtifact(text, "catalog", kNewestCatalog));
  DbtCatalog catalog;
  catalog.warnings = std::move(artifact.warnings);
  for (const std::string_view part : {"nodes", "sources"}) {
    const std::string_view nodes = artifact.Part(part);
    if (nodes.empty()) continue;
    const Result<void> walked = ForEachMember(nodes, [&](std::string_view id, std::string_view value) {
      const Result<JsonDocument> node = ParseJson(value);
      if (node && node->Root().IsObject()) {
        catalog.columns[std::string(id)] = ReadColumns(node->Root());
      } else if (catalog.warnings.size() < kWarningsMax) {
        catalog.warnings.push_back(fmt::format("{} of the catalog is left out: it is no object", Quoted(id)));
      }
    });
    if (!walked)
      return MakeError(ErrorCode::kInvalid,
                       fmt::format("{} of the dbt catalog: {}", part, walked.error().message));
  }
  return catalog;
}

}  // namespace amont
