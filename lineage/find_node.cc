#include "lineage/find_node.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "core/diagnostic.h"
#include "core/quoted.h"

namespace amont {
namespace {

constexpr size_t kCompared = 20'000;  // names that are looked through for one that is alike

class NodeFinder {
 public:
  NodeFinder(const LineageGraph& graph, std::string_view text, std::string_view source)
      : graph_(graph), text_(text), source_(source) {}

  Result<NodeId> Find(std::string_view column) {
    const Result<NodeName> whole = ParseNodeName(text_, source_);
    if (whole) {
      AMONT_TRY(const std::optional<NodeId> node, FindIn(*whole));
      if (node) return column.empty() ? Result<NodeId>(*node) : ColumnOf(*node, column);
    }
    // What is no table is a column of the one before the last dot.
    const std::optional<Port> port = whole && !whole->IsTable() ? std::nullopt : AsColumn();
    if (port && column.empty()) {
      AMONT_TRY(const std::optional<NodeId> table, FindTableOf(*port));
      if (table) return ColumnOf(*table, port->column);
    }
    if (!whole && !port) return whole.error();
    return Unknown(whole ? *whole : port->node);
  }

 private:
  // The text as a table and a column of it.
  std::optional<Port> AsColumn() const {
    size_t dot = std::string_view::npos;
    bool quoted = false;
    for (size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == '"') quoted = !quoted;
      if (text_[i] == '.' && !quoted) dot = i;
      if (text_[i] == '/' && !quoted) dot = std::string_view::npos;
    }
    if (dot == std::string_view::npos) return std::nullopt;
    const auto table = ParseTableName(text_.substr(0, dot), source_);
    const auto column = SplitDotted(text_.substr(dot + 1));
    if (!table || !column || column->size() != 1) return std::nullopt;
    return Port{NodeName::Of(*table), column->front()};
  }

  // "table.column" is of the only table of that name, in whatever schema.
  Result<std::optional<NodeId>> FindTableOf(const Port& port) const {
    AMONT_TRY(const std::optional<NodeId> exact, FindIn(port.node));
    if (exact || !port.node.schema.empty()) return exact;
    std::vector<NodeId> found;
    ForEachTable([&](NodeId id, const NodeName& table) {
      const bool there = port.node.space.empty() || port.node.space == table.space;
      if (there && table.name == port.node.name) found.push_back(id);
    });
    return OnlyOne(found, "is a column of several tables");
  }

  // In its source, or where none is named in the only one that has it.
  Result<std::optional<NodeId>> FindIn(const NodeName& name) const {
    if (!name.IsTable() || !name.space.empty()) return graph_.Find(name);
    std::vector<NodeId> found;
    ForEachTable([&](NodeId id, const NodeName& table) {
      if (table.schema == name.schema && table.name == name.name) found.push_back(id);
    });
    return OnlyOne(found, "is in several sources");
  }

  Result<std::optional<NodeId>> OnlyOne(const std::vector<NodeId>& found, std::string_view several) const {
    if (found.size() < 2) return found.empty() ? std::nullopt : std::optional(found.front());
    std::vector<std::string> names;
    for (size_t i = 0; i < std::min<size_t>(found.size(), 3); ++i) names.push_back(graph_.TextOf(found[i]));
    if (found.size() > names.size()) names.push_back(fmt::format("{} more", found.size() - names.size()));
    return MakeError(ErrorCode::kInvalid,
                     fmt::format("{} {}: {}; name one", Quoted(text_), several, fmt::join(names, ", ")));
  }

  Result<NodeId> ColumnOf(NodeId table, std::string_view column) const {
    const auto node = graph_.Find(Port{graph_.NameOf(table), std::string(column)});
    if (node) return *node;
    std::vector<std::string> known;
    const auto [first, last] = graph_.ColumnsOf(table);
    for (NodeId id = first; id < last; ++id) known.emplace_back(graph_.ColumnOf(id));
    const std::string hint = DidYouMean(column, known);
    return MakeError(ErrorCode::kNotFound,
                     fmt::format("no lineage is known of column {} of {}{}{}", Quoted(column),
                                 graph_.NameOf(table).Text(), hint.empty() ? "" : "; ", hint));
  }

  template <class Visit>
  void ForEachTable(Visit visit) const {
    for (NodeId id = 0; id < graph_.node_count(); ++id) {
      if (!graph_.IsColumn(id) && graph_.KindOf(id) == NodeKind::kTable) visit(id, graph_.NameOf(id));
    }
  }

  Error Unknown(const NodeName& name) const {
    if (graph_.node_count() == 0) return MakeError(ErrorCode::kNotFound, "no lineage is known yet");
    const std::string wanted = name.Text();
    std::vector<std::string> known;
    for (NodeId id = 0; id < graph_.node_count() && known.size() < kCompared; ++id) {
      if (graph_.IsColumn(id) || graph_.KindOf(id) != name.kind) continue;
      const NodeName& other = graph_.NameOf(id);
      if (other.name == name.name) {  // in another schema or source
        return MakeError(ErrorCode::kNotFound, fmt::format("no lineage is known of {}; did you mean {}?",
                                                           Quoted(text_), Quoted(other.Text())));
      }
      known.push_back(name.space.empty() && name.IsTable() ? other.Table().Local() : other.Text());
    }
    const std::string hint = DidYouMean(name.space.empty() ? std::string(text_) : wanted, known);
    return MakeError(ErrorCode::kNotFound, fmt::format("no lineage is known of {}{}{}", Quoted(text_),
                                                       hint.empty() ? "" : "; ", hint));
  }

  const LineageGraph& graph_;
  std::string_view text_;
  std::string_view source_;
};

}  // namespace

Result<NodeId> FindNode(const LineageGraph& graph, std::string_view text, std::string_view column,
                        std::string_view source) {
  return NodeFinder(graph, text, source).Find(column);
}

}  // namespace amont
