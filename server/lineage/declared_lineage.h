// Declared lineage: what `upstream` and `feeds` of declared tables say, as an extract for the graph. Pure.
//
// All declarations are one origin: a table that leaves them, whichever file it stood in, no longer says its
// edges. `upstream` names tables, `feeds` exposures ("dashboard:Revenue") and jobs ("job:namespace/name"). A
// pattern that matched nothing is no table and says nothing. The owner, the description and the tags of a
// table are facts of it.
#pragma once

#include <memory>
#include <span>

#include "checks/check.h"
#include "core/time.h"
#include "lineage/edge.h"

namespace amont {

inline constexpr std::string_view kDeclaredOrigin = "checks";

// `complete`: these are all tables in force. Not while a source whose wildcards declare some cannot be asked:
// then nothing that was said before ends.
Extract DeclaredLineage(std::span<const std::shared_ptr<const Table>> tables, Timestamp at, bool complete);

}  // namespace amont
