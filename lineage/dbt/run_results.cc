#include "lineage/dbt/run_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/json_document.h"
#include "core/json_outline.h"
#include "lineage/dbt/dbt_artifact.h"

namespace amont {
namespace {

constexpr int kNewestRunResults = 6;
constexpr size_t kWarningsMax = 50;
constexpr double kLongest = 1e9;  // seconds: thirty years

std::optional<Timestamp> ReadTime(JsonValue value) {
  const Result<Timestamp> at = ParseTimestamp(value.String());
  if (!at) return std::nullopt;
  return *at;
}

// When the latest of its phases ended.
std::optional<Timestamp> CompletedAt(JsonValue result) {
  std::optional<Timestamp> latest;
  for (const JsonValue phase : result["timing"]) {
    const std::optional<Timestamp> at = ReadTime(phase["completed_at"]);
    if (at && (!latest || *at > *latest)) latest = at;
  }
  return latest;
}

std::optional<DbtNodeResult> ReadResult(JsonValue value,
                                        const std::map<std::string, NodeName, std::less<>>& relations) {
  DbtNodeResult result;
  result.unique_id = value["unique_id"].String();
  result.status = value["status"].String();
  if (result.unique_id.empty() || result.status.empty()) return std::nullopt;
  const auto node = relations.find(result.unique_id);
  if (node != relations.end()) result.node = node->second;
  const double seconds = std::clamp(value["execution_time"].Number().value_or(0.0), 0.0, kLongest);
  result.took = Duration(std::llround(seconds * 1e6));
  result.rows_affected = value["adapter_response"]["rows_affected"].Integer();
  // PostgreSQL's adapter says -1 of statements that count nothing.
  if (result.rows_affected && *result.rows_affected < 0) result.rows_affected.reset();
  result.failures = value["failures"].Integer();
  result.completed_at = CompletedAt(value);
  return result;
}

}  // namespace

Result<DbtRun> ReadDbtRunResults(std::string_view text,
                                 const std::map<std::string, NodeName, std::less<>>& relations) {
  AMONT_TRY(DbtArtifact artifact, ReadDbtArtifact(text, "run-results", kNewestRunResults));
  DbtRun run;
  run.warnings = std::move(artifact.warnings);
  run.invocation_id = artifact.metadata.Root()["invocation_id"].String();
  run.generated_at = ReadTime(artifact.metadata.Root()["generated_at"]);
  if (const std::string_view text_of_args = artifact.Part("args"); !text_of_args.empty()) {
    const Result<JsonDocument> args = ParseJson(text_of_args);
    if (args) run.command = args->Root()["which"].String();
  }
  size_t index = 0;
  const Result<void> walked = ForEachElement(artifact.Part("results"), [&](std::string_view value) {
    const Result<JsonDocument> result = ParseJson(value);
    std::optional<DbtNodeResult> read;
    if (result) read = ReadResult(result->Root(), relations);
    if (read) {
      run.results.push_back(*std::move(read));
    } else if (run.warnings.size() < kWarningsMax) {
      run.warnings.push_back(fmt::format("result {} is left out: it has no unique_id or no status", index));
    }
    ++index;
  });
  if (!walked)
    return MakeError(ErrorCode::kInvalid,
                     fmt::format("results of the dbt run-results: {}", walked.error().message));
  return run;
}

}  // namespace amont
