// RunKnowledge: all that the events of one run said so far.
//
// Learn takes events in any order, and the same one as often as it comes: lineage is a union, what describes
// a node is the latest word by the events' own times (of two at the same time, the greater text). So what is
// known depends on the set of events alone. A run holds at most `facts` of datasets, column sources and
// stated lineage; what comes after that is not taken, and truncated() says so. Not thread-safe.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lineage/openlineage/event.h"

namespace amont {

// A value and when it was said last.
template <class T>
struct LatestWord {
  Timestamp at = Timestamp::min();
  T value{};

  void Offer(Timestamp when, const T& said) {
    if (when < at || (when == at && !(value < said))) return;
    at = when;
    value = said;
  }
};

struct ColumnFlow {
  std::string column;
  DatasetId from;
  std::string field;
  bool indirect = false;

  auto operator<=>(const ColumnFlow&) const = default;
};

struct WholeFlow {
  DatasetId from;
  std::string field;
  bool indirect = true;

  auto operator<=>(const WholeFlow&) const = default;
};

struct KnownDataset {
  bool read = false;
  bool written = false;
  LatestWord<std::string> form;
  LatestWord<std::string> owner;
  LatestWord<std::string> description;
  LatestWord<std::vector<std::string>> tags;
  LatestWord<std::vector<std::pair<std::string, std::string>>> columns;  // name and type
  LatestWord<std::optional<DatasetChange>> change;
  LatestWord<std::vector<DatasetId>> symlinks;
  std::set<ColumnFlow> column_flows;
  std::set<WholeFlow> whole_flows;
};

struct KnownJob {
  LatestWord<DatasetId> id;
  LatestWord<std::string> form;
  LatestWord<std::string> owner;
  LatestWord<std::string> description;
  LatestWord<std::string> url;
  LatestWord<std::vector<std::string>> tags;
};

// An end of stated lineage; a job without an id is the run's own.
struct StatedEnd {
  bool job = false;
  DatasetId id;
  std::string field;

  auto operator<=>(const StatedEnd&) const = default;
};

struct StatedFlow {
  StatedEnd target;
  StatedEnd source;
  Influence influence;

  auto operator<=>(const StatedFlow&) const = default;
};

class RunKnowledge {
 public:
  explicit RunKnowledge(size_t facts_max) : facts_max_(facts_max) {}

  void Learn(const OpenLineageEvent& event);

  Timestamp first() const { return first_; }
  Timestamp last() const { return last_; }
  // The producer of the latest event, without its release.
  const std::string& origin() const { return origin_.value; }
  // COMPLETE was said, and no ABORT or FAIL; or it is no run's knowledge.
  bool succeeded() const { return !has_run_ || (completed_ && !failed_); }
  bool ended() const { return completed_ || failed_; }
  const std::optional<KnownJob>& job() const { return job_; }
  const std::map<DatasetId, KnownDataset>& datasets() const { return datasets_; }
  const std::set<DatasetId>& parents() const { return parents_; }
  const std::set<DatasetId>& waits_for() const { return waits_for_; }
  const std::set<DatasetId>& awaited_by() const { return awaited_by_; }
  const std::set<StatedFlow>& stated() const { return stated_; }
  // Datasets and jobs whose lineage was stated, be it that they have none.
  const std::set<StatedEnd>& stated_targets() const { return stated_targets_; }
  size_t facts() const { return facts_; }
  bool truncated() const { return truncated_; }

 private:
  void LearnJob(const OpenLineageJob& job, Timestamp at);
  void LearnDataset(const OpenLineageDataset& dataset, Timestamp at, bool read, bool written);
  void LearnStated(const StatedTarget& target);
  template <class Set, class Fact>
  void Add(Set& set, Fact fact);
  bool Room();

  size_t facts_max_;
  size_t facts_ = 0;
  bool truncated_ = false;
  bool has_run_ = false;
  bool completed_ = false;
  bool failed_ = false;
  Timestamp first_ = Timestamp::max();
  Timestamp last_ = Timestamp::min();
  LatestWord<std::string> origin_;
  std::optional<KnownJob> job_;
  std::map<DatasetId, KnownDataset> datasets_;
  std::set<DatasetId> parents_;
  std::set<DatasetId> waits_for_;
  std::set<DatasetId> awaited_by_;
  std::set<StatedFlow> stated_;
  std::set<StatedEnd> stated_targets_;
};

}  // namespace amont
