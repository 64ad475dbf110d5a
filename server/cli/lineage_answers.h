// Impact and cause as text for people, and how nodes stand. Pure.
#pragma once

#include <string>
#include <vector>

#include "lineage/render.h"
#include "lineage/trace.h"
#include "server/cli/lineage_place.h"

namespace amont {

// The failing tables that the graph knows.
std::vector<Failing> FailingIn(const LineageFound& found);
NodeMarks MarksOf(const LineageFound& found);

std::string ImpactText(const LineageFound& found, const Impact& impact);
std::string CauseText(const LineageFound& found, const Cause& cause);

}  // namespace amont
