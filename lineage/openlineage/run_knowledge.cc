#include "lineage/openlineage/run_knowledge.h"

#include <algorithm>
#include <utility>

namespace amont {
namespace {

// What is not said is no word against what was.
template <class T>
void OfferSaid(LatestWord<T>& word, Timestamp at, const T& said) {
  if (!said.empty()) word.Offer(at, said);
}

void OfferFirst(LatestWord<std::string>& word, Timestamp at, const std::vector<std::string>& said) {
  if (!said.empty()) word.Offer(at, said.front());
}

}  // namespace

bool RunKnowledge::Room() {
  if (facts_ < facts_max_) return true;
  truncated_ = true;
  return false;
}

template <class Set, class Fact>
void RunKnowledge::Add(Set& set, Fact fact) {
  if (set.contains(fact) || !Room()) return;
  set.insert(std::move(fact));
  ++facts_;
}

void RunKnowledge::Learn(const OpenLineageEvent& event) {
  first_ = std::min(first_, event.at);
  last_ = std::max(last_, event.at);
  origin_.Offer(event.at, ProducerOrigin(event.producer));
  has_run_ = has_run_ || event.kind == OpenLineageKind::kRun;
  completed_ = completed_ || event.transition == RunTransition::kComplete;
  failed_ = failed_ || event.transition == RunTransition::kFail || event.transition == RunTransition::kAbort;
  if (event.job) LearnJob(*event.job, event.at);
  if (event.parent) Add(parents_, *event.parent);
  for (const DatasetId& job : event.waits_for) Add(waits_for_, job);
  for (const DatasetId& job : event.awaited_by) Add(awaited_by_, job);
  for (const OpenLineageDataset& input : event.inputs) LearnDataset(input, event.at, true, false);
  for (const OpenLineageDataset& output : event.outputs) LearnDataset(output, event.at, false, true);
  if (event.dataset) LearnDataset(*event.dataset, event.at, false, false);
  for (const StatedTarget& target : event.stated) LearnStated(target);
}

void RunKnowledge::LearnJob(const OpenLineageJob& job, Timestamp at) {
  if (!job_) job_.emplace();
  job_->id.Offer(at, job.id);
  OfferSaid(job_->form, at, job.form);
  OfferFirst(job_->owner, at, job.owners);
  OfferSaid(job_->description, at, job.description);
  OfferSaid(job_->url, at, job.url);
  OfferSaid(job_->tags, at, job.tags);
}

void RunKnowledge::LearnDataset(const OpenLineageDataset& dataset, Timestamp at, bool read, bool written) {
  auto found = datasets_.find(dataset.id);
  if (found == datasets_.end()) {
    if (!Room()) return;
    found = datasets_.emplace(dataset.id, KnownDataset()).first;
    ++facts_;
  }
  KnownDataset& known = found->second;
  known.read = known.read || read;
  known.written = known.written || written;
  OfferSaid(known.form, at, dataset.form);
  OfferFirst(known.owner, at, dataset.owners);
  OfferSaid(known.description, at, dataset.description);
  OfferSaid(known.tags, at, dataset.tags);
  OfferSaid(known.symlinks, at, dataset.symlinks);
  if (dataset.change) known.change.Offer(at, dataset.change);
  if (!dataset.columns.empty() && dataset.columns.size() + facts_ <= facts_max_) {
    std::vector<std::pair<std::string, std::string>> columns;
    columns.reserve(dataset.columns.size());
    for (const NodeColumn& column : dataset.columns) columns.emplace_back(column.name, column.type);
    facts_ -= known.columns.value.size();
    known.columns.Offer(at, columns);
    facts_ += known.columns.value.size();
  }
  // Column lineage tells where what was written comes from; of an input it would be another run's.
  if (read) return;
  for (const auto& [column, source] : dataset.column_lineage) {
    for (const bool indirect : {false, true}) {
      if (indirect ? !source.influence.indirect : !source.influence.direct) continue;
      Add(known.column_flows,
          ColumnFlow{.column = column, .from = source.dataset, .field = source.field, .indirect = indirect});
    }
  }
  for (const ColumnSource& source : dataset.whole_lineage) {
    for (const bool indirect : {false, true}) {
      if (indirect ? !source.influence.indirect : !source.influence.direct) continue;
      Add(known.whole_flows, WholeFlow{.from = source.dataset, .field = source.field, .indirect = indirect});
    }
  }
  if (dataset.stated) LearnStated(*dataset.stated);
}

void RunKnowledge::LearnStated(const StatedTarget& target) {
  const StatedEnd end{.job = target.job, .id = target.id, .field = {}};
  Add(stated_targets_, end);
  const auto learn = [&](const std::string& field, const StatedSource& source) {
    StatedFlow flow{.target = end,
                    .source = {.job = source.job, .id = source.id, .field = source.field},
                    .influence = source.influence};
    flow.target.field = field;
    Add(stated_, std::move(flow));
  };
  for (const StatedSource& source : target.inputs) learn({}, source);
  for (const auto& [field, source] : target.fields) learn(field, source);
}

}  // namespace amont
