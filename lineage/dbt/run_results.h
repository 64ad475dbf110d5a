// ReadDbtRunResults: a dbt invocation's run_results.json (v1 to v6): how each node fared.
//
// A result that is not as dbt writes it is left out with a warning; a text that is none, or is cut, is an
// Error. Messages of dbt are not kept: they may quote data. Pure; thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "lineage/node.h"

namespace amont {

struct DbtNodeResult {
  std::string unique_id;
  std::optional<NodeName> node;  // its table, where the manifest has it as one
  std::string status;            // success, error, skipped; of tests pass, fail, warn; in dbt's words
  Duration took{};
  std::optional<int64_t> rows_affected;  // as the adapter says; not said by all
  std::optional<int64_t> failures;       // rows a test found
  std::optional<Timestamp> completed_at;
};

struct DbtRun {
  std::string invocation_id;
  std::string command;  // "run", "build", "compile", …; empty: not said
  std::optional<Timestamp> generated_at;
  std::vector<DbtNodeResult> results;
  std::vector<std::string> warnings;
};

// `relations`: DbtProject::relations of the project's manifest.
Result<DbtRun> ReadDbtRunResults(std::string_view text,
                                 const std::map<std::string, NodeName, std::less<>>& relations);

}  // namespace amont
