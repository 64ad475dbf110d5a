// Lineage for tests, written as text, a statement a line:
//
//     raw.a.x -> mart.b.y            an edge, between columns or nodes; a table's source is "wh"
//     raw.a => mart.b                an indirect one; raw.a ~> mart.b a hint
//     raw.a -> mart.b by sql@etl     by that provenance and origin; then "in job:x/y", "sure 0.5"
//
// Names are those of ParseNodeName; of a table's three parts the last is a column.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "lineage/graph_builder.h"

namespace amont::testing {

inline Timestamp At(int day) { return Timestamp(std::chrono::days(20'000 + day)); }

inline Port PortNamed(const std::string& text) {
  if (text.find(':') != std::string::npos) return {*ParseNodeName(text, "wh"), {}};
  const size_t slash = text.find('/');
  const std::string source = slash == std::string::npos ? "wh" : text.substr(0, slash);
  const auto parts = SplitDotted(slash == std::string::npos ? text : text.substr(slash + 1));
  EXPECT_TRUE(parts.has_value()) << text;
  if (!parts) return {};
  const std::string column = parts->size() > 2 ? (*parts)[2] : std::string();
  return {NodeName::Of({source, (*parts)[0], parts->size() > 1 ? (*parts)[1] : std::string()}), column};
}

inline Provenance ProvenanceNamed(std::string_view word) {
  for (const Provenance provenance : {Provenance::kDeclared, Provenance::kDbt, Provenance::kOpenLineage,
                                      Provenance::kSql, Provenance::kCatalog}) {
    if (Word(provenance) == word) return provenance;
  }
  ADD_FAILURE() << "no provenance " << word;
  return Provenance::kDeclared;
}

inline Edge EdgeNamed(const std::string& line) {
  std::istringstream words(line);
  std::string from, arrow, to, word;
  words >> from >> arrow >> to;
  Edge edge;
  edge.upstream = PortNamed(from);
  edge.downstream = PortNamed(to);
  edge.kind = arrow == "->" ? EdgeKind::kDirect : arrow == "=>" ? EdgeKind::kIndirect : EdgeKind::kHint;
  edge.first_seen = edge.last_seen = At(0);
  while (words >> word) {
    if (word == "by") {
      words >> word;
      const size_t at = word.find('@');
      edge.provenance = ProvenanceNamed(word.substr(0, at));
      if (at != std::string::npos) edge.origin = word.substr(at + 1);
    } else if (word == "in") {
      words >> word;
      edge.job = *ParseNodeName(word, "wh");
    } else if (word == "sure") {
      words >> edge.confidence;
    } else {
      ADD_FAILURE() << "not understood: " << line;
    }
  }
  return edge;
}

inline std::vector<Edge> EdgesNamed(const std::string& text) {
  std::vector<Edge> edges;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(' ') != std::string::npos) edges.push_back(EdgeNamed(line));
  }
  return edges;
}

inline LineageGraph GraphNamed(const std::string& text) {
  GraphBuilder builder;
  for (const Edge& edge : EdgesNamed(text)) builder.Add(edge);
  return builder.Build();
}

inline NodeId NodeNamed(const LineageGraph& graph, const std::string& text) {
  const auto id = graph.Find(PortNamed(text));
  EXPECT_TRUE(id.has_value()) << text << " is not in the graph";
  return id.value_or(0);
}

// A node as tests write it: without the source "wh".
inline std::string ShortText(const LineageGraph& graph, NodeId id) {
  const std::string text = graph.TextOf(id);
  return text.starts_with("wh/") ? text.substr(3) : text;
}

}  // namespace amont::testing
