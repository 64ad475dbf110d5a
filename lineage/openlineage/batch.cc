#include "lineage/openlineage/batch.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace amont {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks over values by their brackets and quotes alone; what is between them is ParseJson's to judge.
class Outline {
 public:
  explicit Outline(std::string_view text) : text_(text) {}

  void SkipBlanks() {
    while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
  }
  bool done() const { return at_ >= text_.size(); }
  bool Skip(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  size_t at() const { return at_; }

  // The next value, up to the comma, bracket or blank that ends it; nothing where it is never closed.
  std::optional<std::string_view> TakeValue() {
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

Error Broken(const Outline& outline, std::string_view what) {
  return MakeError(ErrorCode::kInvalid,
                   fmt::format("not a batch of events at byte {}: {}", outline.at(), what));
}

// Gives every event's text to `take`.
template <class Take>
Result<void> ForEachValue(std::string_view text, Take take) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";  // a byte order mark
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  Outline outline(text);
  outline.SkipBlanks();
  const bool array = outline.Skip('[');
  outline.SkipBlanks();
  if (array && outline.Skip(']')) {
    outline.SkipBlanks();
    if (!outline.done()) return Broken(outline, "something stands behind the array");
    return {};
  }
  if (outline.done()) return Broken(outline, "it is empty");
  for (;;) {
    const std::optional<std::string_view> value = outline.TakeValue();
    if (!value) return Broken(outline, "an event is missing or not closed");
    take(*value);
    outline.SkipBlanks();
    if (array) {
      if (outline.Skip(']')) break;
      if (!outline.Skip(',')) return Broken(outline, "the array is not closed");
      outline.SkipBlanks();
    } else if (outline.done()) {
      return {};
    }
  }
  outline.SkipBlanks();
  if (!outline.done()) return Broken(outline, "something stands behind the array");
  return {};
}

}  // namespace

Result<BatchCounts> ReadOpenLineageBatch(std::string_view text, const OpenLineageRules& rules,
                                         const BatchSink& sink) {
  AMONT_TRY_VOID(ForEachValue(text, [](std::string_view) {}));
  BatchCounts counts;
  AMONT_TRY_VOID(ForEachValue(text, [&](std::string_view value) {
    Result<OpenLineageEvent> event = ReadOpenLineageEvent(value, rules);
    if (!event) ++counts.failed;
    sink(counts.received++, std::move(event));
  }));
  return counts;
}

}  // namespace amont
