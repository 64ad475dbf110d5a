#include "lineage/catalog/catalog_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace amont {
namespace {

size_t CellsOf(CatalogQuestion question) {
  switch (question) {
    case CatalogQuestion::kRelations:
      return 5;
    case CatalogQuestion::kColumns:
    case CatalogQuestion::kForeignKeys:
    case CatalogQuestion::kDependencies:
      return 4;
    case CatalogQuestion::kViews:
      return 2;
  }
  return 0;
}

template <class Number>
Number NumberIn(const std::string& cell) {
  Number number{};
  std::from_chars(cell.data(), cell.data() + cell.size(), number);
  return number;
}

CatalogSource SourceIn(const std::string& relation, const std::string& column) {
  return {NumberIn<uint32_t>(relation), NumberIn<int>(column)};
}

std::string FormOf(const std::string& kind) {
  if (kind == "v") return "view";
  if (kind == "m") return "materialized view";
  if (kind == "p") return "partitioned table";
  if (kind == "f") return "foreign table";
  return "table";
}

}  // namespace

Result<void> CatalogReading::Add(CatalogQuestion question, std::span<const std::string> cells) {
  if (cells.size() != CellsOf(question)) {
    return MakeError(ErrorCode::kInvalid, fmt::format("a row of the catalog has {} cells instead of {}",
                                                      cells.size(), CellsOf(question)));
  }
  switch (question) {
    case CatalogQuestion::kRelations:
      relations_[NumberIn<uint32_t>(cells[0])] = {
          NodeName::Of({source_, cells[1], cells[2]}), FormOf(cells[3]), cells[4], {}};
      break;
    case CatalogQuestion::kColumns:
      relations_[NumberIn<uint32_t>(cells[0])].columns[NumberIn<int>(cells[1])] = {cells[2], cells[3]};
      break;
    case CatalogQuestion::kForeignKeys:
      foreign_keys_.emplace_back(SourceIn(cells[0], cells[1]), SourceIn(cells[2], cells[3]));
      break;
    case CatalogQuestion::kDependencies: {
      Dependencies& of_view = dependencies_[NumberIn<uint32_t>(cells[1])];
      if (cells[0] == "function") {
        if (cells[3] != "c" && cells[3] != "internal") of_view.functions.insert(cells[2]);
      } else {
        of_view.sources.insert(SourceIn(cells[2], cells[3]));
      }
      break;
    }
    case CatalogQuestion::kViews:
      AddView(NumberIn<uint32_t>(cells[0]), cells[1]);
      break;
  }
  return {};
}

// nullopt: of a system catalog, or dropped meanwhile.
std::optional<Port> CatalogReading::PortOf(const CatalogSource& source) const {
  const auto relation = relations_.find(source.relation);
  if (relation == relations_.end() || relation->second.name.name.empty()) return std::nullopt;
  if (source.column == 0) return Port{relation->second.name, {}};
  const auto column = relation->second.columns.find(source.column);
  if (column == relation->second.columns.end()) return Port{relation->second.name, {}};
  return Port{relation->second.name, column->second.name};
}

std::vector<Port> CatalogReading::PortsOf(const CatalogSources& sources) const {
  std::vector<Port> ports;
  for (const CatalogSource& source : sources) {
    if (auto port = PortOf(source)) ports.push_back(*std::move(port));
  }
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

void CatalogReading::AddView(uint32_t oid, std::string_view ev_action) {
  const auto relation = relations_.find(oid);
  if (relation == relations_.end() || relation->second.name.name.empty()) return;  // made meanwhile
  CatalogView view;
  view.name = relation->second.name;
  if (const auto known = dependencies_.find(oid); known != dependencies_.end()) {
    for (const Port& port : PortsOf(known->second.sources)) {
      if (view.relations.empty() || view.relations.back() != port.node) view.relations.push_back(port.node);
      if (!port.column.empty()) view.referenced.push_back(port);
    }
    view.functions.assign(known->second.functions.begin(), known->second.functions.end());
  }
  const auto flow = ReadViewFlow(ev_action, [&](uint32_t of) {
    std::vector<int> numbers;
    if (const auto found = relations_.find(of); found != relations_.end()) {
      for (const auto& [number, column] : found->second.columns) numbers.push_back(number);
    }
    return numbers;
  });
  view.understood = flow.has_value();
  if (!flow) {
    for (const auto& [number, column] : relation->second.columns)
      view.columns.push_back({column.name, {}, {}, {}});
    warnings_.push_back(
        fmt::format("{}: only the tables it reads are known: {}", view.name.Text(), flow.error().message));
  } else {
    // A view's columns may have been renamed since; they stand in the order of the query's.
    auto attribute = relation->second.columns.begin();
    for (const ViewFlow::Column& column : flow->columns) {
      const bool named = attribute != relation->second.columns.end();
      view.columns.push_back({named ? (attribute++)->second.name : column.name,
                              column.origin ? PortOf(*column.origin) : std::nullopt, PortsOf(column.direct),
                              PortsOf(column.indirect)});
    }
    view.rows = PortsOf(flow->rows);
    const bool all_known =
        std::all_of(flow->rows.begin(), flow->rows.end(),
                    [&](const CatalogSource& source) { return relations_.contains(source.relation); });
    if (!all_known) {
      warnings_.push_back(fmt::format("{}: reads system catalogs, which are left out", view.name.Text()));
    }
  }
  for (const std::string& function : view.functions) {
    warnings_.push_back(fmt::format("{}: what {}() reads is not seen", view.name.Text(), function));
  }
  const auto place =
      std::lower_bound(views_.begin(), views_.end(), view,
                       [](const CatalogView& a, const CatalogView& b) { return a.name < b.name; });
  views_.insert(place, std::move(view));
}

void CatalogReading::AddViewEdges(const CatalogView& view, Extract& extract) {
  std::set<Port> flowing;  // sources that have an edge of a column
  std::set<NodeName> nodes;
  const auto add = [&](const Port& from, const Port& to, EdgeKind kind) {
    Edge edge;
    edge.upstream = from;
    edge.downstream = to;
    edge.kind = kind;
    edge.provenance = Provenance::kCatalog;
    edge.origin = extract.origin;
    edge.first_seen = edge.last_seen = extract.at;
    extract.edges.push_back(std::move(edge));
    if (!from.column.empty() || !to.column.empty()) nodes.insert(from.node);
    flowing.insert(from);
  };
  for (const CatalogView::Column& column : view.columns) {
    const Port to{view.name, column.name};
    for (const Port& from : column.direct) add(from, to, EdgeKind::kDirect);
    for (const Port& from : column.indirect) add(from, to, EdgeKind::kIndirect);
  }
  const Port whole{view.name, {}};
  for (const Port& from : view.rows) {
    if (!from.column.empty()) add(from, whole, EdgeKind::kIndirect);
  }
  for (const Port& from : view.referenced) {
    if (!flowing.contains(from)) add(from, whole, EdgeKind::kIndirect);
  }
  for (const Port& from : view.rows) {
    if (!nodes.contains(from.node)) add({from.node, {}}, whole, EdgeKind::kIndirect);
  }
  for (const NodeName& from : view.relations) {
    if (!nodes.contains(from) && !flowing.contains({from, {}})) add({from, {}}, whole, EdgeKind::kIndirect);
  }
}

Extract CatalogReading::ToExtract(Timestamp at) const {
  Extract extract;
  extract.provenance = Provenance::kCatalog;
  extract.origin = source_;
  extract.at = at;
  extract.complete = true;
  extract.warnings = warnings_;
  for (const auto& [oid, relation] : relations_) {
    if (relation.name.name.empty()) continue;
    NodeFacts facts;
    facts.name = relation.name;
    facts.form = relation.form;
    facts.description = relation.comment;
    for (const auto& [number, column] : relation.columns) facts.columns.push_back(column);
    extract.nodes.push_back(std::move(facts));
  }
  std::sort(extract.nodes.begin(), extract.nodes.end(),
            [](const NodeFacts& a, const NodeFacts& b) { return a.name < b.name; });
  for (const CatalogView& view : views_) AddViewEdges(view, extract);
  for (const auto& [refers, to] : foreign_keys_) {
    auto from = PortOf(to);
    auto into = PortOf(refers);
    if (!from || !into) continue;
    Edge hint;
    hint.upstream = *std::move(from);
    hint.downstream = *std::move(into);
    hint.kind = EdgeKind::kHint;
    hint.provenance = Provenance::kCatalog;
    hint.origin = source_;
    hint.first_seen = hint.last_seen = at;
    extract.edges.push_back(std::move(hint));
  }
  return extract;
}

}  // namespace amont
