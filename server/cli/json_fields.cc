#include "server/cli/json_fields.h"

#include <cmath>

namespace amont {

namespace {

bool IsFinite(const Value& value) {
  const auto number = AsNumber(value);
  return number && std::isfinite(*number);
}

}  // namespace

void WriteValue(JsonWriter& json, const Value& value) {
  // Of a decimal that is no number as of such a double: JSON has none, the sentence says it.
  if (IsNull(value) || (std::holds_alternative<Decimal>(value) && !IsFinite(value))) {
    json.Null();
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    json.Boolean(*flag);
  } else if (const auto* integer = std::get_if<int64_t>(&value)) {
    json.Integer(*integer);
  } else if (const auto* number = std::get_if<double>(&value)) {
    json.Number(*number);
  } else {
    json.String(StoredText(value));  // decimals too: as text they lose nothing
  }
}

void WriteOptional(JsonWriter& json, std::string_view key, const std::optional<double>& number) {
  if (number) json.Key(key).Number(*number);
}

void WriteOptional(JsonWriter& json, std::string_view key, const std::optional<Timestamp>& at) {
  if (at) json.Key(key).String(FormatTimestamp(*at));
}

void WriteText(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.Key(key).String(text);
}

}  // namespace amont
