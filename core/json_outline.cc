#include "core/json_outline.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "core/json_document.h"

namespace amont {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Outline {
 public:
  explicit Outline(std::string_view text) : text_(text) {
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  void SkipBlanks() {
    while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
  }
  bool done() const { return at_ >= text_.size(); }
  bool Skip(char c) {
    SkipBlanks();
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // The next value, up to the comma, bracket or blank that ends it; nothing where it is never closed.
  std::optional<std::string_view> TakeValue() {
    SkipBlanks();
    const size_t begin = at_;
    size_t depth = 0;
    while (!done()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!SkipString()) return std::nullopt;
        if (depth == 0) return text_.substr(begin, at_ - begin);
        continue;
      }
      if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) break;
        if (--depth == 0) {
          ++at_;
          return text_.substr(begin, at_ - begin);
        }
      } else if (depth == 0 && (c == ',' || IsBlank(c))) {
        break;
      }
      ++at_;
    }
    if (depth > 0 || at_ == begin) return std::nullopt;
    return text_.substr(begin, at_ - begin);
  }

  Error Broken(std::string_view what) const {
    return MakeError(ErrorCode::kInvalid, fmt::format("not JSON at byte {}: {}", at_, what));
  }
  Result<void> End() {
    SkipBlanks();
    if (!done()) return Broken("something stands behind the end");
    return {};
  }

 private:
  bool SkipString() {
    for (++at_; !done(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      }
    }
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
};

Result<void> TakeElements(Outline& outline, const ElementSink& sink) {
  if (outline.Skip(']')) return outline.End();
  for (;;) {
    const std::optional<std::string_view> value = outline.TakeValue();
    if (!value) return outline.Broken("an element is missing or not closed");
    sink(*value);
    if (outline.Skip(']')) return outline.End();
    if (!outline.Skip(',')) return outline.Broken("the array is not closed");
  }
}

}  // namespace

char FirstOfJson(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? '\0' : text[first];
}

Result<void> ForEachMember(std::string_view object, const MemberSink& sink) {
  Outline outline(object);
  if (!outline.Skip('{')) return outline.Broken("an object must stand here");
  if (outline.Skip('}')) return outline.End();
  for (;;) {
    const std::optional<std::string_view> key = outline.TakeValue();
    if (!key || key->size() < 2 || key->front() != '"') return outline.Broken("a key is missing");
    if (!outline.Skip(':')) return outline.Broken("a colon must follow the key");
    const std::optional<std::string_view> value = outline.TakeValue();
    if (!value) return outline.Broken("a value is missing or not closed");
    if (key->find('\\') == std::string_view::npos) {
      sink(key->substr(1, key->size() - 2), *value);
    } else {
      AMONT_TRY(const JsonDocument unescaped, ParseJson(*key));
      sink(unescaped.Root().String(), *value);
    }
    if (outline.Skip('}')) return outline.End();
    if (!outline.Skip(',')) return outline.Broken("the object is not closed");
  }
}

Result<void> ForEachElement(std::string_view array, const ElementSink& sink) {
  Outline outline(array);
  if (!outline.Skip('[')) return outline.Broken("an array must stand here");
  return TakeElements(outline, sink);
}

Result<void> ForEachElementOrValue(std::string_view text, const ElementSink& sink) {
  Outline outline(text);
  if (outline.Skip('[')) return TakeElements(outline, sink);
  do {
    const std::optional<std::string_view> value = outline.TakeValue();
    if (!value) return outline.Broken("a value is missing or not closed");
    sink(*value);
    outline.SkipBlanks();
  } while (!outline.done());
  return {};
}

}  // namespace amont
