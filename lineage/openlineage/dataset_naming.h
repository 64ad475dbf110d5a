// DatasetNaming: which table of which of our sources a dataset of OpenLineage is.
//
// The first that fits decides:
//   1. an alias of `[lineage] aliases`: of the namespace with its database, then of the namespace;
//   2. a source whose own server is the namespace and whose database the name begins with, or names none.
// The source then is the table's; the name's last two parts are its schema and table, a single part stands in
// the source's default schema. What is no source of ours keeps the namespace as its source text, so tables of
// other systems stand in the graph too. Built once from the configuration; const and thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lineage/node.h"
#include "lineage/openlineage/namespace.h"

namespace amont {

// Where a configured source is, in any spelling ReadNamespace takes.
struct SourceAddress {
  std::string source;          // its name in amont.toml
  std::string space;           // "postgres://db.example:5432"; may hold the database and credentials
  std::string database;        // empty: what `space` names, or any
  std::string default_schema;  // of names without one: "public" on PostgreSQL
};

class DatasetNaming {
 public:
  DatasetNaming() = default;
  // `aliases`: namespace → source. Keys are canonicalised, so an alias fits every spelling of its namespace.
  DatasetNaming(const std::vector<SourceAddress>& sources, const std::map<std::string, std::string>& aliases);

  struct Named {
    NodeName node;
    bool ours = false;  // in a source that is configured or aliased
  };
  Named Name(const DatasetId& id) const;

 private:
  struct Place {
    std::string source;
    std::string database;  // empty: any
    std::string default_schema;
  };
  const Place* Find(const DatasetId& id, std::string_view database) const;

  std::map<DatasetId, Place> aliases_;  // (namespace, database or nothing) → source
  std::map<std::string, std::vector<Place>, std::less<>> sources_;
};

}  // namespace amont
