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
    AMONT_TRY(const NodeName name, ParseNodeName(text_, source_));
    AMONT_TRY(const std::optional<NodeId> node, FindIn(name));
    if (node && column.empty()) return *node;
    if (node) return ColumnOf(*node, column);
    if (name.IsTable() && column.empty()) {
      AMONT_TRY(const std::optional<NodeId> found, FindColumn(name));
      if (found) return *found;
    }
    return Unknown(name);
  }

 private:
  // In its source, or where none is named in the only one that has it.
  Result<std::optional<NodeId>> FindIn(const NodeName& name) const {
    if (!name.IsTable() || !name.space.empty()) return graph_.Find(name);
    std::vector<NodeId> found;
    ForEachTable([&](NodeId id, const NodeName& table) {
      if (table.schema == name.schema && table.name == name.name) found.push_back(id);
    });
    if (found.size() > 1) {
      std::vector<std::string> names;
      for (size_t i = 0; i < std::min<size_t>(found.size(), 3); ++i) names.push_back(graph_.TextOf(found[i]));
      return MakeError(ErrorCode::kInvalid,
                       fmt::format("{} is in several sources: {}", Quoted(text_), fmt::join(names, ", ")));
    }
    return found.empty() ? std::nullopt : std::optional(found.front());
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

  // "schema.table.column", whose last part was taken for the table.
  Result<std::optional<NodeId>> FindColumn(const NodeName& name) const {
    const size_t slash = std::string(text_).find('/');
    const bool sourced = !name.space.empty() && slash != std::string_view::npos;
    const auto parts = SplitDotted(sourced ? text_.substr(slash + 1) : text_);
    if (!parts || parts->size() < 2 || parts->size() > 3) return std::optional<NodeId>();
    NodeName table = name;
    table.name = (*parts)[parts->size() - 2];
    table.schema = parts->size() == 3 ? parts->front() : std::string();
    AMONT_TRY(const std::optional<NodeId> node, FindIn(table));
    if (!node) return std::optional<NodeId>();
    AMONT_TRY(const NodeId column, ColumnOf(*node, parts->back()));
    return std::optional(column);
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
