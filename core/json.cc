#include "core/json.h"

#include <cassert>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/unicode.h"

namespace amont {

std::string JsonQuote(std::string_view text) { return nlohmann::ordered_json(RepairUtf8(text)).dump(); }

// The document so far, on one line; Text() breaks it into lines. Only strings and numbers need the library.
struct JsonWriter::Impl {
  enum class Open { kObject, kArray };
  std::string text;
  std::vector<Open> open;
  bool after_key = false;
  bool first = true;  // nothing stands yet in the innermost object or array

  bool InObject() const { return !open.empty() && open.back() == Open::kObject; }

  void Comma() {
    if (!first) text += ',';
    first = false;
  }
  void BeforeValue() {
    assert((!InObject() || after_key) && "a value in an object needs a key");
    assert((!open.empty() || text.empty()) && "a document has one root");
    if (!after_key && !open.empty()) Comma();
    after_key = false;
  }
  void Begin(Open kind, char bracket) {
    BeforeValue();
    open.push_back(kind);
    first = true;
    text += bracket;
  }
  void End(Open kind, char bracket) {
    assert(!open.empty() && open.back() == kind && !after_key && "ends what was not begun");
    if (open.empty() || open.back() != kind) return;
    open.pop_back();
    first = false;
    text += bracket;
  }
};

JsonWriter::JsonWriter() : impl_(std::make_unique<Impl>()) {}
JsonWriter::~JsonWriter() = default;
JsonWriter::JsonWriter(JsonWriter&&) noexcept = default;
JsonWriter& JsonWriter::operator=(JsonWriter&&) noexcept = default;

JsonWriter& JsonWriter::BeginObject() {
  impl_->Begin(Impl::Open::kObject, '{');
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  impl_->End(Impl::Open::kObject, '}');
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  impl_->Begin(Impl::Open::kArray, '[');
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  impl_->End(Impl::Open::kArray, ']');
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  assert(impl_->InObject() && !impl_->after_key && "a key belongs in an object, before a value");
  impl_->Comma();
  impl_->after_key = true;
  impl_->text += JsonQuote(key) + ":";
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view text) {
  impl_->BeforeValue();
  impl_->text += JsonQuote(text);
  return *this;
}

JsonWriter& JsonWriter::Integer(int64_t number) {
  impl_->BeforeValue();
  impl_->text += std::to_string(number);
  return *this;
}

JsonWriter& JsonWriter::Number(double number) {
  impl_->BeforeValue();
  impl_->text += std::isfinite(number) ? nlohmann::ordered_json(number).dump() : "null";
  return *this;
}

JsonWriter& JsonWriter::Boolean(bool value) {
  impl_->BeforeValue();
  impl_->text += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::Null() {
  impl_->BeforeValue();
  impl_->text += "null";
  return *this;
}

namespace {

// Breaks a document on one line into lines. Brackets and commas count only outside strings.
std::string Indented(std::string_view text, size_t indent) {
  std::string lines;
  lines.reserve(text.size() * 2);
  size_t depth = 0;
  bool quoted = false;
  const auto new_line = [&] { lines.append(1, '\n').append(depth * indent, ' '); };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      lines += c;
      if (c == '\\') lines += text[++i];
      quoted = c != '"';
    } else if (c == '{' || c == '[') {
      lines += c;
      if (text[i + 1] == '}' || text[i + 1] == ']') {
        lines += text[++i];
      } else {
        ++depth;
        new_line();
      }
    } else if (c == '}' || c == ']') {
      --depth;
      new_line();
      lines += c;
    } else {
      lines += c;
      if (c == ',') new_line();
      if (c == ':') lines += ' ';
      quoted = c == '"';
    }
  }
  return lines;
}

}  // namespace

std::string JsonWriter::Text(int indent) const {
  assert(impl_->open.empty() && !impl_->text.empty() && "the document is not finished");
  if (indent < 0 || !impl_->open.empty()) return impl_->text;
  return Indented(impl_->text, static_cast<size_t>(indent));
}

}  // namespace amont
