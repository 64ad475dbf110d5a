// DatasetNaming: which table of which of our sources a dataset of OpenLineage is.
//
// The first that fits decides:
//   1. an alias of `[lineage] aliases`: of the namespace with its database, then of the namespace;
//   2. a source whose own server is the namespace and whose database the name begins with, or names none;
//   3. a source that reads files as tables: one of its patterns matches the path, or stands in that folder.
// The source then is the table's, and of a pattern the table too; otherwise the name's last two parts are its
// schema and table, a single part stands in the source's default schema. What is no source of ours keeps the
// namespace as its source text, so tables of other systems stand in the graph too. Built once from the
// configuration; const and thread-safe.
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
  // Of a source that reads files: table → absolute path or address with wildcards, /data/flights-*.parquet.
  std::map<std::string, std::string> files;
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
  struct FileTable {
    DatasetId pattern;  // namespace, and path with wildcards
    NodeName table;
  };
  const Place* Find(const DatasetId& id, std::string_view database) const;
  const NodeName* FindFile(const DatasetId& id) const;

  std::map<DatasetId, Place> aliases_;  // (namespace, database or nothing) → source
  std::map<std::string, std::vector<Place>, std::less<>> sources_;
  std::vector<FileTable> files_;
};

}  // namespace amont
