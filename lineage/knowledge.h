// What is known about lineage beyond its edges, each with when it was said: facts of nodes, and what is over.
//
// Knowledge only grows: an edge's first_seen only falls, its last_seen only rises, facts are replaced by
// newer ones member by member, and endings are added. When an edge ended follows from its last_seen and the
// endings, so readings may arrive in any order, and twice (lineage/apply.h). Values; no threads.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/time.h"
#include "lineage/edge.h"
#include "lineage/node.h"

namespace amont {

// The members of NodeFacts that are said, replaced and shown one by one.
enum class FactMember : uint8_t { kForm, kOwner, kDescription, kUrl, kTags, kTests, kColumns };
inline constexpr size_t kFactMembers = 7;

// What one origin says of one node. A member that is empty was not said; its time is then when the origin
// last named the node.
struct StatedFacts {
  Provenance provenance = Provenance::kDeclared;
  std::string origin;
  NodeFacts facts;
  std::array<Timestamp, kFactMembers> said{};  // when each member was last said

  bool operator==(const StatedFacts&) const = default;
};

enum class EndingKind : uint8_t {
  kReading,  // a complete reading of `origin`: what it no longer says ended here
  kDropped,  // `node` was dropped: edges of it, by the same provenance, ended here
  kRenamed,  // `node` is called `to` from here on: its edges, by the same provenance, go on under that name
};

// One thing that ends what was said before it. What is said at the same instant or later holds again.
struct Ending {
  EndingKind kind = EndingKind::kReading;
  Provenance provenance = Provenance::kDeclared;
  std::string origin;            // kReading only: the others hold for all origins of the provenance
  std::optional<NodeName> node;  // kDropped, kRenamed
  std::optional<NodeName> to;    // kRenamed
  Timestamp at;

  auto operator<=>(const Ending&) const = default;
  bool operator==(const Ending&) const = default;
};

// Those of one node of an extract.
StatedFacts StatedBy(const Extract& extract, const NodeFacts& facts);
bool IsSaid(const NodeFacts& facts, FactMember member);
// Unsays it.
void Forget(NodeFacts& facts, FactMember member);
// Takes what `other`, of the same node and origin, says: each member from the one that said it last. Of two
// said at one instant the greater counts, so the order of merging does not show.
void Merge(StatedFacts& into, const StatedFacts& other);

// Endings, to be asked. Readings of an extract are added as their kReading, kDropped and kRenamed endings.
class EndingIndex {
 public:
  struct Renaming {
    Timestamp at;
    NodeName to;

    auto operator<=>(const Renaming&) const = default;
  };

  void Add(const Ending& ending);
  bool Contains(const Ending& ending) const;
  bool empty() const { return readings_.empty() && gone_.empty(); }

  // The first complete reading of the origin after a time; what was last seen then ended at it.
  std::optional<Timestamp> ReadAfter(Provenance provenance, const std::string& origin, Timestamp after) const;
  // When the node was first dropped or renamed after a time.
  std::optional<Timestamp> GoneAfter(Provenance provenance, const NodeName& node, Timestamp after) const;
  // What the node was renamed to, in order of time.
  std::span<const Renaming> RenamesOf(Provenance provenance, const NodeName& node) const;
  // When an edge last seen at a time ended, as far as the endings tell.
  std::optional<Timestamp> EndOf(const Edge& edge) const;

 private:
  using OriginKey = std::pair<Provenance, std::string>;
  using NodeKey = std::pair<Provenance, NodeName>;
  std::map<OriginKey, std::set<Timestamp>> readings_;
  std::map<NodeKey, std::set<Timestamp>> gone_;
  std::map<NodeKey, std::vector<Renaming>> renames_;  // sorted
};

// The endings an extract tells of.
std::vector<Ending> EndingsOf(const Extract& extract);

}  // namespace amont
