// ReadOpenLineageBatch: many events in one text, one at a time.
//
// Takes a JSON array of events, one event, or events one after another (a file with one a line, as the
// standard's file transport writes). Only the outline is looked at first; each event is then parsed by
// itself, so a batch costs the memory of its largest event, and an event that is no JSON spoils no other. A
// text whose outline is broken (cut, an unclosed string or bracket) is refused as a whole: nothing of it
// reaches the sink. Pure; the sink is called in order, in the calling thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "core/result.h"
#include "lineage/openlineage/event.h"

namespace amont {

struct BatchCounts {
  size_t received = 0;
  size_t failed = 0;
};

// `index`: the event's place in the batch, from 0. The Error is the event's own.
using BatchSink = std::function<void(size_t index, Result<OpenLineageEvent> event)>;

Result<BatchCounts> ReadOpenLineageBatch(std::string_view text, const OpenLineageRules& rules,
                                         const BatchSink& sink);

}  // namespace amont
