// Settling: what the catalog says about a check before any SQL is sent. Pure.
//
// A missing table or column, a missing privilege, a type that does not fit and a metric the engine lacks
// refuse that one check, with words that say what to do.
#pragma once

#include <optional>

#include "checks/plan/wanted.h"

namespace amont {

// Why check `index` cannot be asked, or nullopt. Needs a catalog.
std::optional<Refusal> Settle(size_t index, const Planning& planning);

// Why a column cannot serve as the time of a row, or nothing.
std::string TimeProblem(const TimeColumn& column);

// The column that a freshness metric reads: the first that the table has (the first declared, where nothing
// is known), or nullopt where it has none of them.
std::optional<TimeColumn> TimeColumnOf(const NewestTimestamp& metric, const Zone& zone,
                                       const CatalogTable* facts);
// A native time column by name; of unknown type where nothing is known.
TimeColumn TimeColumnOf(const std::string& column, const Zone& zone, const CatalogTable* facts);

}  // namespace amont
