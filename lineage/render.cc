#include "lineage/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/unicode.h"

namespace amont {
namespace {

std::string NameOf(const LineageGraph& graph, NodeId node) { return Printable(graph.TextOf(node)); }

class Tree {
 public:
  Tree(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks)
      : graph_(graph), drawing_(drawing), marks_(marks) {
    std::unordered_set<NodeId> shown[2];
    for (size_t i = 1; i < drawing.nodes.size(); ++i) {
      const size_t side = i >= drawing.upstream_from ? 1 : 0;
      const NodeId from = drawing.nodes[i].from;
      std::vector<size_t>& children = below_[side][from];
      if (children.empty() && from != drawing.start && !shown[side].contains(from))
        elsewhere_[side].push_back(from);
      children.push_back(i);
      shown[side].insert(drawing.nodes[i].node);
    }
  }

  std::string Text() {
    if (drawing_.nodes.empty()) return {};
    std::string text = Line(drawing_.nodes.front()) + "\n";
    for (const bool up : {false, true}) {
      if (below_[up ? 1 : 0].empty()) continue;
      text += up ? "↑ upstream\n" : "↓ downstream\n";
      if (below_[up ? 1 : 0].contains(drawing_.start)) Add(up, drawing_.start, text);
      for (const NodeId node : elsewhere_[up ? 1 : 0]) {
        text += NameOf(graph_, node) + " (as above)\n";
        Add(up, node, text);
      }
    }
    if (const std::string cut = CutText(drawing_.cut); !cut.empty()) text += "… " + cut + "\n";
    return text;
  }

 private:
  std::string Line(const Reached& at) const {
    std::string line = NameOf(graph_, at.node);
    if (const auto mark = marks_.find(at.node); mark != marks_.end())
      line += " [" + Printable(mark->second.word) + "]";
    return line;
  }

  // Deep graphs are chains as long as there are nodes, so no recursion.
  void Add(bool up, NodeId root, std::string& text) {
    struct Open {
      const std::vector<size_t>* children;
      size_t next;
      std::string indent;
    };
    const auto& below = below_[up ? 1 : 0];
    std::vector<Open> open = {{&below.at(root), 0, ""}};
    while (!open.empty()) {
      Open& top = open.back();
      if (top.next == top.children->size()) {
        open.pop_back();
        continue;
      }
      const Reached& at = drawing_.nodes[(*top.children)[top.next++]];
      const bool last = top.next == top.children->size();
      text += top.indent + (last ? "└── " : "├── ") + Line(at) + Says(up, at) + "\n";
      const auto children = below.find(at.node);
      if (children == below.end()) continue;
      std::string indent = top.indent + (last ? "    " : "│   ");
      open.push_back({&children->second, 0, std::move(indent)});
    }
  }

  std::string Says(bool up, const Reached& at) const {
    const std::pair ends = up ? std::pair(at.node, at.from) : std::pair(at.from, at.node);
    const auto link = std::lower_bound(
        drawing_.links.begin(), drawing_.links.end(), ends,
        [](const DrawnLink& a, const auto& b) { return std::pair(a.upstream, a.downstream) < b; });
    if (link == drawing_.links.end() || std::pair(link->upstream, link->downstream) != ends) return {};
    return "  " + ProvenanceWords(*link) + (link->kind == EdgeKind::kIndirect ? " (indirect)" : "") +
           (link->fallback ? " (tables only)" : "");
  }

  const LineageGraph& graph_;
  const Drawing& drawing_;
  const NodeMarks& marks_;
  std::unordered_map<NodeId, std::vector<size_t>> below_[2];  // downstream, upstream
  std::vector<NodeId> elsewhere_[2];  // in a cycle: what hangs on a node of the other side
};

std::string DotQuoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// Everything but plain letters becomes an entity: quotes, backquotes, "%%{" and "<" all mean something to
// Mermaid.
std::string MermaidQuoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       static_cast<unsigned char>(c) >= 0x80 || c == ' ' || c == '_' || c == '.' ||
                       c == '/' || c == ':' || c == '-' || c == ',';
    if (plain) {
      quoted += c;
    } else {
      quoted += fmt::format("#{};", static_cast<int>(c));
    }
  }
  return quoted + "\"";
}

const char* DotColour(NodeColour colour) {
  switch (colour) {
    case NodeColour::kGreen:
      return "palegreen";
    case NodeColour::kYellow:
      return "khaki";
    case NodeColour::kRed:
      return "lightcoral";
    case NodeColour::kGrey:
      return "lightgrey";
  }
  return "lightgrey";
}

std::string LabelOf(const LineageGraph& graph, NodeId node, const NodeMarks& marks) {
  const auto mark = marks.find(node);
  return mark == marks.end() ? NameOf(graph, node)
                             : NameOf(graph, node) + " - " + Printable(mark->second.word);
}

}  // namespace

std::string_view Word(NodeColour colour) {
  switch (colour) {
    case NodeColour::kGreen:
      return "green";
    case NodeColour::kYellow:
      return "yellow";
    case NodeColour::kRed:
      return "red";
    case NodeColour::kGrey:
      return "grey";
  }
  return "grey";
}

std::string CutText(const Cut& cut) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  if (cut.beyond_depth > 0) {
    add(fmt::format("{} {} beyond the depth asked for", cut.beyond_depth,
                    cut.beyond_depth == 1 ? "node lies" : "nodes lie"));
  }
  if (cut.beyond_limit > 0) {
    add(fmt::format("{} more {} not shown", cut.beyond_limit, cut.beyond_limit == 1 ? "is" : "are"));
  }
  if (!cut.counted_all) add("the search was ended early, so there may be more");
  return text;
}

std::string RenderTree(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks) {
  return Tree(graph, drawing, marks).Text();
}

std::string RenderDot(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks) {
  std::string text = "digraph lineage {\n  rankdir=LR;\n  node [shape=box, style=filled, fillcolor=white];\n";
  for (const Reached& at : drawing.nodes) {
    std::string style;
    if (graph.KindOf(at.node) == NodeKind::kJob) style += ", shape=ellipse";
    if (graph.KindOf(at.node) == NodeKind::kExposure) style += ", shape=house";
    if (at.node == drawing.start) style += ", penwidth=2";
    if (const auto mark = marks.find(at.node); mark != marks.end()) {
      style += fmt::format(", fillcolor={}", DotColour(mark->second.colour));
    }
    text += fmt::format("  n{} [label={}{}];\n", at.node, DotQuoted(LabelOf(graph, at.node, marks)), style);
  }
  for (const DrawnLink& link : drawing.links) {
    std::string style = "label=" + DotQuoted(ProvenanceWords(link));
    if (link.kind == EdgeKind::kIndirect) style += ", style=dashed";
    if (link.kind == EdgeKind::kHint) style += ", style=dotted, arrowhead=none";
    if (link.fallback) style += ", color=grey";
    text += fmt::format("  n{} -> n{} [{}];\n", link.upstream, link.downstream, style);
  }
  if (const std::string cut = CutText(drawing.cut); !cut.empty()) {
    text += fmt::format("  label={};\n", DotQuoted(cut));
  }
  return text + "}\n";
}

std::string RenderMermaid(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks) {
  std::string text = "flowchart LR\n";
  for (const Reached& at : drawing.nodes) {
    const std::string label = MermaidQuoted(LabelOf(graph, at.node, marks));
    switch (graph.KindOf(at.node)) {
      case NodeKind::kTable:
        text += fmt::format("  n{}[{}]\n", at.node, label);
        break;
      case NodeKind::kJob:
        text += fmt::format("  n{}([{}])\n", at.node, label);
        break;
      case NodeKind::kExposure:
        text += fmt::format("  n{}{{{{{}}}}}\n", at.node, label);
        break;
    }
  }
  for (const DrawnLink& link : drawing.links) {
    const char* arrow = link.kind == EdgeKind::kDirect     ? "-->"
                        : link.kind == EdgeKind::kIndirect ? "-.->"
                                                           : "-.-";
    text += fmt::format("  n{} {}|{}| n{}\n", link.upstream, arrow, MermaidQuoted(ProvenanceWords(link)),
                        link.downstream);
  }
  if (const std::string cut = CutText(drawing.cut); !cut.empty())
    text += fmt::format("  cut[{}]\n", MermaidQuoted(cut));
  bool marked = false;
  for (const Reached& at : drawing.nodes) {
    const auto mark = marks.find(at.node);
    if (mark == marks.end()) continue;
    marked = true;
    text += fmt::format("  class n{} {}\n", at.node, Word(mark->second.colour));
  }
  if (marked) {
    text +=
        "  classDef green fill:#98fb98\n  classDef yellow fill:#f0e68c\n  classDef red fill:#f08080\n"
        "  classDef grey fill:#d3d3d3\n";
  }
  return text;
}

}  // namespace amont
