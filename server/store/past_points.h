// The points of checks' series that their expectations may ask for, so that months of history cost nothing.
//
// On SQLite a statement a series and question: each costs microseconds. On PostgreSQL one statement for many
// checks: each costs a round trip. Free of state; whoever calls sees to it that the connection is used by one
// thread at a time.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/sql/connection.h"
#include "server/store/store.h"

namespace amont {

// Whose points, and under which id they stand.
struct PointsWanted {
  const Check* check = nullptr;
  std::string id;
  std::vector<PastPoint>* points = nullptr;  // appended to: in no order, some twice
};

Result<void> ReadPoints(Connection& connection, std::span<const PointsWanted> wanted, Timestamp now);

// Every statement by which an engine reads points: each must search by the keys of `series` and `point`.
std::vector<std::string> PointQueries(Engine engine);

}  // namespace amont
