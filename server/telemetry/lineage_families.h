// The families of lineage that name tables, in Prometheus's text format. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "core/table_name.h"
#include "core/time.h"
#include "lineage/graph.h"
#include "lineage/walk.h"

namespace amont {

// A dashboard shows no more; beyond it amont_lineage_edge_info is left out.
inline constexpr size_t kLineageEdgesShown = 20'000;

// When a table last got something.
using TableTimes = std::map<TableName, Timestamp>;

// The edges between tables that have a declared one at an end, each once a provenance; and of declared tables
// how old the oldest data is that they are made of, along edges that `trusted` counts.
std::string LineageFamilies(const LineageGraph& graph, const std::set<TableName>& declared,
                            const TableTimes& updated, const EdgeFilter& trusted);

}  // namespace amont
