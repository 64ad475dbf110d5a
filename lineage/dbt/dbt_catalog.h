// The columns dbt found in the warehouse: catalog.json, by the ids of the manifest's nodes. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "lineage/edge.h"

namespace amont {

struct DbtCatalog {
  std::map<std::string, std::vector<NodeColumn>, std::less<>> columns;  // unique_id → in the table's order
  std::vector<std::string> warnings;
};

// Errors: not a catalog, or not whole. A node that is not as it should be is left out with a warning.
Result<DbtCatalog> ReadDbtCatalog(std::string_view text);

}  // namespace amont
