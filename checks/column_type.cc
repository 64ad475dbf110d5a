#include "checks/column_type.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <vector>

namespace amont {
namespace {

struct Known {
  std::string_view name;
  TypeFamily family;
  int bits = 0;
};

// Base names without arguments, as the three engines and people spell them. `float` has no width: 64 bits on
// PostgreSQL, 32 on DuckDB.
constexpr std::array kKnown = {
    Known{"boolean", TypeFamily::kBoolean},
    Known{"bool", TypeFamily::kBoolean},
    Known{"logical", TypeFamily::kBoolean},
    Known{"tinyint", TypeFamily::kInteger, 8},
    Known{"int1", TypeFamily::kInteger, 8},
    Known{"utinyint", TypeFamily::kInteger, 8},
    Known{"uint8", TypeFamily::kInteger, 8},
    Known{"smallint", TypeFamily::kInteger, 16},
    Known{"int2", TypeFamily::kInteger, 16},
    Known{"short", TypeFamily::kInteger, 16},
    Known{"int16", TypeFamily::kInteger, 16},
    Known{"smallserial", TypeFamily::kInteger, 16},
    Known{"serial2", TypeFamily::kInteger, 16},
    Known{"usmallint", TypeFamily::kInteger, 16},
    Known{"uint16", TypeFamily::kInteger, 16},
    Known{"integer", TypeFamily::kInteger, 32},
    Known{"int", TypeFamily::kInteger, 32},
    Known{"int4", TypeFamily::kInteger, 32},
    Known{"int32", TypeFamily::kInteger, 32},
    Known{"signed", TypeFamily::kInteger, 32},
    Known{"mediumint", TypeFamily::kInteger, 32},
    Known{"serial", TypeFamily::kInteger, 32},
    Known{"serial4", TypeFamily::kInteger, 32},
    Known{"uinteger", TypeFamily::kInteger, 32},
    Known{"uint32", TypeFamily::kInteger, 32},
    Known{"bigint", TypeFamily::kInteger, 64},
    Known{"int8", TypeFamily::kInteger, 64},
    Known{"int64", TypeFamily::kInteger, 64},
    Known{"long", TypeFamily::kInteger, 64},
    Known{"bigserial", TypeFamily::kInteger, 64},
    Known{"serial8", TypeFamily::kInteger, 64},
    Known{"ubigint", TypeFamily::kInteger, 64},
    Known{"uint64", TypeFamily::kInteger, 64},
    Known{"hugeint", TypeFamily::kInteger, 128},
    Known{"int128", TypeFamily::kInteger, 128},
    Known{"uhugeint", TypeFamily::kInteger, 128},
    Known{"uint128", TypeFamily::kInteger, 128},
    Known{"numeric", TypeFamily::kDecimal},
    Known{"decimal", TypeFamily::kDecimal},
    Known{"dec", TypeFamily::kDecimal},
    Known{"real", TypeFamily::kFloat, 32},
    Known{"float4", TypeFamily::kFloat, 32},
    Known{"double precision", TypeFamily::kFloat, 64},
    Known{"double", TypeFamily::kFloat, 64},
    Known{"float8", TypeFamily::kFloat, 64},
    Known{"float", TypeFamily::kFloat},
    Known{"text", TypeFamily::kText},
    Known{"varchar", TypeFamily::kText},
    Known{"character varying", TypeFamily::kText},
    Known{"character", TypeFamily::kText},
    Known{"char", TypeFamily::kText},
    Known{"bpchar", TypeFamily::kText},
    Known{"nchar", TypeFamily::kText},
    Known{"nvarchar", TypeFamily::kText},
    Known{"string", TypeFamily::kText},
    Known{"citext", TypeFamily::kText},
    Known{"clob", TypeFamily::kText},
    Known{"name", TypeFamily::kText},
    Known{"bytea", TypeFamily::kBinary},
    Known{"blob", TypeFamily::kBinary},
    Known{"binary", TypeFamily::kBinary},
    Known{"varbinary", TypeFamily::kBinary},
    Known{"date", TypeFamily::kDate},
    Known{"time", TypeFamily::kTime},
    Known{"time without time zone", TypeFamily::kTime},
    Known{"time with time zone", TypeFamily::kTime},
    Known{"timetz", TypeFamily::kTime},
    Known{"timestamp", TypeFamily::kTimestamp},
    Known{"timestamp without time zone", TypeFamily::kTimestamp},
    Known{"datetime", TypeFamily::kTimestamp},
    Known{"timestamp_s", TypeFamily::kTimestamp},
    Known{"timestamp_ms", TypeFamily::kTimestamp},
    Known{"timestamp_us", TypeFamily::kTimestamp},
    Known{"timestamp_ns", TypeFamily::kTimestamp},
    Known{"timestamptz", TypeFamily::kTimestampTz},
    Known{"timestamp with time zone", TypeFamily::kTimestampTz},
    Known{"interval", TypeFamily::kInterval},
    Known{"uuid", TypeFamily::kUuid},
    Known{"json", TypeFamily::kJson},
    Known{"jsonb", TypeFamily::kJson},
};

// Lower case, trimmed, inner white space one space.
std::string Normalise(std::string_view text) {
  std::string normal;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (!normal.empty() && normal.back() != ' ') normal += ' ';
    } else {
      normal += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  while (!normal.empty() && normal.back() == ' ') normal.pop_back();
  return normal;
}

// The element type of "integer[]" or "integer[3]"; empty where it is no array.
std::string_view ElementOf(std::string_view text) {
  if (text.empty() || text.back() != ']') return {};
  const size_t open = text.rfind('[');
  if (open == std::string_view::npos || open == 0) return {};
  std::string_view element = text.substr(0, open);
  while (!element.empty() && element.back() == ' ') element.remove_suffix(1);
  return element;
}

struct Split {
  std::string base;            // "timestamp with time zone"
  std::vector<int> arguments;  // of "(12,2)"
  bool sound = true;           // the arguments were numbers
};

// "timestamp(3) with time zone" → base without the arguments.
Split SplitArguments(std::string_view text) {
  Split split;
  const size_t open = text.find('(');
  const size_t close = open == std::string_view::npos ? open : text.find(')', open);
  if (close == std::string_view::npos) {
    split.base = text;
    return split;
  }
  split.base = Normalise(std::string(text.substr(0, open)) + " " + std::string(text.substr(close + 1)));
  std::string_view inside = text.substr(open + 1, close - open - 1);
  while (!inside.empty()) {
    const size_t comma = inside.find(',');
    const std::string part = Normalise(inside.substr(0, comma));
    int number = 0;
    const auto [stopped, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || stopped != part.data() + part.size()) split.sound = false;
    split.arguments.push_back(number);
    inside = comma == std::string_view::npos ? std::string_view() : inside.substr(comma + 1);
  }
  return split;
}

void ApplyArguments(const std::vector<int>& arguments, ColumnType& type) {
  if (arguments.empty()) return;
  if (type.family == TypeFamily::kDecimal) {
    type.precision = arguments[0];
    type.scale = arguments.size() > 1 ? arguments[1] : 0;
  } else if (type.family == TypeFamily::kText) {
    type.length = arguments[0];
  } else if (type.family == TypeFamily::kFloat && type.bits == 0) {
    constexpr int kRealDigits = 24;  // float(24) is the widest real
    type.bits = arguments[0] <= kRealDigits ? 32 : 64;
  }
}

}  // namespace

std::string_view ToString(TypeFamily family) {
  switch (family) {
    case TypeFamily::kBoolean:
      return "boolean";
    case TypeFamily::kInteger:
      return "integer";
    case TypeFamily::kDecimal:
      return "decimal";
    case TypeFamily::kFloat:
      return "float";
    case TypeFamily::kText:
      return "text";
    case TypeFamily::kBinary:
      return "binary";
    case TypeFamily::kDate:
      return "date";
    case TypeFamily::kTime:
      return "time";
    case TypeFamily::kTimestamp:
      return "timestamp";
    case TypeFamily::kTimestampTz:
      return "timestamp with time zone";
    case TypeFamily::kInterval:
      return "interval";
    case TypeFamily::kUuid:
      return "uuid";
    case TypeFamily::kJson:
      return "json";
    case TypeFamily::kArray:
      return "array";
    case TypeFamily::kOther:
      return "other";
  }
  return "other";
}

ColumnType ParseColumnType(std::string_view text) {
  ColumnType type;
  type.text = Normalise(text);
  if (!ElementOf(type.text).empty()) {
    type.family = TypeFamily::kArray;
    return type;
  }
  const Split split = SplitArguments(type.text);
  if (!split.sound) return type;
  if (const auto known = std::ranges::find(kKnown, split.base, &Known::name); known != kKnown.end()) {
    type.family = known->family;
    type.bits = known->bits;
    type.is_unsigned = known->family == TypeFamily::kInteger && known->name.front() == 'u';
  } else if (split.base.starts_with("interval ")) {  // "interval day to second"
    type.family = TypeFamily::kInterval;
  }
  ApplyArguments(split.arguments, type);
  return type;
}

bool Satisfies(const ColumnType& actual, const ColumnType& declared) {
  if (actual.family != declared.family) return false;
  switch (declared.family) {
    case TypeFamily::kArray:
      return Satisfies(ParseColumnType(ElementOf(actual.text)), ParseColumnType(ElementOf(declared.text)));
    case TypeFamily::kOther:  // "mart.status" is also a "status": engines leave the schema out where it is
                              // found
      return actual.text == declared.text || actual.text.ends_with("." + declared.text);
    default:
      break;
  }
  if (declared.bits != 0 && actual.bits != 0 && actual.bits != declared.bits) return false;
  if (actual.is_unsigned != declared.is_unsigned) return false;
  if (declared.precision && actual.precision != declared.precision) return false;
  if (declared.scale && actual.scale != declared.scale) return false;
  return !declared.length || actual.length == declared.length;
}

}  // namespace amont
