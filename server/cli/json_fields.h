// Members of the JSON that commands print: what is not there is left out. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "core/json.h"
#include "core/sql/value.h"

namespace amont {

// Numbers as numbers, what JSON has no number for as its exact text, NULL as null.
void WriteValue(JsonWriter& json, const Value& value);
void WriteOptional(JsonWriter& json, std::string_view key, const std::optional<double>& number);
void WriteOptional(JsonWriter& json, std::string_view key, const std::optional<Timestamp>& at);
void WriteText(JsonWriter& json, std::string_view key, std::string_view text);

}  // namespace amont
