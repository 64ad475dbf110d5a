// Lineage as messages of amont.v1. Pure.
#pragma once

#include <optional>

#include <amont/v1/lineage_service.pb.h>

#include "lineage/graph.h"
#include "server/store/lineage_store.h"

namespace amont {

v1::LineageNode ToMessage(const LineageGraph& graph, NodeId node, int hops);
v1::LineageEdge ToMessage(const LineageGraph& graph, const GraphEdge& edge);
v1::LineageStatement ToMessage(const ReadStatement& statement);
// nullopt: unspecified or unknown.
std::optional<StatementEnd> FromMessage(v1::StatementStatus status);

}  // namespace amont
