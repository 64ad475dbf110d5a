// FindNode: which node of a graph a user means. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "lineage/graph.h"

namespace amont {

// Reads "source/schema.table", "schema.table", "job:namespace/name" or "dashboard:Revenue", and of a table a
// column behind a further dot; what names no source is looked for in `source`, else in every source where
// only one has it. Two parts are schema.table where there is one, else table.column of the only table of that
// name. `column`: of that table, given apart; empty: none, or as the text says. kInvalid: the text is none of
// these, or several tables may be meant; kNotFound: the graph has no such node, with what may be meant.
Result<NodeId> FindNode(const LineageGraph& graph, std::string_view text, std::string_view column,
                        std::string_view source);

}  // namespace amont
