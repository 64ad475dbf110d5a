#include "core/sql/duckdb_cells.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>

namespace amont {
namespace {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

constexpr int kDecimalDigitsMax = 38;
constexpr int64_t kMicrosPerSecond = 1'000'000;
// The years 1 to 9999.
constexpr Date kFirstDay = std::chrono::year{1} / 1 / 1;
constexpr Date kLastDay = std::chrono::year{9999} / 12 / 31;
constexpr int64_t kFirstMicros = Timestamp(kFirstDay).time_since_epoch().count();
constexpr int64_t kLastMicros =
    Timestamp(kLastDay).time_since_epoch().count() + 86'400 * kMicrosPerSecond - 1;

std::string DigitsOf(Uint128 number) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(number % 10)));
    number /= 10;
  } while (number != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string DecimalText(Int128 number, int scale) {
  const bool negative = number < 0;
  std::string text = DigitsOf(negative ? -static_cast<Uint128>(number) : static_cast<Uint128>(number));
  if (scale > 0) {
    const size_t places = static_cast<size_t>(scale);
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    text.insert(text.size() - places, 1, '.');
  }
  return negative ? "-" + text : text;
}

Value Number(Int128 number) {
  if (number >= std::numeric_limits<int64_t>::min() && number <= std::numeric_limits<int64_t>::max()) {
    return static_cast<int64_t>(number);
  }
  return Decimal{DecimalText(number, 0)};
}

Value Number(Uint128 number) {
  if (number <= static_cast<Uint128>(std::numeric_limits<int64_t>::max()))
    return static_cast<int64_t>(number);
  return Decimal{DigitsOf(number)};
}

Int128 Wide(const duckdb_hugeint& number) {
  return static_cast<Int128>(number.upper) * (Int128{1} << 64) + number.lower;
}
Uint128 Wide(const duckdb_uhugeint& number) {
  return (static_cast<Uint128>(number.upper) << 64) | number.lower;
}

// The text of a day no Date should hold.
std::string FarDay(const DuckdbLibrary& library, int32_t days) {
  if (days == std::numeric_limits<int32_t>::max()) return "infinity";
  if (days == -std::numeric_limits<int32_t>::max()) return "-infinity";
  const duckdb_date_struct date = library.from_date({days});
  const bool before_christ = date.year <= 0;
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d%s", before_christ ? 1 - date.year : date.year, date.month,
                date.day, before_christ ? " (BC)" : "");
  return text;
}

// `count` steps of 1/per_second s since the epoch, as microseconds; nullopt outside the years we take.
std::optional<int64_t> MicrosIn(int64_t count, int64_t per_second) {
  const Int128 micros =
      per_second <= kMicrosPerSecond
          ? static_cast<Int128>(count) * (kMicrosPerSecond / per_second)
          : static_cast<Int128>(count >= 0 ? count / (per_second / kMicrosPerSecond)
                                           : -((-(count + 1)) / (per_second / kMicrosPerSecond)) - 1);
  if (micros < kFirstMicros || micros > kLastMicros) return std::nullopt;
  return static_cast<int64_t>(micros);
}

std::string FarTime(const DuckdbLibrary& library, int64_t count, int64_t per_second) {
  if (count == std::numeric_limits<int64_t>::max()) return "infinity";
  if (count == -std::numeric_limits<int64_t>::max()) return "-infinity";
  const int64_t per_day = per_second * 86'400;
  int64_t days = count / per_day;
  if (count % per_day < 0) --days;
  if (days <= std::numeric_limits<int32_t>::min() || days >= std::numeric_limits<int32_t>::max())
    return "out of range";
  return FarDay(library, static_cast<int32_t>(days));
}

template <class Time>
Value Instant(const DuckdbLibrary& library, int64_t count, int64_t per_second) {
  const std::optional<int64_t> micros = MicrosIn(count, per_second);
  if (!micros) return FarTime(library, count, per_second);
  return Time(Duration(*micros));
}

template <class T>
const T& At(const void* data, size_t index) {
  return static_cast<const T*>(data)[index];
}

// "-12.50" as DuckDB's own decimal; nullopt where it is none, or too wide.
std::optional<duckdb_decimal> ParseDecimal(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  Int128 number = 0;
  int digits = 0;
  int scale = -1;
  for (const char c : text) {
    if (c == '.' && scale < 0) {
      scale = 0;
      continue;
    }
    if (c < '0' || c > '9' || ++digits > kDecimalDigitsMax) return std::nullopt;
    number = number * 10 + (c - '0');
    if (scale >= 0) ++scale;
  }
  if (digits == 0) return std::nullopt;
  if (negative) number = -number;
  duckdb_decimal decimal{};
  decimal.width = static_cast<uint8_t>(digits);
  decimal.scale = static_cast<uint8_t>(std::max(scale, 0));
  decimal.value.lower = static_cast<uint64_t>(number);
  decimal.value.upper = static_cast<int64_t>(number >> 64);
  return decimal;
}

const char* PlainTypeName(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT:
      return "TINYINT";
    case DUCKDB_TYPE_SMALLINT:
      return "SMALLINT";
    case DUCKDB_TYPE_INTEGER:
      return "INTEGER";
    case DUCKDB_TYPE_BIGINT:
      return "BIGINT";
    case DUCKDB_TYPE_UTINYINT:
      return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT:
      return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER:
      return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT:
      return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT:
      return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT:
      return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT:
      return "FLOAT";
    case DUCKDB_TYPE_DOUBLE:
      return "DOUBLE";
    case DUCKDB_TYPE_TIMESTAMP:
      return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_S:
      return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return "TIMESTAMP_NS";
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_DATE:
      return "DATE";
    case DUCKDB_TYPE_TIME:
      return "TIME";
    case DUCKDB_TYPE_TIME_NS:
      return "TIME_NS";
    case DUCKDB_TYPE_TIME_TZ:
      return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_INTERVAL:
      return "INTERVAL";
    case DUCKDB_TYPE_VARCHAR:
      return "VARCHAR";
    case DUCKDB_TYPE_BLOB:
      return "BLOB";
    case DUCKDB_TYPE_ENUM:
      return "ENUM";
    case DUCKDB_TYPE_UUID:
      return "UUID";
    case DUCKDB_TYPE_BIT:
      return "BIT";
    case DUCKDB_TYPE_BIGNUM:
      return "BIGNUM";
    case DUCKDB_TYPE_STRUCT:
      return "STRUCT";
    case DUCKDB_TYPE_MAP:
      return "MAP";
    case DUCKDB_TYPE_UNION:
      return "UNION";
    case DUCKDB_TYPE_SQLNULL:
      return "NULL";
    default:
      return "UNKNOWN";
  }
}

}  // namespace

bool ReadsDirectly(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_SQLNULL:
      return true;
    default:
      return false;
  }
}

std::string DuckdbTypeName(const DuckdbLibrary& library, duckdb_logical_type type) {
  const duckdb_type id = library.get_type_id(type);
  if (id == DUCKDB_TYPE_DECIMAL) {
    return "DECIMAL(" + std::to_string(library.decimal_width(type)) + "," +
           std::to_string(library.decimal_scale(type)) + ")";
  }
  if (id == DUCKDB_TYPE_LIST || id == DUCKDB_TYPE_ARRAY) {
    const DuckdbHandle<duckdb_logical_type> member(
        library.destroy_logical_type,
        id == DUCKDB_TYPE_LIST ? library.list_type_child_type(type) : library.array_type_child_type(type));
    return DuckdbTypeName(library, member.get()) + "[]";
  }
  return PlainTypeName(id);
}

Result<DuckdbHandle<duckdb_value>> ToDuckdbValue(const DuckdbLibrary& library, const Value& value) {
  duckdb_value made = nullptr;
  if (IsNull(value)) {
    made = library.create_null_value();
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    made = library.create_bool(*flag);
  } else if (const auto* integer = std::get_if<int64_t>(&value)) {
    made = library.create_int64(*integer);
  } else if (const auto* number = std::get_if<double>(&value)) {
    made = library.create_double(*number);
  } else if (const auto* decimal = std::get_if<Decimal>(&value)) {
    const std::optional<duckdb_decimal> parsed = ParseDecimal(decimal->text);
    if (!parsed)
      return MakeError(ErrorCode::kInvalid, "a decimal parameter has more than 38 digits or is no number");
    made = library.create_decimal(*parsed);
  } else if (const auto* instant = std::get_if<Timestamp>(&value)) {
    made = library.create_timestamp_tz({instant->time_since_epoch().count()});
  } else if (const auto* local = std::get_if<LocalTime>(&value)) {
    made = library.create_timestamp({local->time_since_epoch().count()});
  } else if (const auto* day = std::get_if<Date>(&value)) {
    made = library.create_date({static_cast<int32_t>(day->time_since_epoch().count())});
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    made = library.create_varchar_length(text->data(), text->size());
  }
  if (made == nullptr) return MakeError(ErrorCode::kInternal, "DuckDB took no parameter of this kind");
  return DuckdbHandle<duckdb_value>(library.destroy_value, made);
}

DuckdbCells::DuckdbCells(const DuckdbLibrary& library, duckdb_result* result) : library_(library) {
  columns_.resize(library.column_count(result));
  for (size_t i = 0; i < columns_.size(); ++i) {
    const DuckdbHandle<duckdb_logical_type> type(library.destroy_logical_type,
                                                 library.column_logical_type(result, i));
    Column& column = columns_[i];
    column.type = library.get_type_id(type.get());
    if (column.type == DUCKDB_TYPE_DECIMAL) {
      column.scale = library.decimal_scale(type.get());
      column.stored = library.decimal_internal_type(type.get());
    }
  }
}

void DuckdbCells::Use(duckdb_data_chunk chunk) {
  rows_ = library_.data_chunk_get_size(chunk);
  for (size_t i = 0; i < columns_.size(); ++i) {
    const duckdb_vector vector = library_.data_chunk_get_vector(chunk, i);
    columns_[i].data = library_.vector_get_data(vector);
    columns_[i].validity = library_.vector_get_validity(vector);
  }
}

Result<void> DuckdbCells::Read(size_t index, std::vector<Value>& row) const {
  row.resize(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    if (column.validity != nullptr && ((column.validity[index / 64] >> (index % 64)) & 1) == 0) {
      row[i] = std::monostate{};
      continue;
    }
    AMONT_TRY(row[i], Cell(column, index));
  }
  return {};
}

Result<Value> DuckdbCells::Cell(const Column& column, size_t index) const {
  const void* data = column.data;
  switch (column.type) {
    case DUCKDB_TYPE_BOOLEAN:
      return At<bool>(data, index);
    case DUCKDB_TYPE_TINYINT:
      return int64_t{At<int8_t>(data, index)};
    case DUCKDB_TYPE_SMALLINT:
      return int64_t{At<int16_t>(data, index)};
    case DUCKDB_TYPE_INTEGER:
      return int64_t{At<int32_t>(data, index)};
    case DUCKDB_TYPE_BIGINT:
      return At<int64_t>(data, index);
    case DUCKDB_TYPE_UTINYINT:
      return int64_t{At<uint8_t>(data, index)};
    case DUCKDB_TYPE_USMALLINT:
      return int64_t{At<uint16_t>(data, index)};
    case DUCKDB_TYPE_UINTEGER:
      return int64_t{At<uint32_t>(data, index)};
    case DUCKDB_TYPE_UBIGINT:
      return Number(static_cast<Uint128>(At<uint64_t>(data, index)));
    case DUCKDB_TYPE_HUGEINT:
      return Number(Wide(At<duckdb_hugeint>(data, index)));
    case DUCKDB_TYPE_UHUGEINT:
      return Number(Wide(At<duckdb_uhugeint>(data, index)));
    case DUCKDB_TYPE_FLOAT:
      return double{At<float>(data, index)};
    case DUCKDB_TYPE_DOUBLE:
      return At<double>(data, index);
    case DUCKDB_TYPE_DECIMAL: {
      const Int128 number = column.stored == DUCKDB_TYPE_SMALLINT  ? At<int16_t>(data, index)
                            : column.stored == DUCKDB_TYPE_INTEGER ? At<int32_t>(data, index)
                            : column.stored == DUCKDB_TYPE_BIGINT  ? At<int64_t>(data, index)
                                                                   : Wide(At<duckdb_hugeint>(data, index));
      return Decimal{DecimalText(number, column.scale)};
    }
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return Instant<Timestamp>(library_, At<int64_t>(data, index), kMicrosPerSecond);
    case DUCKDB_TYPE_TIMESTAMP:
      return Instant<LocalTime>(library_, At<int64_t>(data, index), kMicrosPerSecond);
    case DUCKDB_TYPE_TIMESTAMP_S:
      return Instant<LocalTime>(library_, At<int64_t>(data, index), 1);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return Instant<LocalTime>(library_, At<int64_t>(data, index), 1'000);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return Instant<LocalTime>(library_, At<int64_t>(data, index), 1'000'000'000);
    case DUCKDB_TYPE_DATE: {
      const int32_t days = At<int32_t>(data, index);
      const Date day{std::chrono::days(days)};
      if (day < kFirstDay || day > kLastDay) return FarDay(library_, days);
      return day;
    }
    case DUCKDB_TYPE_VARCHAR: {
      auto* text = &static_cast<duckdb_string_t*>(column.data)[index];
      return std::string(library_.string_t_data(text), library_.string_t_length(*text));
    }
    case DUCKDB_TYPE_SQLNULL:
      return std::monostate{};
    default:
      return MakeError(ErrorCode::kUnsupported, "a column has a type that cannot be read: cast it to text");
  }
}

}  // namespace amont
