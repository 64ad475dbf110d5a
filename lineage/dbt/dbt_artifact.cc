#include "lineage/dbt/dbt_artifact.h"

#include <fmt/format.h>

#include <charconv>

#include "core/json_outline.h"
#include "core/quoted.h"

namespace amont {
namespace {

// What a text is that is none of dbt's, by its keys.
std::string Described(const DbtArtifact& artifact) {
  const auto has = [&](std::string_view key) { return artifact.parts.contains(key); };
  if (has("eventTime") && has("schemaURL")) return "an OpenLineage event";
  if (artifact.parts.empty()) return "an empty object";
  std::string keys;
  int shown = 0;
  for (const auto& [key, value] : artifact.parts) {
    if (shown == 4) {
      keys += ", …";
      break;
    }
    if (shown++ > 0) keys += ", ";
    keys += Quoted(key);
  }
  return fmt::format("an object with {}", keys);
}

struct SchemaVersion {
  std::string kind;
  int version = 0;
};

// https://schemas.getdbt.com/dbt/manifest/v12.json
SchemaVersion ReadVersion(std::string_view url) {
  SchemaVersion read;
  if (url.ends_with(".json")) url.remove_suffix(5);
  const size_t slash = url.rfind("/v");
  if (slash == std::string_view::npos) return read;
  const std::string_view digits = url.substr(slash + 2);
  int version = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (failed != std::errc() || end != digits.data() + digits.size()) return read;
  read.version = version;
  const std::string_view before = url.substr(0, slash);
  read.kind = before.substr(before.rfind('/') + 1);
  return read;
}

}  // namespace

std::string_view DbtArtifact::Part(std::string_view name) const {
  const auto part = parts.find(name);
  return part == parts.end() || part->second == "null" ? std::string_view() : part->second;
}

Result<DbtArtifact> ReadDbtArtifact(std::string_view text, std::string_view kind, int newest) {
  const char first = FirstOfJson(text);
  if (first != '{') {
    const std::string_view what = first == '\0' ? "empty" : first == '[' ? "a JSON array" : "no JSON object";
    return MakeError(ErrorCode::kInvalid, fmt::format("not a dbt {}: the text is {}", kind, what));
  }
  AMONT_TRY(JsonDocument none, ParseJson("{}"));
  DbtArtifact artifact{.version = 0, .parts = {}, .metadata = std::move(none), .warnings = {}};
  const Result<void> walked = ForEachMember(text, [&](std::string_view key, std::string_view value) {
    artifact.parts.insert_or_assign(std::string(key), value);
  });
  if (!walked) {
    return MakeError(ErrorCode::kInvalid,
                     fmt::format("not a whole dbt {}: {}", kind, walked.error().message));
  }
  if (const std::string_view metadata = artifact.Part("metadata"); !metadata.empty()) {
    AMONT_TRY(artifact.metadata, ParseJson(metadata));
  }
  const std::string_view url = artifact.metadata.Root()["dbt_schema_version"].String();
  const SchemaVersion version = ReadVersion(url);
  if (url.empty() || version.kind.empty()) {
    const std::string_view body = kind == "run-results" ? "results" : "nodes";
    if (artifact.Part("metadata").empty() || artifact.Part(body).empty()) {
      return MakeError(
          ErrorCode::kInvalid,
          fmt::format("not a dbt {}: it is {} and names no dbt schema version", kind, Described(artifact)));
    }
    artifact.warnings.push_back(
        fmt::format("the {} names no dbt schema version; it is read as v{}", kind, newest));
    return artifact;
  }
  if (version.kind != kind) {
    return MakeError(ErrorCode::kInvalid,
                     fmt::format("not a dbt {}: it is a dbt {}", kind, Quoted(version.kind)));
  }
  artifact.version = version.version;
  if (version.version < 1 || version.version > newest) {
    artifact.warnings.push_back(
        fmt::format("dbt {} v{} is not known here (v1 to v{} are); what is understood of it is read", kind,
                    version.version, newest));
  }
  return artifact;
}

}  // namespace amont
