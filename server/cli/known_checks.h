// Checks by their ids, where no source is asked: those of wildcards are told from the name of their table.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "core/table_name.h"
#include "server/config/config.h"

namespace amont {

// The table an id begins with: all before the first colon outside of quotes.
Result<TableName> TableOfId(const std::string& id);

// The checks that wildcards give these tables, as they would if they are there now; and `…:matched` of
// wildcards that match none of them.
std::vector<CheckPtr> ChecksOfTables(const Config& config, const std::vector<TableName>& tables);

}  // namespace amont
