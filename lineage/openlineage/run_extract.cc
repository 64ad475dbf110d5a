#include "lineage/openlineage/run_extract.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "lineage/joined_facts.h"

namespace amont {
namespace {

class Builder {
 public:
  Builder(const RunKnowledge& run, const DatasetNaming& naming, const KnownNames& names)
      : run_(run), naming_(naming), names_(names) {}

  Extract Build() {
    extract_.provenance = Provenance::kOpenLineage;
    extract_.origin = run_.origin();
    extract_.at = run_.last();
    if (run_.job()) job_ = NodeName::Job(run_.job()->id.value.space, run_.job()->id.value.name);
    const bool stated =
        std::ranges::any_of(run_.stated_targets(), [](const StatedEnd& end) { return !end.job; });
    if (!stated) AddInferred();
    for (const StatedFlow& flow : run_.stated()) AddStated(flow);
    AddHints();
    AddNodes();
    if (run_.succeeded()) AddChanges();
    if (run_.truncated()) {
      extract_.warnings.push_back(
          fmt::format("a run says more than {} things; the rest of it is not kept", run_.facts()));
    }
    Finish();
    return std::move(extract_);
  }

 private:
  const NodeName& Name(const DatasetId& id) {
    const auto known = named_.find(id);
    if (known != named_.end()) return known->second;
    return named_.emplace(id, Resolve(id)).first->second;
  }

  NodeName Resolve(const DatasetId& id) const {
    DatasetNaming::Named own = naming_.Name(id);
    if (own.ours) return std::move(own.node);
    const auto dataset = run_.datasets().find(id);
    if (dataset != run_.datasets().end()) {
      if (std::optional<NodeName> ours = OurName(dataset->second.symlinks.value, naming_)) return *ours;
    }
    const auto other = names_.find(id);
    if (other != names_.end()) return other->second.value;
    return std::move(own.node);
  }

  void AddEdge(Port upstream, Port downstream, EdgeKind kind, float confidence = 1.0F) {
    if (upstream.node == downstream.node) return;
    // Jobs have no columns.
    if (!upstream.node.IsTable() || !downstream.node.IsTable()) {
      upstream.column.clear();
      downstream.column.clear();
    }
    Edge edge;
    edge.upstream = std::move(upstream);
    edge.downstream = std::move(downstream);
    edge.kind = kind;
    edge.provenance = Provenance::kOpenLineage;
    edge.origin = extract_.origin;
    if (kind != EdgeKind::kHint) edge.job = job_;
    edge.confidence = confidence;
    edge.first_seen = run_.first();
    edge.last_seen = run_.last();
    extract_.edges.push_back(std::move(edge));
  }

  static bool Names(const KnownDataset& output, const DatasetId& input) {
    return std::ranges::any_of(output.column_flows,
                               [&](const ColumnFlow& flow) { return flow.from == input; }) ||
           std::ranges::any_of(output.whole_flows, [&](const WholeFlow& flow) { return flow.from == input; });
  }

  void AddInferred() {
    std::vector<const std::pair<const DatasetId, KnownDataset>*> inputs;
    std::vector<const std::pair<const DatasetId, KnownDataset>*> outputs;
    for (const auto& dataset : run_.datasets()) {
      if (dataset.second.read) inputs.push_back(&dataset);
      if (dataset.second.written) outputs.push_back(&dataset);
    }
    if (inputs.size() * outputs.size() > kPairsMax && job_) {
      extract_.warnings.push_back(
          fmt::format("a run reads {} and writes {} datasets: which of them feeds which is not kept",
                      inputs.size(), outputs.size()));
      for (const auto* input : inputs) AddEdge({Name(input->first), {}}, {*job_, {}}, EdgeKind::kDirect);
      for (const auto* output : outputs) AddEdge({*job_, {}}, {Name(output->first), {}}, EdgeKind::kDirect);
    } else {
      for (const auto* input : inputs) {
        std::vector<bool> named(outputs.size());
        if (outputs.size() > 1) {
          for (size_t i = 0; i < outputs.size(); ++i) named[i] = Names(outputs[i]->second, input->first);
        }
        const bool elsewhere = std::ranges::find(named, true) != named.end();
        for (size_t i = 0; i < outputs.size(); ++i) {
          const bool traced = !outputs[i]->second.column_flows.empty();
          if (traced && elsewhere && !named[i]) continue;
          const bool guessed = inputs.size() > 1 && outputs.size() > 1 && !named[i];
          AddEdge({Name(input->first), {}}, {Name(outputs[i]->first), {}}, EdgeKind::kDirect,
                  guessed ? 0.5F : 1.0F);
        }
      }
    }
    for (const auto& [id, dataset] : run_.datasets()) AddColumns(id, dataset);
  }

  void AddColumns(const DatasetId& id, const KnownDataset& dataset) {
    if (dataset.column_flows.empty() && dataset.whole_flows.empty()) return;
    const NodeName table = Name(id);
    for (const ColumnFlow& flow : dataset.column_flows) {
      AddEdge({Name(flow.from), flow.field}, {table, flow.column}, KindOf(flow.indirect));
    }
    for (const WholeFlow& flow : dataset.whole_flows) {
      AddEdge({Name(flow.from), flow.field}, {table, {}}, KindOf(flow.indirect));
    }
  }

  static EdgeKind KindOf(bool indirect) { return indirect ? EdgeKind::kIndirect : EdgeKind::kDirect; }

  // The node of an end of stated lineage; none where the event's own job is meant and there is none.
  std::optional<NodeName> NodeOf(const StatedEnd& end) {
    if (!end.job) return Name(end.id);
    if (end.id == DatasetId()) return job_;
    return NodeName::Job(end.id.space, end.id.name);
  }

  void AddStated(const StatedFlow& flow) {
    const std::optional<NodeName> source = NodeOf(flow.source);
    const std::optional<NodeName> target = NodeOf(flow.target);
    if (!source || !target) {
      extract_.warnings.emplace_back("a lineage facet means the event's own job, and the event has none");
      return;
    }
    const bool plain = !flow.influence.indirect;  // nothing said is a value's way
    for (const bool indirect : {false, true}) {
      if (indirect ? !flow.influence.indirect : !flow.influence.direct && !plain) continue;
      AddEdge({*source, flow.source.field}, {*target, flow.target.field}, KindOf(indirect));
    }
  }

  void AddHints() {
    if (!job_) return;
    const auto hint = [&](const NodeName& from, const NodeName& to) {
      AddEdge({from, {}}, {to, {}}, EdgeKind::kHint);
    };
    for (const DatasetId& parent : run_.parents()) hint(NodeName::Job(parent.space, parent.name), *job_);
    for (const DatasetId& job : run_.waits_for()) hint(NodeName::Job(job.space, job.name), *job_);
    for (const DatasetId& job : run_.awaited_by()) hint(*job_, NodeName::Job(job.space, job.name));
  }

  void AddNodes() {
    if (job_) {
      NodeFacts facts;
      facts.name = *job_;
      facts.form = run_.job()->form.value;
      facts.owner = run_.job()->owner.value;
      facts.description = run_.job()->description.value;
      facts.url = run_.job()->url.value;
      facts.tags = run_.job()->tags.value;
      extract_.nodes.push_back(std::move(facts));
    }
    for (const auto& [id, dataset] : run_.datasets()) {
      NodeFacts facts;
      facts.name = Name(id);
      facts.form = dataset.form.value;
      facts.owner = dataset.owner.value;
      facts.description = dataset.description.value;
      facts.tags = dataset.tags.value;
      for (const auto& [name, type] : dataset.columns.value) facts.columns.push_back({name, type});
      extract_.nodes.push_back(std::move(facts));
    }
  }

  void AddChanges() {
    for (const auto& [id, dataset] : run_.datasets()) {
      const std::optional<DatasetChange>& change = dataset.change.value;
      if (!change) continue;
      if (change->change == LifecycleChange::kDrop) extract_.dropped.push_back(Name(id));
      if (change->change != LifecycleChange::kRename) continue;
      Rename rename{.from = Name(change->previous), .to = Name(id)};
      if (rename.from != rename.to) extract_.renamed.push_back(std::move(rename));
    }
  }

  // In one order, each edge once: the same knowledge gives the same Extract.
  void Finish() {
    extract_.nodes = JoinedFacts(std::move(extract_.nodes));
    const auto key = [](const Edge& edge) { return std::tie(edge.downstream, edge.upstream, edge.kind); };
    std::ranges::sort(extract_.edges, [&](const Edge& a, const Edge& b) {
      return key(a) != key(b) ? key(a) < key(b) : a.confidence > b.confidence;
    });
    const auto same = [&](const Edge& a, const Edge& b) { return key(a) == key(b); };
    extract_.edges.erase(std::unique(extract_.edges.begin(), extract_.edges.end(), same),
                         extract_.edges.end());
    std::ranges::sort(extract_.warnings);
    extract_.warnings.erase(std::unique(extract_.warnings.begin(), extract_.warnings.end()),
                            extract_.warnings.end());
  }

  const RunKnowledge& run_;
  const DatasetNaming& naming_;
  const KnownNames& names_;
  std::optional<NodeName> job_;
  std::unordered_map<DatasetId, NodeName> named_;
  Extract extract_;
};

}  // namespace

std::optional<NodeName> OurName(const std::vector<DatasetId>& names, const DatasetNaming& naming) {
  for (const DatasetId& name : names) {
    DatasetNaming::Named named = naming.Name(name);
    if (named.ours) return std::move(named.node);
  }
  return std::nullopt;
}

Extract ExtractRun(const RunKnowledge& run, const DatasetNaming& naming, const KnownNames& names) {
  return Builder(run, naming, names).Build();
}

}  // namespace amont
