// JSON in, without its heavy header: ParseJson reads one text into a JsonDocument, JsonValue looks into it.
//
// A document owns everything in a few flat buffers, so large texts (a manifest of 100 MB, a parse tree) cost
// about their own size. JsonValue is a view that must not outlive its document. What is not there is not an
// error: a key that is missing, an index out of range or a wrong type gives an absent value, whose members
// are absent again and whose readers give the fallback; so a reader asks in one line and decides what it
// insists on. Of a repeated key the last counts. Reading is thread-safe once parsed. Errors of ParseJson name
// the byte at which the text stops making sense; nothing of the text's content is in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace amont {

enum class JsonKind : uint8_t { kAbsent, kNull, kBoolean, kInteger, kNumber, kString, kArray, kObject };

class JsonDocument;

class JsonValue {
 public:
  JsonValue() = default;

  JsonKind Kind() const;
  explicit operator bool() const { return document_ != nullptr; }  // there, though maybe null
  bool IsObject() const { return Kind() == JsonKind::kObject; }
  bool IsArray() const { return Kind() == JsonKind::kArray; }
  bool IsString() const { return Kind() == JsonKind::kString; }

  // The member of an object; searches, so do not loop over it on large objects: iterate.
  JsonValue operator[](std::string_view key) const;

  std::string_view String(std::string_view fallback = {}) const;
  bool Boolean(bool fallback = false) const;
  std::optional<int64_t> Integer() const;  // a whole number that fits
  std::optional<double> Number() const;    // any number
  size_t Size() const;                     // children of an array or object, 0 of anything else

  // Children in order, of an array or an object; nothing of anything else. Key() is empty in an array.
  class Iterator {
   public:
    JsonValue operator*() const;
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    friend class JsonValue;
    const JsonDocument* document_ = nullptr;
    uint32_t index_ = 0;
  };
  Iterator begin() const;
  Iterator end() const;
  std::string_view Key() const;
  // Which value of its document this is: equal for equal values only, ascending in document order.
  uint32_t Id() const { return index_; }

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument* document, uint32_t index) : document_(document), index_(index) {}

  const JsonDocument* document_ = nullptr;
  uint32_t index_ = 0;
};

struct JsonLimits {
  size_t depth = 2'000;  // nested arrays and objects
};

Result<JsonDocument> ParseJson(std::string_view text, const JsonLimits& limits = {});

class JsonDocument {
 public:
  JsonDocument(JsonDocument&&) noexcept = default;
  JsonDocument& operator=(JsonDocument&&) noexcept = default;
  ~JsonDocument() = default;

  // Valid while this document lives and is not moved.
  JsonValue Root() const { return {this, 0}; }

 private:
  friend class JsonValue;
  friend class JsonValue::Iterator;
  friend struct JsonBuilder;
  friend Result<JsonDocument> ParseJson(std::string_view text, const JsonLimits& limits);
  JsonDocument() = default;

  struct Text {
    uint32_t offset = 0;
    uint32_t size = 0;
  };
  // Values stand in document order: a child follows its parent, `after` is the index behind its last
  // descendant.
  struct Node {
    JsonKind kind = JsonKind::kNull;
    Text key;
    uint32_t after = 0;
    union {
      bool boolean;
      int64_t integer;
      double number;
      Text text;
      uint32_t size;
    };
    Node() : integer(0) {}
  };
  std::string_view View(Text text) const { return std::string_view(texts_).substr(text.offset, text.size); }

  std::vector<Node> nodes_;
  std::string texts_;
};

}  // namespace amont
