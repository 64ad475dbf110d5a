// TextOfRunEvent: a run event written again, in OpenLineage's own JSON, with all that later events of its run
// may need and nothing else: names in their one spelling, no SQL, no counts. What ReadOpenLineageEvent makes
// of it teaches a RunAccumulator what the event itself did. Pure.
#pragma once

#include <string>

#include "lineage/openlineage/event.h"

namespace amont {

std::string TextOfRunEvent(const OpenLineageEvent& event);

}  // namespace amont
