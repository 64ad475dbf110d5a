#include "core/sql/postgres_value.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace amont {
namespace {

// From the server's pg_type.dat; these numbers never change.
constexpr uint32_t kBool = 16;
constexpr uint32_t kInt8 = 20;
constexpr uint32_t kInt2 = 21;
constexpr uint32_t kInt4 = 23;
constexpr uint32_t kOid = 26;
constexpr uint32_t kFloat4 = 700;
constexpr uint32_t kFloat8 = 701;
constexpr uint32_t kDate = 1082;
constexpr uint32_t kTimestamp = 1114;
constexpr uint32_t kTimestamptz = 1184;
constexpr uint32_t kNumeric = 1700;
constexpr uint32_t kUnknown = 0;  // the statement decides

constexpr size_t kParamsMax = 65'535;  // the protocol counts them in 16 bits

struct TypeName {
  uint32_t type;
  const char* name;
};
constexpr std::array kTypeNames = std::to_array<TypeName>({
    {kBool, "boolean"},
    {17, "bytea"},
    {18, "\"char\""},
    {19, "name"},
    {kInt8, "bigint"},
    {kInt2, "smallint"},
    {kInt4, "integer"},
    {25, "text"},
    {kOid, "oid"},
    {114, "json"},
    {142, "xml"},
    {650, "cidr"},
    {kFloat4, "real"},
    {kFloat8, "double precision"},
    {790, "money"},
    {869, "inet"},
    {1005, "smallint[]"},
    {1007, "integer[]"},
    {1009, "text[]"},
    {1016, "bigint[]"},
    {1042, "character"},
    {1043, "character varying"},
    {kDate, "date"},
    {1083, "time without time zone"},
    {kTimestamp, "timestamp without time zone"},
    {kTimestamptz, "timestamp with time zone"},
    {1186, "interval"},
    {1266, "time with time zone"},
    {1560, "bit"},
    {1562, "bit varying"},
    {kNumeric, "numeric"},
    {2205, "regclass"},
    {2950, "uuid"},
    {3802, "jsonb"},
});

// Years that our texts and ParseTimestamp share: 0001 to 9999. Others have more digits, a sign or " BC".
bool HasPlainYear(std::string_view text) {
  return text.size() >= 10 && text[4] == '-' && text.find_first_not_of("0123456789") == 4 &&
         text.back() != 'C';
}

Value DecodeInstant(std::string_view text, bool zoned) {
  if (HasPlainYear(text)) {
    std::string full(text);
    const bool hours_only =
        zoned && full.size() > 3 && (full[full.size() - 3] == '+' || full[full.size() - 3] == '-');
    if (hours_only) full += ":00";  // "+00", where RFC 3339 wants minutes too
    if (const auto at = ParseTimestamp(full); at && HasOffset(full) == zoned) {
      if (zoned) return *at;
      return LocalTime(at->time_since_epoch());
    }
  }
  return std::string(text);
}

template <class Number>
Value DecodeNumber(std::string_view text) {
  Number number{};
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stopped != text.data() + text.size()) return std::string(text);
  return number;
}

struct Encode {
  uint32_t operator()(std::monostate) const { return kUnknown; }
  uint32_t operator()(bool) const { return kBool; }
  uint32_t operator()(int64_t) const { return kInt8; }
  uint32_t operator()(double) const { return kFloat8; }
  uint32_t operator()(const Decimal&) const { return kNumeric; }
  uint32_t operator()(Timestamp) const { return kTimestamptz; }
  uint32_t operator()(LocalTime) const { return kTimestamp; }
  uint32_t operator()(Date) const { return kDate; }
  uint32_t operator()(const std::string&) const { return kUnknown; }
};

}  // namespace

std::vector<const char*> PostgresParams::Pointers() const {
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const auto& text : texts) pointers.push_back(text ? text->c_str() : nullptr);
  return pointers;
}

Result<PostgresParams> EncodePostgres(std::span<const Value> params) {
  if (params.size() > kParamsMax) return MakeError(ErrorCode::kInvalid, "more than 65,535 parameters");
  PostgresParams encoded;
  for (const Value& value : params) {
    encoded.types.push_back(std::visit(Encode(), value));
    if (IsNull(value)) {
      encoded.texts.emplace_back(std::nullopt);
      continue;
    }
    const std::string& text = encoded.texts.emplace_back(StoredText(value)).value();
    if (text.find('\0') != std::string::npos) {
      return MakeError(ErrorCode::kInvalid,
                       "a text parameter holds a zero byte, which PostgreSQL has no text for");
    }
  }
  return encoded;
}

Value DecodePostgres(uint32_t type, std::string_view text) {
  switch (type) {
    case kBool:
      return text == "t";
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
      return DecodeNumber<int64_t>(text);
    case kFloat4:
    case kFloat8:
      return DecodeNumber<double>(text);
    case kNumeric:
      return Decimal{std::string(text)};
    case kTimestamptz:
      return DecodeInstant(text, true);
    case kTimestamp:
      return DecodeInstant(text, false);
    case kDate: {
      if (HasPlainYear(text)) {
        if (const auto day = ParseDate(text)) return *day;
      }
      return std::string(text);
    }
    default:
      return std::string(text);
  }
}

std::string PostgresTypeName(uint32_t type) {
  const auto known = std::find_if(kTypeNames.begin(), kTypeNames.end(),
                                  [&](const TypeName& name) { return name.type == type; });
  return known != kTypeNames.end() ? known->name : "type " + std::to_string(type);
}

}  // namespace amont
