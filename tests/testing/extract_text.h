// An Extract as lines of text, for corpora and for saying whether two are the same.
#pragma once

#include <fmt/format.h>

#include <string>

#include "lineage/edge.h"

namespace amont::testing {

inline std::string EdgeText(const Edge& edge) {
  std::string line =
      fmt::format("{} -> {} {}", edge.upstream.Text(), edge.downstream.Text(), Word(edge.kind));
  if (edge.job) line += " by " + edge.job->Text();
  if (edge.confidence < 1.0F) line += fmt::format(" {:.2f}", edge.confidence);
  return line + "\n";
}

inline std::string FactsText(const NodeFacts& facts) {
  std::string line = facts.name.Text();
  const auto add = [&](std::string_view what, const std::string& text) {
    if (!text.empty()) line += fmt::format(" {}={}", what, text);
  };
  add("form", facts.form);
  add("owner", facts.owner);
  add("url", facts.url);
  for (const std::string& tag : facts.tags) line += " #" + tag;
  for (const std::string& test : facts.tests) line += fmt::format(" test={}", test);
  if (!facts.columns.empty()) {
    line += " (";
    for (size_t i = 0; i < facts.columns.size(); ++i) {
      if (i > 0) line += ", ";
      line += facts.columns[i].name;
      if (!facts.columns[i].type.empty()) line += " " + facts.columns[i].type;
    }
    line += ")";
  }
  add("description", facts.description);
  return line + "\n";
}

inline std::string ExtractText(const Extract& extract) {
  std::string text;
  for (const NodeFacts& node : extract.nodes) text += "node " + FactsText(node);
  for (const Edge& edge : extract.edges) text += EdgeText(edge);
  for (const NodeName& name : extract.dropped) text += fmt::format("dropped {}\n", name.Text());
  for (const Rename& rename : extract.renamed) {
    text += fmt::format("renamed {} to {}\n", rename.from.Text(), rename.to.Text());
  }
  for (const std::string& warning : extract.warnings) text += fmt::format("warning: {}\n", warning);
  return text;
}

}  // namespace amont::testing
