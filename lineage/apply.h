// Apply: what one reading changes in what is known, for a store to write. Pure: it takes what is known of the
// matter and says what is different after it.
//
// Readings may be applied in any order and any number of times; what is known after them is the same, so an
// older event never ends or takes back what a newer one said. That holds because only three things are kept
// (lineage/knowledge.h): the earliest and latest time an edge was seen, the newest facts, and endings;
// `ended` follows from them. An edge that ended and is seen again holds again, from its first_seen on: one
// row an edge keeps no gaps.
#pragma once

#include <vector>

#include "lineage/edge.h"
#include "lineage/expiry.h"
#include "lineage/knowledge.h"

namespace amont {

// What is known of the extract's matter. More does no harm.
struct Known {
  // Edges of the identities in the extract; where it is complete, all of its provenance and origin; of
  // dropped and renamed nodes all of its provenance. Those whose `ended` is not after extract.at may be left
  // out unless the extract says them.
  std::vector<Edge> edges;
  std::vector<StatedFacts> facts;  // of the extract's nodes, by its provenance and origin
  // Of the origin and of the nodes in its edges, by its provenance, those at extract.at or later.
  EndingIndex endings;
};

// Rows to write: each replaces that of its identity. Nothing is ever deleted.
struct KnowledgeChange {
  std::vector<Edge> edges;
  std::vector<StatedFacts> facts;
  std::vector<Ending> endings;  // to be kept: they also end what older events still bring

  bool empty() const { return edges.empty() && facts.empty() && endings.empty(); }
};

KnowledgeChange Apply(const Known& known, const Extract& extract);

// Whether two reports are of one edge: same ends, kind, provenance, origin and job.
bool SameIdentity(const Edge& a, const Edge& b);

// Edges of provenances that expire, given the time they expired at; others and those that ended before are
// left out. A store may write them or leave it: a graph as of a time works it out itself.
std::vector<Edge> ExpireUnseen(const std::vector<Edge>& edges, Timestamp now, const ExpiryRules& rules);

}  // namespace amont
