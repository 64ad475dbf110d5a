// Cells between DuckDB and Value: parameters in, vectors of a result chunk out, and type names.
//
// Exact: a number too wide for 64 bits is a Decimal, a timestamp without zone a LocalTime, one with zone a
// Timestamp. Infinite dates and times, and those outside the years 1 to 9999, are texts, as they are no
// instants one could reckon with. Pure but for the library's calls; one thread.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/sql/duckdb_library.h"
#include "core/sql/value.h"

namespace amont {

// True where DuckdbCells reads the type itself; of the others (nested types, enums, intervals, …) the
// statement must select the text.
bool ReadsDirectly(duckdb_type type);

// The engine's own spelling: "DECIMAL(12,2)", "TIMESTAMP WITH TIME ZONE", "INTEGER[]"; "STRUCT" and "MAP"
// without their members.
std::string DuckdbTypeName(const DuckdbLibrary& library, duckdb_logical_type type);

// kInvalid for a decimal beyond DuckDB's 38 digits.
Result<DuckdbHandle<duckdb_value>> ToDuckdbValue(const DuckdbLibrary& library, const Value& value);

// Reads the chunks of one result. The result must outlive it.
class DuckdbCells {
 public:
  DuckdbCells(const DuckdbLibrary& library, duckdb_result* result);

  // Points at a chunk, which must live until the next call.
  void Use(duckdb_data_chunk chunk);
  size_t rows() const { return rows_; }
  // Overwrites `row`. kUnsupported for a type that is not read directly.
  Result<void> Read(size_t index, std::vector<Value>& row) const;

 private:
  struct Column {
    duckdb_type type = DUCKDB_TYPE_INVALID;
    duckdb_type stored = DUCKDB_TYPE_INVALID;  // of a decimal: the integer it is kept in
    int scale = 0;
    void* data = nullptr;
    const uint64_t* validity = nullptr;  // nullptr: no NULLs
  };
  Result<Value> Cell(const Column& column, size_t index) const;

  const DuckdbLibrary& library_;
  std::vector<Column> columns_;
  size_t rows_ = 0;
};

}  // namespace amont
