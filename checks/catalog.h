// Catalog: what the engine itself says of its tables, read by one statement a source.
//
// It settles existence, columns, types and privileges before any SQL, expands wildcards, answers schema
// checks and proves others. A value, immutable once read. Names are the engine's own, unquoted and
// case-preserving.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checks/column_type.h"
#include "core/sql/value.h"
#include "core/table_name.h"

namespace amont {

enum class RelationKind { kTable, kPartitioned, kPartition, kView, kMaterializedView, kForeign, kFile };
std::string_view ToString(RelationKind kind);

struct CatalogColumn {
  std::string name;
  ColumnType type;
  bool nullable = true;  // as declared in the database
  bool readable = true;  // the role may SELECT it
};

struct UniqueIndex {
  std::string name;
  std::vector<std::string> columns;
};

struct ForeignKey {  // validated, single column, not deferrable
  std::string name;
  std::string column;
  TableName other;
  std::string other_column;
};

struct CatalogTable {
  TableName name;
  RelationKind kind = RelationKind::kTable;
  bool readable = true;                // SELECT on the table, or on every column of it
  std::string missing_grant;           // "GRANT SELECT ON mart.orders TO amont", where not readable
  std::vector<CatalogColumn> columns;  // in the table's order
  // Facts that prove; empty unless they really hold on this engine (see the planner's proofs).
  bool not_null_proves = false;     // NOT NULL of this relation is enforced for every row a SELECT gives
  std::vector<UniqueIndex> unique;  // unique, valid, immediate, whole-table, enforced for every row
  std::vector<ForeignKey> foreign_keys;
  std::vector<std::string> indexed_first;  // columns that lead an ordered index: max(c) is a probe
  std::optional<int64_t> row_estimate;
  std::map<std::string, int64_t> leaf_rows;  // estimates of what a plan may scan of it (itself, or its
                                             // leaves), by the name that the engine's EXPLAIN prints
  std::string change_mark;  // observed freshness: "<OID>.<relfilenode>…/<sum of counters>"; empty: none
  std::string change_mark_error;  // why there is none: "no change counters here; declare a column"
  std::string read_error;  // the file is there but cannot be read (cut short …): its checks are error

  const CatalogColumn* Find(std::string_view column) const;
};

struct Catalog {
  std::string engine_version;
  Timestamp now;  // the engine's own
  std::map<TableName, CatalogTable> tables;
  std::map<TableName, std::string> missing;  // why a table is not there, where that can be told

  const CatalogTable* Find(const TableName& name) const;
};

// A wildcard as the catalog is asked for it: `*` and captures within each part become %-like matches.
struct NamePattern {
  std::string schema;  // "client_*", "*", "" (engine without schemas)
  std::string table;
  bool include_views = false;  // views, foreign tables and leaves are matched only when included
  bool include_foreign = false;
  bool include_partitions = false;
};

// What the catalog is asked for: exact tables and patterns, of one source.
struct CatalogRequest {
  std::vector<TableName> tables;
  std::vector<NamePattern> patterns;
};

}  // namespace amont
