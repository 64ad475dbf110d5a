// ColumnType: what a type name means, so that types are compared by family and precision and not by spelling.
//
// Reads the spellings of PostgreSQL, DuckDB and SQLite ("int8", "BIGINT", "character varying(20)",
// "numeric(12,2)", "timestamp with time zone", "DECIMAL(12,2)", "VARCHAR[]"). Values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace amont {

enum class TypeFamily {
  kBoolean,
  kInteger,
  kDecimal,
  kFloat,
  kText,
  kBinary,
  kDate,
  kTime,
  kTimestamp,
  kTimestampTz,
  kInterval,
  kUuid,
  kJson,
  kArray,
  kOther,
};
std::string_view ToString(TypeFamily family);

struct ColumnType {
  TypeFamily family = TypeFamily::kOther;
  int bits = 0;              // integers and floats: 8…128; 0 unknown: any width satisfies, and is satisfied
  bool is_unsigned = false;  // integers
  std::optional<int> precision;  // decimals
  std::optional<int> scale;
  std::optional<int> length;  // text: the declared maximum
  std::string text;           // as the engine or the user wrote it, lower case and trimmed

  bool IsNumeric() const {
    return family == TypeFamily::kInteger || family == TypeFamily::kDecimal || family == TypeFamily::kFloat;
  }
  bool IsTime() const {  // orders in time: fit for freshness without a `format`
    return family == TypeFamily::kDate || family == TypeFamily::kTimestamp ||
           family == TypeFamily::kTimestampTz;
  }
};

// Never fails: what it does not know is kOther, compared by its text.
ColumnType ParseColumnType(std::string_view text);
// Whether a column of type `actual` satisfies a declaration of `declared`: same family; width, precision,
// scale and length equal where the declaration names them ("numeric" accepts any precision, "integer" is 32
// bits).
bool Satisfies(const ColumnType& actual, const ColumnType& declared);

}  // namespace amont
