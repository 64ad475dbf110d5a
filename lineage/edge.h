// Edge: data flows from `upstream` to `downstream`, as one source of knowledge says. Extract: everything one
// reading of one origin said (a declaration file, a manifest, an event, a script, a catalog): nodes and
// edges.
//
// One source never overwrites another's knowledge: an edge's identity is (upstream, downstream, kind,
// provenance, origin, job), so two sources that say the same are two edges. Ports name either two nodes or
// two columns; an edge between columns implies the edge between their tables, which extractors need not
// repeat. Values; no threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "lineage/node.h"

namespace amont {

// Who says so. Declared, dbt and catalog edges may always fold alerts and hold gates; the others where the
// configuration trusts them.
enum class Provenance : uint8_t { kDeclared, kDbt, kOpenLineage, kSql, kCatalog };
std::string_view Word(Provenance provenance);  // "declared", "dbt", "openlineage", "sql", "catalog"

enum class EdgeKind : uint8_t {
  kDirect,    // values of upstream become values of downstream
  kIndirect,  // upstream decides which rows, groups or order there are: filters, joins, grouping, windows
  kHint,      // related, but no data is known to flow: a foreign key. Never traced, only shown
};
std::string_view Word(EdgeKind kind);  // "direct", "indirect", "hint"

struct Edge {
  Port upstream;
  Port downstream;
  EdgeKind kind = EdgeKind::kDirect;
  Provenance provenance = Provenance::kDeclared;
  std::string origin;           // which reading: a file, a manifest's project, an event's producer, a source
  std::optional<NodeName> job;  // what moves the data, where it is known
  float confidence = 1.0F;      // 0 to 1: 1 is exact; a statement resolved only in part says less
  Timestamp first_seen;
  Timestamp last_seen;
  std::optional<Timestamp> ended;  // no longer true from here on: its origin no longer says so, or it expired

  bool operator==(const Edge&) const = default;
};

struct NodeColumn {
  std::string name;
  std::string type;  // as the origin spells it; empty: not said

  bool operator==(const NodeColumn&) const = default;
};

// What an origin says of a node itself. Empty members were not said.
struct NodeFacts {
  NodeName name;
  std::string form;  // model, source, seed, snapshot, view, "materialized view", dashboard, …
  std::string owner;
  std::string description;
  std::string url;
  std::vector<std::string> tags;
  std::vector<std::string> tests;  // names of tests an origin runs on it
  std::vector<NodeColumn> columns;

  bool operator==(const NodeFacts&) const = default;
};

struct Rename {
  NodeName from;
  NodeName to;

  bool operator==(const Rename&) const = default;
};

struct Extract {
  Provenance provenance = Provenance::kDeclared;
  std::string origin;
  Timestamp at;           // when the origin said so: an event's own time, a file's reading
  bool complete = false;  // all that this origin knows: its edges that are not here have ended at `at`
  std::vector<NodeFacts> nodes;
  std::vector<Edge>
      edges;  // provenance and origin are the extract's; first_seen and last_seen default to `at`
  // The net effect: neither what was dropped and made again, nor a name in between. The edges above stand
  // under the names after it.
  std::vector<NodeName> dropped;
  std::vector<Rename> renamed;
  std::vector<std::string>
      warnings;  // what was not understood, a sentence each; nothing is left out in silence
};

}  // namespace amont
