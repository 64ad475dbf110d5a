// Facts of one node that an origin states in several places, as one: dbt's seed that is a source as well, a
// dataset of OpenLineage under two of its names. Pure.
#pragma once

#include <vector>

#include "lineage/edge.h"

namespace amont {

// In the order of names, each once. Of a text the first that was said counts; tags, tests and columns are
// joined, a column's type being the first that was said.
std::vector<NodeFacts> JoinedFacts(std::vector<NodeFacts> facts);

}  // namespace amont
