// WildcardChecks: the checks that wildcards gave in earlier runs, as far as the store remembers their tables:
// so that a restart or another leader knows them before it has asked any source.
//
// Free of state; any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "server/config/config.h"
#include "server/store/store.h"

namespace amont {

using WildcardTables = std::map<std::string, std::vector<TableName>>;  // by source
using WildcardChecks = std::map<std::string, std::vector<CheckPtr>>;   // by source

// The tables that wildcards of `config` matched and nobody accepted as gone, by source; nothing for sources
// that have no wildcards. The store's error.
Result<WildcardTables> ReadWildcardTables(const Config& config, Store& store);

// Their checks. One that says that a wildcard matched nothing is among them only if its id is in `judged`.
WildcardChecks ChecksOfWildcards(const Config& config, const WildcardTables& tables,
                                 const std::set<std::string>& judged);

// The declared checks, then those of wildcards that are not declared by name.
std::vector<CheckPtr> WithWildcards(const Declarations& declarations, const WildcardChecks& found);

}  // namespace amont
