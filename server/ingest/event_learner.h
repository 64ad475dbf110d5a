// EventLearner: OpenLineage events as text in, what they teach in a transaction of the store.
//
// Read is all that can be refused: what is no event, what lies in the future, what writes to a source that
// its token may not write. Write then takes what was read, beside what the store remembers of the same runs,
// and may run again when the transaction is tried again: learning twice changes nothing. One thread at a
// time.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "lineage/openlineage/run_accumulator.h"
#include "server/store/lineage_store.h"

namespace amont {

struct IngestOrder {
  std::string text;               // one event, or several as ReadOpenLineageBatch takes them
  bool batch = false;             // several: each has an answer of its own
  std::string token;              // who asks, for the log
  std::set<std::string> sources;  // that may be written; empty: any
};

struct IngestFailure {
  size_t index = 0;    // of the event in its batch
  std::string reason;  // nothing of the event's content is in it
};

struct IngestReport {
  size_t received = 0;
  std::vector<IngestFailure> failures;
  std::vector<std::string> warnings;  // of a single event
  size_t edges = 0;                   // of a single event: that are known of its run, job or dataset now
};

struct ReadEvent {
  OpenLineageEvent event;
  std::string run;      // empty: it stands alone
  std::string content;  // of a run's: as the store keeps it
  int64_t digest = 0;
};

struct ReadOrder {
  std::vector<ReadEvent> events;  // those that were not refused
  IngestReport report;
};

class EventLearner {
 public:
  explicit EventLearner(DatasetNaming naming);

  void SetNaming(DatasetNaming naming);
  // kInvalid: the text as a whole, or the single event, is refused.
  Result<ReadOrder> Read(const IngestOrder& order, Timestamp now) const;
  // Counts the edges of single events into their reports.
  Result<void> Write(LineageTransaction& transaction, std::span<ReadOrder> orders);

 private:
  struct Learned;

  std::optional<std::string> Forbidden(const OpenLineageEvent& event,
                                       const std::set<std::string>& sources) const;
  void Narrow(OpenLineageEvent& event, const std::set<std::string>& sources) const;
  Result<void> Recall(LineageTransaction& transaction, std::span<const ReadOrder> orders);
  void Know(const std::string& run, int64_t digest);

  DatasetNaming naming_;
  RunAccumulator accumulator_;
  std::unordered_map<std::string, std::set<int64_t>> known_;  // events of runs that were learned
};

// The rows of an Extract.
Result<void> WriteExtract(LineageTransaction& transaction, const Extract& extract);
Result<void> WriteExtracts(LineageTransaction& transaction, std::span<const Extract> extracts);

}  // namespace amont
