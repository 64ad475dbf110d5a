// The SQL that an event says its job ran, read as lineage of its own (provenance SQL).
//
// Read once a job and text: the same again gives the same with a later time. Owned and called by one thread,
// not one of the big stacks.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "lineage/openlineage/dataset_naming.h"
#include "lineage/openlineage/event.h"
#include "server/ingest/event_lineage.h"

namespace amont {

class EventSql {
 public:
  explicit EventSql(DatasetNaming naming) : naming_(std::move(naming)) {}

  // nullopt: the event has no SQL, SQL of another dialect than PostgreSQL's, or none of its datasets is in a
  // source of ours, so that nobody can say whose tables the SQL names.
  std::optional<EventLineage> Read(const OpenLineageEvent& event);

 private:
  DatasetNaming naming_;
  std::unordered_map<int64_t, EventLineage> known_;
};

}  // namespace amont
