#include "checks/catalog.h"

#include <algorithm>

namespace amont {

std::string_view ToString(RelationKind kind) {
  switch (kind) {
    case RelationKind::kTable:
      return "table";
    case RelationKind::kPartitioned:
      return "partitioned table";
    case RelationKind::kPartition:
      return "partition";
    case RelationKind::kView:
      return "view";
    case RelationKind::kMaterializedView:
      return "materialized view";
    case RelationKind::kForeign:
      return "foreign table";
    case RelationKind::kFile:
      return "file";
  }
  return "table";
}

const CatalogColumn* CatalogTable::Find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &CatalogColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

const CatalogTable* Catalog::Find(const TableName& name) const {
  const auto found = tables.find(name);
  return found == tables.end() ? nullptr : &found->second;
}

}  // namespace amont
