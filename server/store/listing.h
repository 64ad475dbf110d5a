// Listing what a store remembers, newest first, a page at a time: every statement searches by a key and reads
// little more than it gives, whatever the store holds.
//
// Free of state; whoever calls sees to it that the connection is used by one thread at a time.
#pragma once

#include <string>
#include <vector>

#include "core/sql/connection.h"
#include "server/store/store.h"

namespace amont {

Result<VerdictPage> ListVerdictsOf(Connection& connection, const VerdictQuery& query);
Result<MeasurementPage> ListMeasurementsOf(Connection& connection, const MeasurementQuery& query);
// Every statement by which they read: each must search by a key.
std::vector<std::string> ListingQueries();

}  // namespace amont
