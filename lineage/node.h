// NodeName: the identity of a node of the lineage graph: a table, a job that moves data, or an exposure (what
// people use: a dashboard, an application). Port: a node, or one column of it: what an edge joins.
//
// Text forms, which users write and read:
//   table       source/schema.table           column   source/schema.table.column
//   job         job:namespace/name            exposure dashboard:Revenue (any word that is not "job")
// A part that is not a plain word stands in double quotes, as in core/table_name.h. Values, ordered; no
// threads.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/table_name.h"

namespace amont {

enum class NodeKind : uint8_t { kTable, kJob, kExposure };
std::string_view Word(NodeKind kind);  // "table", "job", "exposure"

struct NodeName {
  NodeKind kind = NodeKind::kTable;
  std::string space;   // table: its source; job: its namespace; exposure: its type, "dashboard"
  std::string schema;  // tables only; empty: the engine's default
  std::string name;

  auto operator<=>(const NodeName&) const = default;
  bool operator==(const NodeName&) const = default;

  static NodeName Of(const TableName& table);
  static NodeName Job(std::string_view space, std::string_view name);
  static NodeName Exposure(std::string_view type, std::string_view name);

  bool IsTable() const { return kind == NodeKind::kTable; }
  TableName Table() const;   // of a table only
  std::string Text() const;  // the text form above
};

// Reads the text form. A table without "source/" is looked for in `source`; a word before ":" makes a job or
// an exposure. Errors say what is wrong with the text.
Result<NodeName> ParseNodeName(std::string_view text, std::string_view source);

struct Port {
  NodeName node;
  std::string column;  // empty: the node as a whole

  auto operator<=>(const Port&) const = default;
  bool operator==(const Port&) const = default;

  std::string Text() const;
};

}  // namespace amont

template <>
struct std::hash<amont::NodeName> {
  size_t operator()(const amont::NodeName& name) const noexcept;
};
