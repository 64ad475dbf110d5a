// JSON out, without its heavy header: nlohmann/json is compiled in core/json.cc only.
//
// JsonWriter builds one document in order and gives its text; keys keep the order they were written in.
// Strings that are not UTF-8 are repaired, never rejected. Misuse (a value without a key in an object, a text
// asked for before the last End) is a programming error and asserts. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace amont {

// One JSON string literal, quotes included.
std::string JsonQuote(std::string_view text);

class JsonWriter {
 public:
  JsonWriter();
  ~JsonWriter();
  JsonWriter(JsonWriter&&) noexcept;
  JsonWriter& operator=(JsonWriter&&) noexcept;

  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view text);
  JsonWriter& Integer(int64_t number);
  JsonWriter& Number(double number);  // NaN and infinities become null
  JsonWriter& Boolean(bool value);
  JsonWriter& Null();

  // indent < 0: one line.
  std::string Text(int indent = 2) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace amont
