#include "lineage/openlineage/batch.h"

#include <utility>

#include "core/json_outline.h"

namespace amont {

Result<BatchCounts> ReadOpenLineageBatch(std::string_view text, const OpenLineageRules& rules,
                                         const BatchSink& sink) {
  AMONT_TRY_VOID(ForEachElementOrValue(text, [](std::string_view) {}));
  BatchCounts counts;
  AMONT_TRY_VOID(ForEachElementOrValue(text, [&](std::string_view value) {
    Result<OpenLineageEvent> event = ReadOpenLineageEvent(value, rules);
    if (!event) ++counts.failed;
    sink(counts.received++, std::move(event));
  }));
  return counts;
}

}  // namespace amont
