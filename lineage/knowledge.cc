#include "lineage/knowledge.h"

#include <algorithm>
#include <tuple>

namespace amont {
namespace {

// Calls with the member itself, of one or two facts.
template <class Facts, class Use>
auto WithMember(Facts& facts, FactMember member, Use use) {
  switch (member) {
    case FactMember::kForm:
      return use(facts.form);
    case FactMember::kOwner:
      return use(facts.owner);
    case FactMember::kDescription:
      return use(facts.description);
    case FactMember::kUrl:
      return use(facts.url);
    case FactMember::kTags:
      return use(facts.tags);
    case FactMember::kTests:
      return use(facts.tests);
    case FactMember::kColumns:
      return use(facts.columns);
  }
  return use(facts.form);
}

bool Less(const std::string& a, const std::string& b) { return a < b; }
bool Less(const std::vector<std::string>& a, const std::vector<std::string>& b) { return a < b; }
bool Less(const std::vector<NodeColumn>& a, const std::vector<NodeColumn>& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](const NodeColumn& x, const NodeColumn& y) {
                                        return std::tie(x.name, x.type) < std::tie(y.name, y.type);
                                      });
}

std::optional<Timestamp> FirstAfter(const std::set<Timestamp>& times, Timestamp after) {
  const auto next = times.upper_bound(after);
  if (next == times.end()) return std::nullopt;
  return *next;
}

void Earlier(std::optional<Timestamp>& first, const std::optional<Timestamp>& other) {
  if (other && (!first || *other < *first)) first = other;
}

}  // namespace

bool IsSaid(const NodeFacts& facts, FactMember member) {
  return WithMember(facts, member, [](const auto& value) { return !value.empty(); });
}

void Forget(NodeFacts& facts, FactMember member) {
  WithMember(facts, member, [](auto& value) { value.clear(); });
}

StatedFacts StatedBy(const Extract& extract, const NodeFacts& facts) {
  StatedFacts stated{extract.provenance, extract.origin, facts, {}};
  stated.said.fill(extract.at);
  return stated;
}

void Merge(StatedFacts& into, const StatedFacts& other) {
  for (size_t i = 0; i < kFactMembers; ++i) {
    const auto member = static_cast<FactMember>(i);
    const bool here = IsSaid(into.facts, member);
    const bool there = IsSaid(other.facts, member);
    if (!here && !there) into.said[i] = std::max(into.said[i], other.said[i]);
    if (!there || (here && other.said[i] < into.said[i])) continue;
    WithMember(other.facts, member, [&](const auto& theirs) {
      WithMember(into.facts, member, [&](auto& ours) {
        if constexpr (std::is_same_v<std::decay_t<decltype(ours)>, std::decay_t<decltype(theirs)>>) {
          if (!here || other.said[i] > into.said[i] || Less(ours, theirs)) ours = theirs;
        }
      });
    });
    into.said[i] = other.said[i];
  }
}

void EndingIndex::Add(const Ending& ending) {
  if (ending.kind == EndingKind::kReading) {
    readings_[{ending.provenance, ending.origin}].insert(ending.at);
    return;
  }
  if (!ending.node) return;
  gone_[{ending.provenance, *ending.node}].insert(ending.at);
  if (ending.kind != EndingKind::kRenamed || !ending.to) return;
  std::vector<Renaming>& renames = renames_[{ending.provenance, *ending.node}];
  const Renaming renaming{ending.at, *ending.to};
  const auto place = std::lower_bound(renames.begin(), renames.end(), renaming);
  if (place == renames.end() || *place != renaming) renames.insert(place, renaming);
}

bool EndingIndex::Contains(const Ending& ending) const {
  if (ending.kind == EndingKind::kReading) {
    const auto times = readings_.find({ending.provenance, ending.origin});
    return times != readings_.end() && times->second.contains(ending.at);
  }
  if (!ending.node) return false;
  const auto times = gone_.find({ending.provenance, *ending.node});
  if (times == gone_.end() || !times->second.contains(ending.at)) return false;
  if (ending.kind != EndingKind::kRenamed || !ending.to) return true;
  const auto renames = RenamesOf(ending.provenance, *ending.node);
  return std::binary_search(renames.begin(), renames.end(), Renaming{ending.at, *ending.to});
}

std::optional<Timestamp> EndingIndex::ReadAfter(Provenance provenance, const std::string& origin,
                                                Timestamp after) const {
  const auto times = readings_.find({provenance, origin});
  return times == readings_.end() ? std::nullopt : FirstAfter(times->second, after);
}

std::optional<Timestamp> EndingIndex::GoneAfter(Provenance provenance, const NodeName& node,
                                                Timestamp after) const {
  const auto times = gone_.find({provenance, node});
  return times == gone_.end() ? std::nullopt : FirstAfter(times->second, after);
}

std::span<const EndingIndex::Renaming> EndingIndex::RenamesOf(Provenance provenance,
                                                              const NodeName& node) const {
  const auto renames = renames_.find({provenance, node});
  if (renames == renames_.end()) return {};
  return renames->second;
}

std::optional<Timestamp> EndingIndex::EndOf(const Edge& edge) const {
  std::optional<Timestamp> end = ReadAfter(edge.provenance, edge.origin, edge.last_seen);
  Earlier(end, GoneAfter(edge.provenance, edge.upstream.node, edge.last_seen));
  Earlier(end, GoneAfter(edge.provenance, edge.downstream.node, edge.last_seen));
  return end;
}

std::vector<Ending> EndingsOf(const Extract& extract) {
  std::vector<Ending> endings;
  const Provenance provenance = extract.provenance;
  if (extract.complete) {
    endings.push_back({EndingKind::kReading, provenance, extract.origin, {}, {}, extract.at});
  }
  for (const NodeName& node : extract.dropped) {
    endings.push_back({EndingKind::kDropped, provenance, {}, node, {}, extract.at});
  }
  for (const Rename& rename : extract.renamed) {
    if (rename.from == rename.to) continue;
    endings.push_back({EndingKind::kRenamed, provenance, {}, rename.from, rename.to, extract.at});
  }
  return endings;
}

}  // namespace amont
