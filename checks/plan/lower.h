// Lowering: from checks to what must be measured for each, one Wanted a (check, role). Pure.
//
// Roles: the metric itself; what it is divided by; how many rows were examined (column and fail_rows checks:
// zero is never a pass); rows from the future (freshness); and the past window, where `change` has no history
// to compare with.
//
// --as-of reads rows before its instant only: where a table's checks name a time column (its freshness
// column, else a window's), every statement of ours on that table carries `column < instant`. A table without
// one is read whole, and so is whatever a user's own SQL reads.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "checks/plan/wanted.h"

namespace amont {

struct Lowered {
  std::vector<Wanted> wanted;
  std::vector<Refusal> refusals;
  std::vector<Reuse> reuses;
  std::vector<Use> from_catalog;
};

Lowered Lower(const Planning& planning);

// A user's text with its placeholders replaced, for a check of this table and zone.
std::string FillIn(const std::string& text, const TableName& table, const Zone& zone,
                   const Planning& planning);

// The columns by which --as-of cuts tables; empty without it.
using AsOf = std::map<TableName, TimeColumn>;
AsOf AsOfColumns(const Planning& planning);

// The table's rows as every statement of ours reads them: its scope and, with --as-of, the past only.
RowSet RowsOf(const Table& table, const AsOf& as_of, const Planning& planning);

}  // namespace amont
