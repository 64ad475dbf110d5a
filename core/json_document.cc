#include "core/json_document.h"

#include <fmt/format.h>

#include <limits>

#include <nlohmann/json.hpp>

namespace amont {

// What nlohmann's reader calls, in document order. `parents` are the open arrays and objects.
struct JsonBuilder {
  JsonDocument& document;
  size_t depth;
  std::vector<uint32_t> parents;
  JsonDocument::Text next_key;
  std::string error;

  JsonDocument::Text Keep(std::string_view text) {
    const JsonDocument::Text kept{static_cast<uint32_t>(document.texts_.size()),
                                  static_cast<uint32_t>(text.size())};
    document.texts_ += text;
    return kept;
  }

  JsonDocument::Node& Add(JsonKind kind) {
    if (!parents.empty()) ++document.nodes_[parents.back()].size;
    JsonDocument::Node& node = document.nodes_.emplace_back();
    node.kind = kind;
    node.key = std::exchange(next_key, {});
    node.after = static_cast<uint32_t>(document.nodes_.size());
    return node;
  }

  bool Open(JsonKind kind) {
    if (parents.size() == depth) {
      error = fmt::format("nested more than {} deep", depth);
      return false;
    }
    Add(kind).size = 0;
    parents.push_back(static_cast<uint32_t>(document.nodes_.size() - 1));
    return true;
  }

  bool Close() {
    document.nodes_[parents.back()].after = static_cast<uint32_t>(document.nodes_.size());
    parents.pop_back();
    return true;
  }

  // The interface of nlohmann's SAX reader; its names are its own.
  bool null() { return Add(JsonKind::kNull), true; }
  bool boolean(bool value) { return Add(JsonKind::kBoolean).boolean = value, true; }
  bool number_integer(int64_t value) { return Add(JsonKind::kInteger).integer = value, true; }
  bool number_unsigned(uint64_t value) {
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return number_integer(static_cast<int64_t>(value));
    }
    return Add(JsonKind::kNumber).number = static_cast<double>(value), true;
  }
  bool number_float(double value, const std::string&) { return Add(JsonKind::kNumber).number = value, true; }
  bool string(std::string& value) {
    const JsonDocument::Text text = Keep(value);
    return Add(JsonKind::kString).text = text, true;
  }
  bool binary(std::vector<uint8_t>&) { return false; }
  bool start_object(size_t) { return Open(JsonKind::kObject); }
  bool end_object() { return Close(); }
  bool start_array(size_t) { return Open(JsonKind::kArray); }
  bool end_array() { return Close(); }
  bool key(std::string& value) {
    next_key = Keep(value);
    return true;
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) {
    error = fmt::format("not JSON at byte {}", position);
    return false;
  }
};

Result<JsonDocument> ParseJson(std::string_view text, const JsonLimits& limits) {
  // Offsets are 32 bits wide, and no text of ours comes near.
  if (text.size() > std::numeric_limits<uint32_t>::max() / 2)
    return MakeError(ErrorCode::kLimit, "more than 2 GiB of JSON");
  JsonDocument document;
  JsonBuilder builder{
      .document = document, .depth = limits.depth, .parents = {}, .next_key = {}, .error = {}};
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return MakeError(ErrorCode::kInvalid, builder.error.empty() ? "not JSON" : builder.error);
  }
  return document;
}

JsonKind JsonValue::Kind() const {
  return document_ == nullptr ? JsonKind::kAbsent : document_->nodes_[index_].kind;
}

JsonValue JsonValue::operator[](std::string_view key) const {
  JsonValue found;
  if (!IsObject()) return found;
  for (const JsonValue member : *this) {
    if (member.Key() == key) found = member;
  }
  return found;
}

std::string_view JsonValue::String(std::string_view fallback) const {
  return IsString() ? document_->View(document_->nodes_[index_].text) : fallback;
}

bool JsonValue::Boolean(bool fallback) const {
  return Kind() == JsonKind::kBoolean ? document_->nodes_[index_].boolean : fallback;
}

std::optional<int64_t> JsonValue::Integer() const {
  if (Kind() != JsonKind::kInteger) return std::nullopt;
  return document_->nodes_[index_].integer;
}

std::optional<double> JsonValue::Number() const {
  if (Kind() == JsonKind::kNumber) return document_->nodes_[index_].number;
  if (const std::optional<int64_t> whole = Integer()) return static_cast<double>(*whole);
  return std::nullopt;
}

size_t JsonValue::Size() const { return IsObject() || IsArray() ? document_->nodes_[index_].size : 0; }

std::string_view JsonValue::Key() const {
  return document_ == nullptr ? std::string_view() : document_->View(document_->nodes_[index_].key);
}

JsonValue::Iterator JsonValue::begin() const {
  Iterator first = end();
  if (IsObject() || IsArray()) first.index_ = index_ + 1;
  return first;
}

JsonValue::Iterator JsonValue::end() const {
  Iterator last;
  last.document_ = document_;
  if (IsObject() || IsArray()) last.index_ = document_->nodes_[index_].after;
  return last;
}

JsonValue JsonValue::Iterator::operator*() const { return {document_, index_}; }

JsonValue::Iterator& JsonValue::Iterator::operator++() {
  index_ = document_->nodes_[index_].after;
  return *this;
}

}  // namespace amont
