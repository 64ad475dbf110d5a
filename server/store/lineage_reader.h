// Reading lineage back, and listing the statements that were read for it.
//
// Free of state; whoever calls sees to it that the connection is used by one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/sql/connection.h"
#include "server/store/lineage_store.h"

namespace amont {

Result<int64_t> ReadSequenceOf(Connection& connection);
// Page by page, so that no engine holds all of it; 490,000 edges take about a second.
Result<int64_t> ReadLineageOf(Connection& connection, const LineageSink& sink);
Result<StatementPage> ListStatementsOf(Connection& connection, const StatementQuery& query);
// Every statement by which they read: each must search by a key.
std::vector<std::string> LineageQueries();

}  // namespace amont
