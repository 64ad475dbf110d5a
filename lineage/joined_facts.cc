#include "lineage/joined_facts.h"

#include <algorithm>
#include <string>
#include <utility>

namespace amont {
namespace {

void Fill(std::string& into, std::string& more) {
  if (into.empty()) into = std::move(more);
}

void Join(std::vector<std::string>& into, std::vector<std::string>& more) {
  for (std::string& text : more) {
    if (std::ranges::find(into, text) == into.end()) into.push_back(std::move(text));
  }
}

void JoinColumns(std::vector<NodeColumn>& into, std::vector<NodeColumn>& more) {
  if (into.empty()) {
    into = std::move(more);
    return;
  }
  for (NodeColumn& column : more) {
    const auto same = std::ranges::find(into, column.name, &NodeColumn::name);
    if (same == into.end()) {
      into.push_back(std::move(column));
    } else {
      Fill(same->type, column.type);
    }
  }
}

}  // namespace

std::vector<NodeFacts> JoinedFacts(std::vector<NodeFacts> facts) {
  std::ranges::stable_sort(facts, {}, &NodeFacts::name);
  std::vector<NodeFacts> joined;
  joined.reserve(facts.size());
  for (NodeFacts& one : facts) {
    if (joined.empty() || joined.back().name != one.name) {
      joined.push_back(std::move(one));
      continue;
    }
    NodeFacts& into = joined.back();
    Fill(into.form, one.form);
    Fill(into.owner, one.owner);
    Fill(into.description, one.description);
    Fill(into.url, one.url);
    Join(into.tags, one.tags);
    Join(into.tests, one.tests);
    JoinColumns(into.columns, one.columns);
  }
  return joined;
}

}  // namespace amont
