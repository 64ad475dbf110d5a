// What a file of lineage is, by its content: one of dbt's files, or OpenLineage events. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace amont {

enum class LineageFileKind : uint8_t {
  kManifest,
  kCatalog,
  kRunResults,
  kEvents,  // one event, an array of them, or one after another
};

// kInvalid: neither, with what it is instead.
Result<LineageFileKind> LineageFileKindOf(std::string_view text);

}  // namespace amont
