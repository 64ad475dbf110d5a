#include "lineage/openlineage/run_accumulator.h"

#include <fmt/format.h>

#include <utility>

#include "lineage/openlineage/event_check.h"

namespace amont {

// A UUID is one run's alone. Other ids are not: some producers send the same for every run.
std::string RunAccumulator::KeyOf(const OpenLineageEvent& event) {
  if (IsUuid(event.run_id) || !event.job) return event.run_id;
  return fmt::format("{}\n{}\n{}", event.run_id, event.job->id.space, event.job->id.name);
}

void RunAccumulator::LearnName(const OpenLineageDataset& dataset, Timestamp at) {
  if (dataset.symlinks.empty()) return;
  if (naming_.Name(dataset.id).ours) return;  // its own name says enough
  // Only names that mean something to us take room, and count: else it would matter which came first.
  if (!OurName(dataset.symlinks, naming_)) return;
  if (!links_.contains(dataset.id) && links_.size() >= limits_.names) return;
  LatestWord<std::vector<DatasetId>>& link = links_[dataset.id];
  link.Offer(at, dataset.symlinks);
  if (const std::optional<NodeName> ours = OurName(link.value, naming_)) {
    names_[dataset.id] = {.at = link.at, .value = *ours};
  }
}

void RunAccumulator::LearnNames(const OpenLineageEvent& event) {
  for (const OpenLineageDataset& input : event.inputs) LearnName(input, event.at);
  for (const OpenLineageDataset& output : event.outputs) LearnName(output, event.at);
  if (event.dataset) LearnName(*event.dataset, event.at);
}

void RunAccumulator::SetNaming(DatasetNaming naming) {
  naming_ = std::move(naming);
  names_.clear();
  for (const auto& [id, link] : links_) {
    if (const std::optional<NodeName> ours = OurName(link.value, naming_))
      names_[id] = {.at = link.at, .value = *ours};
  }
}

std::vector<ReportedMeasurement> RunAccumulator::Measurements(const OpenLineageEvent& event) const {
  std::vector<ReportedMeasurement> measurements;
  const auto add = [&](const OpenLineageDataset& dataset) {
    if (dataset.counts.empty()) return;
    DatasetNaming::Named named = naming_.Name(dataset.id);
    const auto other = names_.find(dataset.id);
    if (!named.ours && other != names_.end()) named.node = other->second.value;
    for (const ReportedCount& count : dataset.counts) {
      measurements.push_back({.table = named.node,
                              .column = count.column,
                              .what = count.what,
                              .quantile = count.quantile,
                              .value = count.value,
                              .at = event.at});
    }
  };
  for (const OpenLineageDataset& input : event.inputs) add(input);
  for (const OpenLineageDataset& output : event.outputs) add(output);
  if (event.dataset) add(*event.dataset);
  return measurements;
}

void RunAccumulator::Forget(const std::string& kept) {
  while (runs_.size() > limits_.runs || facts_ > limits_.facts) {
    std::map<uint64_t, std::string>* from = &ended_;
    if (ended_.empty() || (ended_.size() == 1 && ended_.begin()->second == kept)) from = &open_;
    if (from->empty() || from->begin()->second == kept) return;
    const auto run = runs_.find(from->begin()->second);
    facts_ -= run->second.knowledge.facts();
    runs_.erase(run);
    from->erase(from->begin());
    ++forgotten_;
  }
}

LearnedLineage RunAccumulator::Add(const OpenLineageEvent& event) {
  LearnNames(event);
  LearnedLineage learned;
  learned.measurements = Measurements(event);
  if (event.kind != OpenLineageKind::kRun) {
    RunKnowledge alone(limits_.facts_of_run);
    alone.Learn(event);
    learned.extract = ExtractRun(alone, naming_, names_);
  } else {
    const std::string key = KeyOf(event);
    const auto [found, fresh] = runs_.try_emplace(key, Run{RunKnowledge(limits_.facts_of_run), 0});
    Run& run = found->second;
    if (!fresh) (run.knowledge.ended() ? ended_ : open_).erase(run.turn);
    facts_ -= run.knowledge.facts();
    run.knowledge.Learn(event);
    facts_ += run.knowledge.facts();
    run.turn = ++turn_;
    (run.knowledge.ended() ? ended_ : open_).emplace(run.turn, key);
    learned.extract = ExtractRun(run.knowledge, naming_, names_);
    Forget(key);
  }
  learned.extract.warnings.insert(learned.extract.warnings.end(), event.warnings.begin(),
                                  event.warnings.end());
  return learned;
}

std::optional<Extract> RunAccumulator::Known(const OpenLineageEvent& event) const {
  if (event.kind != OpenLineageKind::kRun) return std::nullopt;
  const auto run = runs_.find(KeyOf(event));
  if (run == runs_.end()) return std::nullopt;
  return ExtractRun(run->second.knowledge, naming_, names_);
}

}  // namespace amont
