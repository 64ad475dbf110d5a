// GraphBuilder: gathers what is known (edges, facts, endings; from a store or straight from extracts, in any
// order) and builds a LineageGraph of it.
//
// What is added is interned at once and takes about 50 bytes an edge, so edges can be streamed in. The order
// of adding does not show in the result: the same edge added twice is one, first seen at the earlier and last
// seen at the later time, with the confidence of the later. Single-threaded. Build leaves the builder empty.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "lineage/edge.h"
#include "lineage/expiry.h"
#include "lineage/graph.h"
#include "lineage/knowledge.h"

namespace amont {

struct GraphOptions {
  // Only what held at this time. nullopt: everything that has not ended, and nothing expires.
  std::optional<Timestamp> as_of;
  ExpiryRules expiry;
};

class GraphBuilder {
 public:
  GraphBuilder();
  ~GraphBuilder();
  GraphBuilder(GraphBuilder&&) noexcept;
  GraphBuilder& operator=(GraphBuilder&&) noexcept;

  // An edge whose `ended` is not after its last_seen has not ended. An edge without times takes part at any.
  void Add(const Edge& edge);
  void Add(StatedFacts facts);
  void Add(const Ending& ending);
  // An edge's provenance and origin are the extract's, its unset times `at`. A complete one ends what its
  // origin said before and does not repeat.
  void Add(const Extract& extract);

  LineageGraph Build(const GraphOptions& options = {});

 private:
  struct Gathered;
  std::unique_ptr<Gathered> gathered_;
};

}  // namespace amont
