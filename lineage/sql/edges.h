// ExtractOfSql: what a script's statements say of the lineage graph. Pure.
//
// Each statement with a target gives edges into it: from each direct source's column to the column it makes,
// from each column's own indirect sources to that column, and from what the whole statement depends on to the
// target as a whole; a relation that is read without any column of it being known or used, from node to node.
// Unused sources give none: no data flows from them. Temporary tables do not outlive their script, so edges
// go through them: what is made of them is made of what they were made of, in this script. Edges of a
// statement that is resolved in part have less confidence; those that failed give none and are named in the
// warnings, as is what is unresolved. A column's edges into itself (UPDATE t SET a = a + 1) are left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "lineage/edge.h"
#include "lineage/sql/statement.h"

namespace amont {

inline constexpr float kPartialConfidence = 0.7F;  // a guess: what is listed is right, something is missing

struct SqlOrigin {
  std::string source;           // whose relations they are
  std::string origin;           // the file, or who ran them
  std::optional<NodeName> job;  // what runs them; a routine's statements belong to the routine otherwise
  Timestamp at;
  Provenance provenance = Provenance::kSql;
};

Extract ExtractOfSql(const std::vector<SqlStatement>& statements, const SqlOrigin& origin);

}  // namespace amont
