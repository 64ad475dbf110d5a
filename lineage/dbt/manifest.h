// ReadDbtManifest: a dbt project's manifest.json (v1 to v12), with its catalog.json where there is one, as
// lineage.
//
// Nodes: models, seeds, snapshots and sources are tables of our sources; exposures are exposures. Edges: what
// a node depends on feeds it. Ephemeral models, semantic models, metrics, saved queries and functions are
// seen through: what stands before them feeds what stands behind them, however many lie between. Disabled
// nodes, analyses and operations are left out. Tests are listed on the table they test.
//
// The Extract is complete: it is all that this project says, its origin the project's name; it is not where
// a node was left out or the manifest's version is not known, so that nothing ends that was merely not
// understood. A table that is a seed and a source is one node. The owner of a table is the first of:
// `meta.owner` (of the node, of its config, of its source), the owner of its group. Of an exposure: its
// `owner`, by name, otherwise email; then meta.owner. Tags come with "package:NAME", "materialized:HOW",
// "group:NAME" and an exposure's "maturity:LEVEL".
//
// One node at a time is parsed, so the memory is the texts', what is kept, and the largest node. A node that
// is not as dbt writes it is left out with a warning; a text that is none, or is cut, is an Error. Pure;
// thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "lineage/edge.h"

namespace amont {

// Which of our sources the tables of a dbt database stand in.
struct DbtSources {
  std::string source;                            // of databases not named below; empty: the database's name
  std::map<std::string, std::string> databases;  // dbt's database → source
};

// The SQL of a model or snapshot as dbt compiled it, to be compared with what it declares.
struct CompiledModel {
  std::string unique_id;
  NodeName node;  // of an ephemeral model: the name it would have
  std::string sql;
  std::string database;                     // in which its unqualified names are looked for
  std::vector<NodeName> declared;           // the relations its depends_on comes to
  std::vector<std::string> declared_nodes;  // depends_on itself, unique_ids
};

struct DbtProject {
  std::string name;
  std::string adapter;  // "postgres", "duckdb", …
  int version = 0;      // of the manifest
  std::string dbt_version;
  std::optional<Timestamp> generated_at;
  Extract extract;
  std::vector<CompiledModel> compiled;                     // in the order of unique_id
  std::map<std::string, NodeName, std::less<>> relations;  // unique_id → table, enabled ones
  std::map<NodeName, std::vector<NodeColumn>> catalogued;  // all columns of the tables catalog.json has
  bool all_compiled = true;  // no SQL of an enabled model or snapshot is missing from `compiled`
};

// `catalog`: the text of catalog.json, or empty. `at`: when the texts were read.
Result<DbtProject> ReadDbtManifest(std::string_view manifest, std::string_view catalog,
                                   const DbtSources& sources, Timestamp at);

// A relation that a model's SQL reads and its depends_on does not have: lineage dbt does not know of.
struct UndeclaredRead {
  std::string unique_id;
  NodeName node;
  NodeName read;

  bool operator==(const UndeclaredRead&) const = default;
};

// `reads`: what the model's compiled SQL reads. Letter case is not compared; a name without a schema is any
// table of that name. A model's reading of itself is none.
std::vector<UndeclaredRead> UndeclaredReads(const CompiledModel& model, const std::vector<NodeName>& reads);
// Of every compiled model, `reads_of` called once for each.
std::vector<UndeclaredRead> UndeclaredReads(
    const DbtProject& project, const std::function<std::vector<NodeName>(const CompiledModel&)>& reads_of);

}  // namespace amont
