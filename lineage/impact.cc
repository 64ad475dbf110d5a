#include <algorithm>
#include <map>

#include "lineage/trace.h"

namespace amont {
namespace {

using Affected = Impact::Affected;

// What one walk arrives at: each node once, at its nearest.
class Gathering {
 public:
  Gathering(const LineageGraph& graph, Impact& impact, const TraceOptions& options)
      : graph_(graph), impact_(impact), options_(options), listed_(graph.node_count()) {
    listed_[graph.TableOf(impact.start)] = true;
  }

  // `whole`: tables, exposures and jobs count, not only columns.
  void Walk(Level level, bool whole, size_t edges_max) {
    Search search(graph_, options_.filter, Direction::kDownstream, level, impact_.start);
    for (int hops = 1;; ++hops) {
      const bool beyond = options_.depth > 0 && hops > options_.depth;
      const auto& hop = search.NextHop(edges_max, [&](const Reached&, const WalkStep& step) {
        if (whole && !beyond) AddJob(graph_.edge(step.edge).job, hops);
      });
      if (hop.empty()) break;
      if (beyond) {
        if (whole) impact_.cut.beyond_depth = hop.size();
        break;
      }
      for (const Reached& at : hop) Add(at, whole);
    }
    impact_.cut.counted_all = impact_.cut.counted_all && !search.exhausted();
  }

  void Finish() {
    impact_.table_count = impact_.tables.size();
    impact_.column_count = impact_.columns.size();
    impact_.exposure_count = impact_.exposures.size();
    impact_.job_count = impact_.jobs.size();
    ShareAmongOwners();
    for (auto* list : {&impact_.tables, &impact_.columns, &impact_.exposures, &impact_.jobs}) {
      const auto before = [](const Affected& a, const Affected& b) {
        return a.hops != b.hops ? a.hops < b.hops : a.node < b.node;
      };
      const auto end = list->begin() + static_cast<std::ptrdiff_t>(std::min(list->size(), options_.limit));
      std::nth_element(list->begin(), end, list->end(), before);
      std::sort(list->begin(), end, before);
      CutTo(*list);
    }
    impact_.owner_count = impact_.owners.size();
    CutTo(impact_.owners);
  }

 private:
  void Add(const Reached& at, bool whole) {
    const NodeId table = graph_.TableOf(at.node);
    if (table != at.node) impact_.columns.push_back({at.node, at.hops, at.fallback});
    if (!whole || listed_[table]) return;
    listed_[table] = true;
    const Affected affected{table, at.hops, at.fallback};
    switch (graph_.KindOf(table)) {
      case NodeKind::kTable:
        impact_.tables.push_back(affected);
        break;
      case NodeKind::kExposure:
        impact_.exposures.push_back(affected);
        break;
      case NodeKind::kJob:
        impact_.jobs.push_back(affected);
        break;
    }
  }

  void AddJob(NodeId job, int hops) {
    if (job == kNoNode || listed_[job]) return;
    listed_[job] = true;
    impact_.jobs.push_back({job, hops, false});
  }

  void ShareAmongOwners() {
    std::map<std::string_view, Impact::OwnerShare> shares;
    const auto share = [&](const Affected& affected, size_t Impact::OwnerShare::*count) {
      const std::string_view owner = graph_.OwnerOf(affected.node);
      if (owner.empty()) return;
      const auto [place, fresh] = shares.try_emplace(owner, Impact::OwnerShare{owner, 0, 0, affected.hops});
      place->second.hops = std::min(place->second.hops, affected.hops);
      ++(place->second.*count);
    };
    for (const Affected& table : impact_.tables) share(table, &Impact::OwnerShare::tables);
    for (const Affected& exposure : impact_.exposures) share(exposure, &Impact::OwnerShare::exposures);
    for (const auto& entry : shares) impact_.owners.push_back(entry.second);
    std::stable_sort(impact_.owners.begin(), impact_.owners.end(),
                     [](const auto& a, const auto& b) { return a.hops < b.hops; });
  }

  template <class Item>
  void CutTo(std::vector<Item>& list) {
    if (list.size() <= options_.limit) return;
    impact_.cut.beyond_limit += list.size() - options_.limit;
    list.resize(options_.limit);
  }

  const LineageGraph& graph_;
  Impact& impact_;
  const TraceOptions& options_;
  std::vector<bool> listed_;  // tables, exposures and jobs, whether they are cut or not
};

}  // namespace

Impact ImpactOf(const LineageGraph& graph, NodeId start, const TraceOptions& options) {
  Impact impact;
  impact.start = start;
  Gathering gathering(graph, impact, options);
  if (graph.IsColumn(start)) {
    gathering.Walk(Level::kColumn, true, options.edges_max);
  } else {
    const size_t of_columns = options.edges_max / 4;
    gathering.Walk(Level::kTable, true, options.edges_max - of_columns);
    gathering.Walk(Level::kColumn, false, of_columns);
  }
  gathering.Finish();
  return impact;
}

}  // namespace amont
