#include "server/ingest/event_learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/limits.h"
#include "core/quoted.h"
#include "lineage/openlineage/batch.h"
#include "lineage/openlineage/event_check.h"
#include "lineage/openlineage/event_text.h"
#include "server/store/digest.h"

namespace amont {

namespace {

constexpr RunLimits kRunLimits = {};
constexpr size_t kFailuresMax = 10'000;  // told one by one; a batch has no more events in practice

// A UUID is one run's alone; other ids are not, some producers send the same for every run.
std::string RunOf(const OpenLineageEvent& event) {
  if (event.kind != OpenLineageKind::kRun) return {};
  if (IsUuid(event.run_id) || !event.job) return event.run_id;
  return fmt::format("{}\n{}\n{}", event.run_id, event.job->id.space, event.job->id.name);
}

void Describe(OpenLineageDataset& dataset) {
  OpenLineageDataset named;
  named.id = std::move(dataset.id);
  dataset = std::move(named);
}

}  // namespace

EventLearner::EventLearner(DatasetNaming naming)
    : naming_(naming), accumulator_(std::move(naming), kRunLimits) {}

void EventLearner::SetNaming(DatasetNaming naming) {
  naming_ = naming;
  accumulator_.SetNaming(std::move(naming));
}

// What a token that is bound to sources writes outside of them.
std::optional<std::string> EventLearner::Forbidden(const OpenLineageEvent& event,
                                                   const std::set<std::string>& sources) const {
  if (sources.empty()) return std::nullopt;
  std::vector<const DatasetId*> written;
  for (const OpenLineageDataset& output : event.outputs) written.push_back(&output.id);
  if (event.dataset) written.push_back(&event.dataset->id);
  for (const StatedTarget& target : event.stated) {
    if (!target.job) written.push_back(&target.id);
  }
  for (const DatasetId* id : written) {
    const NodeName node = naming_.Name(*id).node;
    if (!sources.contains(node.space)) {
      return fmt::format("the token may not write lineage of the source {}", Quoted(node.space));
    }
  }
  return std::nullopt;
}

// Of what lies outside the sources only the name is taken.
void EventLearner::Narrow(OpenLineageEvent& event, const std::set<std::string>& sources) const {
  if (sources.empty()) return;
  for (OpenLineageDataset& input : event.inputs) {
    if (!sources.contains(naming_.Name(input.id).node.space)) Describe(input);
  }
}

Result<ReadOrder> EventLearner::Read(const IngestOrder& order, Timestamp now) const {
  OpenLineageRules rules;
  rules.latest = now + limits::kFuture;
  ReadOrder read;
  std::optional<Error> refused;
  const auto take = [&](size_t index, Result<OpenLineageEvent> event) {
    ++read.report.received;
    std::string reason;
    if (!event) {
      reason = event.error().message;
    } else if (auto forbidden = Forbidden(*event, order.sources)) {
      reason = std::move(*forbidden);
      if (!order.batch) refused = MakeError(ErrorCode::kPermission, reason);
    }
    if (!reason.empty()) {
      if (!refused && !order.batch) refused = MakeError(ErrorCode::kInvalid, reason);
      if (read.report.failures.size() < kFailuresMax)
        read.report.failures.push_back({index, std::move(reason)});
      return;
    }
    Narrow(*event, order.sources);
    ReadEvent kept{std::move(*event), {}, {}, 0};
    kept.run = RunOf(kept.event);
    if (!kept.run.empty()) {
      kept.content = TextOfRunEvent(kept.event);
      kept.digest = DigestOf(kept.content);
    }
    if (!order.batch) read.report.warnings = kept.event.warnings;
    read.events.push_back(std::move(kept));
  };
  if (order.batch) {
    AMONT_TRY_VOID(ReadOpenLineageBatch(order.text, rules, take));
  } else {
    take(0, ReadOpenLineageEvent(order.text, rules));
  }
  if (refused) return *refused;
  return read;
}

void EventLearner::Know(const std::string& run, int64_t digest) {
  if (known_.size() > kRunLimits.runs) known_.clear();  // learned anew where they come up
  known_[run].insert(digest);
}

// Learns what the store has of these runs and nobody here knows: of before a restart, or of another replica.
Result<void> EventLearner::Recall(LineageTransaction& transaction, std::span<const ReadOrder> orders) {
  std::set<std::string> runs;
  for (const ReadOrder& order : orders) {
    for (const ReadEvent& event : order.events) {
      if (!event.run.empty()) runs.insert(event.run);
    }
  }
  const std::vector<std::string> keys(runs.begin(), runs.end());
  AMONT_TRY(const std::vector<LineageEvent> stored,
            transaction.ReadRunEvents(keys, [this](const std::string& run, int64_t digest) {
              const auto known = known_.find(run);
              return known != known_.end() && known->second.contains(digest);
            }));
  for (const LineageEvent& event : stored) {
    const Result<OpenLineageEvent> read = ReadOpenLineageEvent(event.content, {});
    if (read) accumulator_.Add(*read);
    Know(event.run, event.digest);
  }
  return {};
}

Result<void> EventLearner::Write(LineageTransaction& transaction, std::span<ReadOrder> orders) {
  AMONT_TRY_VOID(Recall(transaction, orders));
  std::vector<LineageEvent> events;
  std::map<std::string, Extract> of_runs;  // the last word on each
  std::vector<Extract> extracts;
  for (ReadOrder& order : orders) {
    for (const ReadEvent& event : order.events) {
      Extract extract = accumulator_.Add(event.event).extract;
      order.report.edges = extract.edges.size();
      if (event.run.empty()) {
        extracts.push_back(std::move(extract));
        continue;
      }
      of_runs[event.run] = std::move(extract);
      events.push_back({event.run, event.digest, event.content, event.event.at});
    }
  }
  AMONT_TRY_VOID(transaction.AddRunEvents(events));
  for (auto& [run, extract] : of_runs) extracts.push_back(std::move(extract));
  AMONT_TRY_VOID(WriteExtracts(transaction, extracts));
  for (const LineageEvent& event : events) Know(event.run, event.digest);
  return {};
}

Result<void> WriteExtracts(LineageTransaction& transaction, std::span<const Extract> extracts) {
  std::vector<Edge> edges;
  std::vector<StatedFacts> facts;
  std::vector<Ending> endings;
  for (const Extract& extract : extracts) {
    for (Edge edge : extract.edges) {
      edge.provenance = extract.provenance;
      edge.origin = extract.origin;
      if (edge.last_seen == Timestamp()) edge.last_seen = extract.at;
      if (edge.first_seen == Timestamp()) edge.first_seen = edge.last_seen;
      edges.push_back(std::move(edge));
    }
    for (const NodeFacts& node : extract.nodes) facts.push_back(StatedBy(extract, node));
    for (Ending& ending : EndingsOf(extract)) endings.push_back(std::move(ending));
  }
  AMONT_TRY_VOID(transaction.AddEdges(edges));
  AMONT_TRY_VOID(transaction.AddFacts(facts));
  return transaction.AddEndings(endings);
}

Result<void> WriteExtract(LineageTransaction& transaction, const Extract& extract) {
  return WriteExtracts(transaction, {&extract, 1});
}

}  // namespace amont
