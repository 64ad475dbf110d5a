// The families of lineage that name tables, in Prometheus's text format. Pure.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "core/table_name.h"
#include "lineage/graph.h"

namespace amont {

// A dashboard shows no more; beyond it amont_lineage_edge_info is left out.
inline constexpr size_t kLineageEdgesShown = 20'000;

// The edges between tables that have a declared one at an end, each once a provenance.
std::string LineageFamilies(const LineageGraph& graph, const std::set<TableName>& declared);

}  // namespace amont
