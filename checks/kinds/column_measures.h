// Column measures: what may be written of one column, each lowered to its checks. Two families: measures with
// bounds on their value (null_ratio … percentile), and rules that count the rows which break them (accepted …
// references). Pure.
#pragma once

#include <span>
#include <string>

#include "checks/kinds/kind.h"

namespace amont {

struct ColumnPlace {
  std::string column;
  const Lowering& lowering;
  Diagnostics& diagnostics;
  Lowered& lowered;
};

// Keys of [table.columns.NAME] of each family; the lowering of the entry under such a key.
std::span<const Key> ValueMeasureKeys();
void LowerValueMeasure(const TomlEntry& entry, const ColumnPlace& place);
std::span<const Key> RowRuleKeys();
void LowerRowRule(const TomlEntry& entry, const ColumnPlace& place);

}  // namespace amont
