// Whether a JSON value is an OpenLineage event, by the standard's core schema (2-0-2), and of which kind.
//
// The first thing found wrong is the Error: its place as a JSON pointer, and what is wrong. Content of facets
// is not looked at, but for what every facet must have. Pure.
#pragma once

#include "core/json_document.h"
#include "core/result.h"
#include "lineage/openlineage/event.h"

namespace amont {

Result<OpenLineageKind> CheckOpenLineageEvent(JsonValue event, const OpenLineageRules& rules);

// RFC 3339 as the schema's date-time has it: with a time of day and an offset.
Result<Timestamp> ReadEventTime(std::string_view text);

bool IsUuid(std::string_view text);

}  // namespace amont
