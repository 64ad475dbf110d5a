// How the reading of a statement ended, as the store keeps it. Pure.
#pragma once

#include "lineage/sql/statement.h"
#include "server/store/lineage_store.h"

namespace amont {

inline StatementEnd EndOf(SqlStatus status) {
  switch (status) {
    case SqlStatus::kResolved:
      return StatementEnd::kResolved;
    case SqlStatus::kPartial:
      return StatementEnd::kPartial;
    case SqlStatus::kFailed:
      return StatementEnd::kFailed;
  }
  return StatementEnd::kFailed;
}

}  // namespace amont
