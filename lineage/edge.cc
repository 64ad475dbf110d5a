#include "lineage/edge.h"

namespace amont {

std::string_view Word(Provenance provenance) {
  switch (provenance) {
    case Provenance::kDeclared:
      return "declared";
    case Provenance::kDbt:
      return "dbt";
    case Provenance::kOpenLineage:
      return "openlineage";
    case Provenance::kSql:
      return "sql";
    case Provenance::kCatalog:
      return "catalog";
  }
  return "declared";
}

std::string_view Word(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::kDirect:
      return "direct";
    case EdgeKind::kIndirect:
      return "indirect";
    case EdgeKind::kHint:
      return "hint";
  }
  return "direct";
}

}  // namespace amont
