#include "server/app/lineage_file.h"

#include <fmt/format.h>

#include <string>

#include "core/json_document.h"
#include "core/json_outline.h"
#include "core/quoted.h"

namespace amont {
namespace {

constexpr std::string_view kWanted = "neither a dbt manifest, catalog or run_results nor OpenLineage events";

}  // namespace

Result<LineageFileKind> LineageFileKindOf(std::string_view text) {
  const char first = FirstOfJson(text);
  if (first != '{' && first != '[') {
    return MakeError(ErrorCode::kInvalid,
                     fmt::format("{}: the text is {}", kWanted, first == '\0' ? "empty" : "no JSON"));
  }
  size_t values = 0;
  if (const auto walked = ForEachElementOrValue(text, [&](std::string_view) { ++values; }); !walked) {
    return MakeError(ErrorCode::kInvalid, fmt::format("not whole: {}", walked.error().message));
  }
  if (first == '[' || values > 1) return LineageFileKind::kEvents;
  bool event = false;
  bool run = false;
  std::string_view metadata;
  AMONT_TRY_VOID(ForEachMember(text, [&](std::string_view key, std::string_view value) {
    event = event || key == "eventTime" || key == "schemaURL" || key == "eventType";
    run = run || key == "run" || key == "job" || key == "dataset";
    if (key == "metadata") metadata = value;
  }));
  if (event || (run && metadata.empty())) return LineageFileKind::kEvents;
  const auto read = ParseJson(metadata.empty() ? "{}" : metadata);
  if (!read) {
    return MakeError(ErrorCode::kInvalid, fmt::format("its metadata is no JSON: {}", read.error().message));
  }
  const std::string schema(read->Root()["dbt_schema_version"].String());
  if (schema.find("/manifest/") != std::string::npos) return LineageFileKind::kManifest;
  if (schema.find("/catalog/") != std::string::npos) return LineageFileKind::kCatalog;
  if (schema.find("/run-results/") != std::string::npos) return LineageFileKind::kRunResults;
  if (schema.empty()) return MakeError(ErrorCode::kInvalid, std::string(kWanted));
  return MakeError(ErrorCode::kInvalid, fmt::format("{}: it is of {}", kWanted, Quoted(schema)));
}

}  // namespace amont
