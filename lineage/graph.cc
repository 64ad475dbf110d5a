#include "lineage/graph.h"

#include <algorithm>

namespace amont {

int ShownRank(Provenance provenance) {
  switch (provenance) {
    case Provenance::kDeclared:
      return 0;
    case Provenance::kDbt:
      return 1;
    case Provenance::kCatalog:
      return 2;
    case Provenance::kOpenLineage:
      return 3;
    case Provenance::kSql:
      return 4;
  }
  return 5;
}

std::optional<NodeId> LineageGraph::Find(const NodeName& name) const {
  const auto place = std::lower_bound(names_.begin(), names_.end(), name);
  if (place == names_.end() || *place != name) return std::nullopt;
  return ids_[place - names_.begin()];
}

std::optional<NodeId> LineageGraph::Find(const Port& port) const {
  const auto table = Find(port.node);
  if (!table || port.column.empty()) return table;
  const auto [first, last] = ColumnsOf(*table);
  NodeId low = first, high = last;
  while (low < high) {
    const NodeId middle = low + (high - low) / 2;
    if (ColumnOf(middle) < port.column) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == last || ColumnOf(low) != port.column) return std::nullopt;
  return low;
}

std::string_view LineageGraph::ColumnOf(NodeId id) const {
  return IsColumn(id) ? std::string_view(columns_[text_[id]]) : std::string_view();
}

std::pair<NodeId, NodeId> LineageGraph::ColumnsOf(NodeId table) const {
  const size_t name = text_[table];
  const NodeId end = name + 1 < ids_.size() ? ids_[name + 1] : static_cast<NodeId>(node_count());
  return {table + 1, end};
}

std::span<const EdgeId> LineageGraph::Entering(NodeId id) const {
  return std::span(entering_).subspan(entering_begin_[id], entering_begin_[id + 1] - entering_begin_[id]);
}

std::span<const EdgeId> LineageGraph::EdgesOfJob(NodeId job) const {
  return std::span(jobs_).subspan(jobs_begin_[job], jobs_begin_[job + 1] - jobs_begin_[job]);
}

std::span<const StatedFacts> LineageGraph::FactsOf(NodeId id) const {
  return std::span(facts_).subspan(facts_begin_[id], facts_begin_[id + 1] - facts_begin_[id]);
}

namespace {

void TakeFirst(std::string& shown, const std::string& said) {
  if (shown.empty()) shown = said;
}

void TakeNew(std::vector<std::string>& shown, const std::vector<std::string>& said) {
  for (const std::string& text : said) {
    if (std::find(shown.begin(), shown.end(), text) == shown.end()) shown.push_back(text);
  }
}

}  // namespace

NodeFacts LineageGraph::Shown(NodeId id) const {
  NodeFacts shown;
  shown.name = NameOf(id);
  std::map<std::string_view, size_t> places;  // of columns
  const auto take_column = [&](const NodeColumn& column) {
    const auto [place, fresh] = places.emplace(column.name, shown.columns.size());
    if (fresh) {
      shown.columns.push_back(column);
    } else {
      TakeFirst(shown.columns[place->second].type, column.type);
    }
  };
  for (const StatedFacts& stated : FactsOf(id)) {
    TakeFirst(shown.form, stated.facts.form);
    TakeFirst(shown.owner, stated.facts.owner);
    TakeFirst(shown.description, stated.facts.description);
    TakeFirst(shown.url, stated.facts.url);
    TakeNew(shown.tags, stated.facts.tags);
    TakeNew(shown.tests, stated.facts.tests);
    for (const NodeColumn& column : stated.facts.columns) take_column(column);
  }
  if (IsColumn(id)) return shown;
  const auto [first, last] = ColumnsOf(id);
  for (NodeId column = first; column < last; ++column) {
    const std::string_view name = ColumnOf(column);
    if (!places.contains(name)) shown.columns.push_back({std::string(name), {}});
  }
  return shown;
}

}  // namespace amont
