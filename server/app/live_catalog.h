// LiveCatalog: what the engines say now of the tables a configuration declares; for `validate --connect` and
// `plan
// --connect`. Opens one connection a source, reads, closes. Blocks; ends within 200 ms of a stop.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "checks/plan/dialect.h"
#include "core/diagnostic.h"
#include "server/config/config.h"
#include "server/executor/canceller.h"

namespace amont {

struct LiveSource {
  std::unique_ptr<const Dialect> dialect;
  Catalog catalog;
  std::vector<CheckPtr> checks;         // declared for this source and expanded from its wildcards
  std::vector<std::string> overridden;  // ids of a wildcard that a named table took over or turned off
  std::vector<std::string> powers;      // what the role may do and should not
};

// Reads the catalog of `source` and expands its wildcards; mistakes in these go to `diagnostics`.
Result<LiveSource> ReadLiveSource(const Config& config, const std::string& source, Canceller& canceller,
                                  Diagnostics& diagnostics, std::stop_token stop);

// What the live catalog contradicts: absent tables and columns, other types, missing privileges, changes it
// cannot tell, a role that may do more than read. Each at the place it was declared; what concerns many
// checks of a table, once.
void CompareWithCatalog(const Config& config, const std::string& source, const LiveSource& live,
                        Diagnostics& diagnostics);

}  // namespace amont
