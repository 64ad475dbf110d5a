// The kinds, each defined in the file of its name and listed in kinds.cc; and what [[table]] gives beside
// them.
#pragma once

#include "checks/kinds/kind.h"

namespace amont {

Kind FreshnessKind();
Kind VolumeKind();
Kind SchemaKind();
Kind ColumnKind();
Kind SqlKind();

// not_null and unique.
void LowerShorthands(TomlReader& table, const Lowering& lowering, Lowered& lowered);
// exists, and emptied where no volume bound of `lowered` covers it.
void LowerAlwaysOn(TomlReader& table, const Lowering& lowering, Lowered& lowered);

}  // namespace amont
