// AsOf: what of each table was there at --as-of, by the one time column that its checks name. Pure; lives as
// long as the planning it is made for.
//
// That column is the first usable one of its freshness checks, else of its windows, whether the run selects
// these checks or not. Every statement of ours carries the cut, and a user's own SQL reads it through
// `{table}`: a CTE of the table's own name, so that an alias behind it, `{table}.column` and `orders.column`
// mean what they mean without --as-of. Rows whose time is NULL stay: nothing says that they came later. A
// table that no check gives a time column is read whole.
#pragma once

#include <map>
#include <string>

#include "checks/plan/wanted.h"

namespace amont {

class AsOf {
 public:
  explicit AsOf(const Planning& planning);

  // Whether the table's rows are cut at all, and whether by this column.
  bool Cuts(const TableName& table) const { return columns_.contains(table); }
  bool CutsBy(const TableName& table, const std::string& column) const;

  // The table's rows as every statement of ours reads them: its scope and, with --as-of, the past only.
  RowSet RowsOf(const Table& table) const;

  // A user's text with its placeholders replaced, for a check of this table and zone; `with` gets the CTE
  // that it reads, where it does.
  std::string FillIn(const std::string& text, const TableName& table, const Zone& zone,
                     std::string& with) const;

 private:
  std::string Test(const TableName& table) const;
  std::string Cte(const TableName& table) const;

  const Planning& planning_;
  std::map<TableName, TimeColumn> columns_;
};

}  // namespace amont
