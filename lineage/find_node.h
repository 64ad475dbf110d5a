// FindNode: which node of a graph a user means. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "lineage/graph.h"

namespace amont {

// Reads "source/schema.table", "schema.table.column", "job:namespace/name" or "dashboard:Revenue"; what names
// no source is looked for in `source`, else in every source where only one has it. `column`: of that table;
// empty: none, or the last part of the text where the rest is a table. kInvalid: the text is none of these,
// or several sources have such a table; kNotFound: the graph has no such node, with what may be meant.
Result<NodeId> FindNode(const LineageGraph& graph, std::string_view text, std::string_view column,
                        std::string_view source);

}  // namespace amont
