// DbtArtifact: one of the JSON files dbt writes into target/, recognised and taken apart at its top level.
//
// Recognised by metadata.dbt_schema_version. A text that is another artifact, or none of dbt's, is an Error
// that says what it looks like; a version nobody here knows is read all the same, with a warning that names
// it. The parts are views into the text. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_document.h"
#include "core/result.h"

namespace amont {

struct DbtArtifact {
  int version = 0;  // of its schema; 0: it does not say
  std::map<std::string, std::string_view, std::less<>> parts;
  JsonDocument metadata;
  std::vector<std::string> warnings;

  // The text of a top-level member; empty where it is absent or null.
  std::string_view Part(std::string_view name) const;
};

// `kind`: "manifest", "catalog" or "run-results". `newest`: the last version that is known.
Result<DbtArtifact> ReadDbtArtifact(std::string_view text, std::string_view kind, int newest);

}  // namespace amont
