// Facts of nodes as the store keeps them: one text a node, provenance and origin. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lineage/knowledge.h"

namespace amont {

// Of what is said only, each with its time.
std::string TextOfFacts(const StatedFacts& stated);
// Fills `facts` and `said`; name, provenance and origin are the caller's. What makes no sense is not said.
void ReadFactsText(std::string_view text, StatedFacts& stated);

}  // namespace amont
