// Render: a Drawing as text: a tree for terminals, JSON, DOT (Graphviz), Mermaid, and the nodes and edges
// Grafana's node-graph panel reads. Names may be anything a database or a producer allows: every form escapes
// them, and none lets a name end its quotes. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lineage/drawing.h"
#include "lineage/graph.h"

namespace amont {

// How a node stands, where the caller knows: a word and a colour.
enum class NodeColour : uint8_t { kGreen, kYellow, kRed, kGrey };
std::string_view Word(NodeColour colour);  // "green", …
struct NodeMark {
  std::string word;  // "fail"
  NodeColour colour = NodeColour::kGrey;
};
using NodeMarks = std::map<NodeId, NodeMark>;

// "3 nodes lie beyond the depth; 12 more are not shown", or empty where nothing was cut.
std::string CutText(const Cut& cut);

// The start, below it what lies downstream ("↓") and then upstream ("↑"), each node once, under the node it
// was first reached from; behind it who says so, and "(indirect)" where it only decides about rows, and
// "(tables only)" where only an edge between tables is known.
std::string RenderTree(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks = {});

// {"start","nodes":[{name,kind,direction,hops,…}],"edges":[{upstream,downstream,kind,provenances,…}],"cut"}
std::string RenderJson(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks = {});

std::string RenderDot(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks = {});
std::string RenderMermaid(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks = {});

// {"nodes":[{id,title,subtitle,mainstat,secondarystat,color,detail__…}],"edges":[{id,source,target,mainstat}]}.
// A panel breaks at an edge without its nodes and above 1,500 of them, so draw at most kGrafanaNodesMax: of
// more, those behind are left out with their edges.
inline constexpr size_t kGrafanaNodesMax = 1'500;
std::string RenderGrafana(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks = {});

// Impact and cause as JSON: names instead of ids, counts of everything, what was cut.
std::string RenderJson(const LineageGraph& graph, const Impact& impact, const NodeMarks& marks = {});
std::string RenderJson(const LineageGraph& graph, const Cause& cause, const NodeMarks& marks = {});

}  // namespace amont
