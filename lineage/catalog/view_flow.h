// ViewFlow: what the server's own record of a view (pg_rewrite.ev_action) says flows into it. Names are
// resolved there and stars expanded, so nothing is guessed; the terms are those of lineage/sql: what values
// come of is direct, what decides which value, row, group or order there is is indirect. Pure.
//
// Sources are numbers: a relation's OID and a column's number, 0 for the relation as such (count(*), a join
// without a condition). Subqueries, CTEs, recursive ones too, joins and set operations are seen through;
// views are not.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace amont {

struct CatalogSource {
  uint32_t relation = 0;
  int column = 0;

  auto operator<=>(const CatalogSource&) const = default;
};

using CatalogSources = std::set<CatalogSource>;

struct ViewFlow {
  struct Column {
    std::string name;
    CatalogSources direct;
    CatalogSources indirect;
    std::optional<CatalogSource> origin;  // the one column it is, unchanged, as the server reports it
  };
  std::vector<Column> columns;
  CatalogSources rows;  // indirect for every column
};

// The columns of a relation, for those who read a row as a whole.
using ColumnNumbers = std::function<std::vector<int>(uint32_t relation)>;

// kInvalid where the text is not an action of a view, or one too deep. Recursion takes up to 6 MB of the
// stack: a thread of the usual size will do.
Result<ViewFlow> ReadViewFlow(std::string_view ev_action, const ColumnNumbers& columns_of);

}  // namespace amont
