#include "lineage/sql/sql_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace amont {
namespace {

// Numbers convert upwards by themselves.
constexpr std::array<std::string_view, 6> kNumbers = {"int2", "int4", "int8", "numeric", "float4", "float8"};
constexpr std::array<std::string_view, 3> kInstants = {"date", "timestamp", "timestamptz"};

std::string_view WithoutModifier(std::string_view type) {
  const size_t open = type.find('(');
  return open == std::string_view::npos ? type : type.substr(0, open);
}

template <size_t N>
int RankIn(const std::array<std::string_view, N>& order, std::string_view type) {
  const auto found = std::find(order.begin(), order.end(), WithoutModifier(type));
  return found == order.end() ? -1 : static_cast<int>(found - order.begin());
}

bool IsText(std::string_view type) {
  const std::string_view plain = WithoutModifier(type);
  return plain == "text" || plain == "varchar" || plain == "bpchar" || plain == "name";
}

// Return types that do not depend on the arguments, as pg_proc has them.
struct Returning {
  std::string_view type;
  std::string_view functions;  // between blanks
};
constexpr Returning kReturning[] = {
    {"int8", " count dense_rank rank row_number "},
    {"int4",
     " array_length array_lower array_ndims array_position array_upper ascii cardinality char_length "
     "character_length generate_subscripts json_array_length jsonb_array_length ntile num_nonnulls num_nulls "
     "octet_length position scale strpos width_bucket regexp_count regexp_instr "},
    {"float8",
     " acos asin atan atan2 cbrt corr cos cot covar_pop covar_samp cume_dist date_part degrees percent_rank pi "
     "radians random regr_intercept regr_r2 regr_slope sin tan "},
    {"numeric", " div extract factorial to_number trim_scale "},
    {"text",
     " array_dims array_to_string chr concat concat_ws encode format format_type initcap "
     "json_array_elements_text json_extract_path_text json_object_keys json_typeof jsonb_array_elements_text "
     "jsonb_extract_path_text jsonb_object_keys jsonb_pretty jsonb_typeof left lower lpad md5 quote_ident "
     "quote_literal quote_nullable regexp_replace regexp_split_to_table regexp_substr repeat replace reverse "
     "right rpad split_part string_to_table to_char to_hex translate upper version "},
    {"bool",
     " bool_and bool_or every isfinite is_normalized overlaps jsonb_path_exists starts_with "
     "regexp_like xmlexists "},
    {"date", " date make_date to_date "},
    {"timestamptz",
     " clock_timestamp make_timestamptz now statement_timestamp to_timestamp "
     "transaction_timestamp "},
    {"timestamp", " make_timestamp "},
    {"time", " make_time "},
    {"interval", " justify_days justify_hours justify_interval make_interval age "},
    {"json",
     " array_to_json json_agg json_array_elements json_build_array json_build_object json_extract_path "
     "json_object json_object_agg json_strip_nulls row_to_json to_json "},
    {"jsonb",
     " jsonb_agg jsonb_array_elements jsonb_build_array jsonb_build_object jsonb_extract_path "
     "jsonb_insert jsonb_object jsonb_object_agg jsonb_path_query jsonb_path_query_array "
     "jsonb_path_query_first jsonb_set jsonb_set_lax jsonb_strip_nulls to_jsonb "},
    {"text[]", " parse_ident regexp_match regexp_matches regexp_split_to_array string_to_array "},
    {"uuid", " gen_random_uuid "},
    {"bytea", " sha224 sha256 sha384 sha512 convert_to decode "},
};

const std::unordered_map<std::string_view, std::string_view>& Returns() {
  static const auto* const kTable = [] {
    auto* table = new std::unordered_map<std::string_view, std::string_view>;
    for (const Returning& row : kReturning) {
      std::string_view left = row.functions;
      while (!left.empty()) {
        const size_t end = std::min(left.find(' '), left.size());
        if (end > 0) table->emplace(left.substr(0, end), row.type);
        left.remove_prefix(std::min(end + 1, left.size()));
      }
    }
    return table;
  }();
  return *kTable;
}

bool IsOneOf(std::string_view name, std::string_view words) {
  return words.find(fmt::format(" {} ", name)) != std::string_view::npos;
}

std::string SumType(std::string_view argument) {
  const std::string_view plain = WithoutModifier(argument);
  if (plain == "int2" || plain == "int4") return "int8";
  if (plain == "int8") return "numeric";
  return std::string(plain);
}

std::string MeanType(std::string_view argument) {
  const std::string_view plain = WithoutModifier(argument);
  if (plain == "float4" || plain == "float8") return "float8";
  if (RankIn(kNumbers, plain) >= 0) return "numeric";
  return plain == "interval" ? "interval" : "";
}

// Of functions that exist for double precision and numeric only.
std::string RealType(std::string_view argument) {
  const std::string_view plain = WithoutModifier(argument);
  if (plain == "numeric") return "numeric";
  return RankIn(kNumbers, plain) >= 0 ? "float8" : "";
}

}  // namespace

std::string SqlTypeName(JsonValue type_name) {
  std::string text;
  std::string_view schema;
  std::string_view name;
  for (const JsonValue part : type_name["names"]) {
    schema = name;
    name = part["String"]["sval"].String();
  }
  if (!schema.empty() && schema != "pg_catalog") text = fmt::format("{}.", schema);
  if (name == "serial" || name == "serial4") name = "int4";
  if (name == "bigserial" || name == "serial8") name = "int8";
  if (name == "smallserial" || name == "serial2") name = "int2";
  text += name;
  std::string modifier;
  for (const JsonValue part : type_name["typmods"]) {
    const JsonValue constant = part["A_Const"];
    const int64_t number = constant["ival"]["ival"].Integer().value_or(0);
    modifier += fmt::format("{}{}", modifier.empty() ? "" : ",", number);
  }
  if (!modifier.empty()) text += fmt::format("({})", modifier);
  if (type_name["arrayBounds"]) text += "[]";
  return text;
}

bool IsSameSqlType(std::string_view from, std::string_view to) { return !from.empty() && from == to; }

std::string CommonSqlType(const std::string& left, const std::string& right) {
  if (left == "unknown") return right;
  if (right == "unknown" || left == right) return left;
  if (left.empty() || right.empty()) return {};
  const std::string_view first = WithoutModifier(left);
  const std::string_view second = WithoutModifier(right);
  if (first == second) return std::string(first);
  if (RankIn(kNumbers, first) >= 0 && RankIn(kNumbers, second) >= 0) {
    return std::string(RankIn(kNumbers, first) < RankIn(kNumbers, second) ? second : first);
  }
  if (RankIn(kInstants, first) >= 0 && RankIn(kInstants, second) >= 0) {
    return std::string(RankIn(kInstants, first) < RankIn(kInstants, second) ? second : first);
  }
  // Each of these converts to each other: the first stays.
  if (IsText(first) && IsText(second)) return std::string(first);
  return {};
}

std::string MergedSqlType(const std::string& left, const std::string& right) {
  return WithoutModifier(left) == WithoutModifier(right) ? left : CommonSqlType(left, right);
}

bool IsBuiltInSqlType(std::string_view type) {
  if (type.ends_with("[]")) return true;
  const std::string_view plain = WithoutModifier(type);
  return plain.empty() || RankIn(kNumbers, plain) >= 0 || RankIn(kInstants, plain) >= 0 || IsText(plain) ||
         IsOneOf(
             plain,
             " bool json jsonb uuid interval time timetz bytea xml unknown inet cidr money bit varbit oid "
             "regclass regtype regproc tsvector tsquery record void char point box path int4range "
             "int8range numrange daterange tsrange tstzrange macaddr ");
}

SqlName SplitSqlTypeName(std::string_view type) {
  const std::string_view plain = WithoutModifier(type);
  const size_t dot = plain.find('.');
  if (dot == std::string_view::npos) return {{}, std::string(plain)};
  return {std::string(plain.substr(0, dot)), std::string(plain.substr(dot + 1))};
}

std::string SqlFunctionType(std::string_view name, const std::vector<std::string>& arguments) {
  if (const auto found = Returns().find(name); found != Returns().end()) return std::string(found->second);
  const std::string first = arguments.empty() ? std::string() : arguments.front();
  const std::string_view plain = WithoutModifier(first);
  if (IsOneOf(name, " min max lag lead first_value last_value nth_value mode any_value ")) {
    // Aggregates keep no modifier, and are made for text, not for its kin.
    if (IsOneOf(name, " min max ") && IsText(plain)) return plain == "bpchar" ? "bpchar" : "text";
    return std::string(plain);
  }
  if (name == "sum") return SumType(first);
  if (IsOneOf(name, " avg stddev stddev_pop stddev_samp variance var_pop var_samp ")) return MeanType(first);
  if (IsOneOf(name, " ceil ceiling floor round exp ln log power sqrt trunc sign ")) {
    if (arguments.size() == 2 && (name == "round" || name == "trunc")) return "numeric";
    return RealType(first);
  }
  if (IsOneOf(name, " abs mod ")) return std::string(plain);
  if (name == "length") return IsText(plain) || plain == "unknown" || plain == "bytea" ? "int4" : "";
  if (IsOneOf(name, " btrim ltrim rtrim substring substr overlay string_agg ")) {
    return IsText(plain) || plain == "unknown" ? "text" : "";
  }
  if (name == "array_agg" && !plain.empty() && !plain.ends_with("[]")) return fmt::format("{}[]", plain);
  if ((name == "unnest") && plain.ends_with("[]")) return std::string(plain.substr(0, plain.size() - 2));
  if (name == "date_trunc" && arguments.size() >= 2) {
    const std::string_view second = WithoutModifier(arguments[1]);
    if (second == "date") return "timestamptz";
    return RankIn(kInstants, second) >= 0 || second == "interval" ? std::string(second) : "";
  }
  if (name == "timezone" && arguments.size() == 2) {
    const std::string_view second = WithoutModifier(arguments[1]);
    if (second == "timestamptz" || second == "date") return "timestamp";
    return second == "timestamp" ? "timestamptz" : "";
  }
  if (name == "generate_series") return std::string(plain == "date" ? "timestamptz" : plain);
  return {};
}

std::string SqlOperatorType(std::string_view name, const std::string& left, const std::string& right) {
  if (IsOneOf(name, " = <> != < > <= >= ~ ~* !~ !~* ~~ ~~* !~~ !~~* @> <@ ? ?| ?& && @@ ")) return "bool";
  if (name == "||") {
    const bool json = left == "jsonb" || right == "jsonb";
    if (json || left.ends_with("[]") || right.ends_with("[]")) return CommonSqlType(left, right);
    return left.empty() && right.empty() ? "" : "text";
  }
  if (name == "->>" || name == "#>>") return "text";
  if (name == "->" || name == "#>") return std::string(left);
  const std::string_view first = WithoutModifier(left);
  const std::string_view second = WithoutModifier(right);
  if (!IsOneOf(name, " + - * / % ^ ")) return {};
  if (left.empty()) return std::string(second);
  const bool instants = RankIn(kInstants, first) >= 0;
  if (instants && second == "interval") return std::string(first == "date" ? "timestamp" : first);
  if (first == "interval" && RankIn(kInstants, second) >= 0) {
    return std::string(second == "date" ? "timestamp" : second);
  }
  if (instants && RankIn(kInstants, second) >= 0)
    return first == "date" && second == "date" ? "int4" : "interval";
  if (first == "date" && RankIn(kNumbers, second) >= 0) return "date";
  if (first == "interval" || second == "interval") return "interval";
  if (first == "unknown") return std::string(second);
  if (second == "unknown") return std::string(first);
  if (RankIn(kNumbers, first) < 0 || RankIn(kNumbers, second) < 0) return {};
  if (name == "^") return first == "numeric" || second == "numeric" ? "numeric" : "float8";
  const std::string common = CommonSqlType(std::string(first), std::string(second));
  return common == "float4" && first != second ? "float8" : common;
}

}  // namespace amont
