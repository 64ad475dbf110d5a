// TableName: the identity of a table: source, schema, table. The text form is what users write and read.
//
// A part that is not a plain word (letters, digits, underscore, dash, any non-ASCII) is written in double
// quotes with quotes doubled, as SQL does: mart."Order Lines". "mart.orders" is schema mart, table orders; a
// single part has an empty schema (DuckDB and SQLite sources). Values; ordered by source, schema, table.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace amont {

struct TableName {
  std::string source;
  std::string schema;  // empty: the engine's default
  std::string table;

  auto operator<=>(const TableName&) const = default;
  bool operator==(const TableName&) const = default;

  std::string Local() const;  // schema.table, quoted where needed
  std::string Full() const;   // source/schema.table
};

// Splits a dotted name, respecting double quotes; at least one part, none empty.
Result<std::vector<std::string>> SplitDotted(std::string_view text);
// "schema.table" or "table" in `source`; "source/schema.table" overrides it.
Result<TableName> ParseTableName(std::string_view text, std::string_view source);
// Quotes a name part for our own texts where it is not a plain word.
std::string QuotePart(std::string_view part);

}  // namespace amont

template <>
struct std::hash<amont::TableName> {
  size_t operator()(const amont::TableName& name) const noexcept;
};
