// RunAccumulator: events in, what is now known of their runs out.
//
// A run's lineage arrives in pieces, over START, RUNNING and COMPLETE, late, twice and in any order. Add
// keeps what each run's events said (run_knowledge.h) and gives the whole of it as an Extract, so that
// whoever merges Extracts need not know about events. After the same set of events, in whatever order, every
// run's Extract is the same. Job and dataset events stand alone: each is the latest word on its job or
// dataset.
//
// What a dataset is also called (symlinks), where that is a table of one of our sources, is remembered across
// runs; so an Extract that was given before such an event may name a table by its path that a later one names
// by its table.
//
// Bounded: beyond `runs` or `facts` runs are forgotten, ended ones first, those first whose last event came
// first. An event of a forgotten run begins it anew. Owned and called by one thread at a time; pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lineage/edge.h"
#include "lineage/openlineage/dataset_naming.h"
#include "lineage/openlineage/event.h"
#include "lineage/openlineage/run_extract.h"
#include "lineage/openlineage/run_knowledge.h"

namespace amont {

struct RunLimits {
  size_t runs = 10'000;
  size_t facts = 2'000'000;  // of all runs: datasets, column sources, stated lineage; some 200 bytes each
  size_t facts_of_run = 200'000;  // of one run; what comes after is not taken
  size_t names = 100'000;         // symlinks kept across runs
};

// A count or time that a producer reported of a table. It judges nothing by itself.
struct ReportedMeasurement {
  NodeName table;
  std::string column;  // empty: of the whole table
  ReportedFact what = ReportedFact::kRowCount;
  double quantile = 0.0;  // of kQuantile
  ReportedValue value;
  Timestamp at;  // the event's time
};

struct LearnedLineage {
  Extract extract;                                // all that is known of the event's run
  std::vector<ReportedMeasurement> measurements;  // of this event alone
};

class RunAccumulator {
 public:
  RunAccumulator(DatasetNaming naming, RunLimits limits) : naming_(std::move(naming)), limits_(limits) {}

  LearnedLineage Add(const OpenLineageEvent& event);

  // What is known of the run an event belongs to, once more; nothing of forgotten runs and of other events.
  std::optional<Extract> Known(const OpenLineageEvent& event) const;

  // Other sources or aliases, from the next Extract on.
  void SetNaming(DatasetNaming naming);

  size_t runs() const { return runs_.size(); }
  size_t facts() const { return facts_; }
  uint64_t forgotten() const { return forgotten_; }

 private:
  struct Run {
    RunKnowledge knowledge;
    uint64_t turn = 0;  // when its last event came
  };
  static std::string KeyOf(const OpenLineageEvent& event);
  void LearnNames(const OpenLineageEvent& event);
  void LearnName(const OpenLineageDataset& dataset, Timestamp at);
  std::vector<ReportedMeasurement> Measurements(const OpenLineageEvent& event) const;
  void Forget(const std::string& kept);

  DatasetNaming naming_;
  RunLimits limits_;
  std::unordered_map<std::string, Run> runs_;
  std::map<uint64_t, std::string> open_;   // turn → run
  std::map<uint64_t, std::string> ended_;  // likewise
  std::map<DatasetId, LatestWord<std::vector<DatasetId>>> links_;
  KnownNames names_;  // what links_ means under naming_
  size_t facts_ = 0;
  uint64_t turn_ = 0;
  uint64_t forgotten_ = 0;
};

}  // namespace amont
