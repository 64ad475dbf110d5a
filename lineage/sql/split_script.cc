#include "lineage/sql/split_script.h"

#include <strings.h>

#include <algorithm>

namespace amont {
namespace {

bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<signed char>(c) < 0;
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWord(char c) { return IsWordStart(c) || IsDigit(c) || c == '$'; }
bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool Same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<ScriptPart> Split() {
    while (SkipToStatement()) {
      Reset();
      while (at_ < text_.size() && !Ends()) Step();
      const size_t end = std::min(at_, text_.size());
      parts_.push_back({begin_, Trimmed(text_.substr(begin_, end - begin_)), links_});
      ++at_;
      if (copies_ && from_stdin_) SkipCopyData();
    }
    return std::move(parts_);
  }

 private:
  static std::string_view Trimmed(std::string_view text) {
    while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
    return text;
  }

  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void Reset() {
    begin_ = at_;
    links_ = words_ = parentheses_ = atomic_ = 0;
    creates_ = rule_ = copies_ = from_stdin_ = false;
    last_word_ = {};
  }

  bool Ends() const { return text_[at_] == ';' && atomic_ == 0 && !(rule_ && parentheses_ > 0); }

  // To the first byte of the next statement; psql's own commands are skipped. False at the end.
  bool SkipToStatement() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (IsBlank(c) || c == ';') {
        ++at_;
      } else if (c == '\\') {
        SkipLine();
      } else if (!SkipComment()) {
        return true;
      }
    }
    return false;
  }

  void SkipLine() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  bool SkipComment() {
    if (Peek() == '-' && Peek(1) == '-') {
      SkipLine();
      return true;
    }
    if (Peek() != '/' || Peek(1) != '*') return false;
    int depth = 0;
    while (at_ < text_.size()) {
      if (Peek() == '/' && Peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (Peek() == '*' && Peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) break;
      } else {
        ++at_;
      }
    }
    return true;
  }

  void SkipQuoted(char quote, bool backslashes) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (backslashes && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        if (Peek(1) != quote) break;
        ++at_;
      }
    }
    ++at_;
  }

  // $tag$ … $tag$, or nothing of that kind.
  bool SkipDollarQuoted() {
    size_t end = at_ + 1;
    if (end < text_.size() && IsDigit(text_[end])) return false;
    while (end < text_.size() && IsWord(text_[end]) && text_[end] != '$') ++end;
    if (end >= text_.size() || text_[end] != '$') return false;
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    return true;
  }

  void Step() {
    const char c = text_[at_];
    if (SkipComment()) return;
    if (c == '\'' || c == '"') return SkipQuoted(c, false);
    if (c == '$' && SkipDollarQuoted()) return;
    if (IsWordStart(c)) return Word();
    if (IsDigit(c)) {
      while (at_ < text_.size() && (IsWord(text_[at_]) || text_[at_] == '.')) ++at_;
      return;
    }
    if (c == '(') ++parentheses_;
    if (c == ')' && parentheses_ > 0) --parentheses_;
    // Commas make lists, and the grammar itself bounds how deep parentheses and brackets nest.
    if (!IsBlank(c) && std::string_view(",.()[]").find(c) == std::string_view::npos) ++links_;
    ++at_;
  }

  void Word() {
    const size_t start = at_;
    while (at_ < text_.size() && IsWord(text_[at_])) ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    ++links_;
    ++words_;
    if (Peek() == '\'' && (Same(word, "e") || Same(word, "b") || Same(word, "x") || Same(word, "n"))) {
      return SkipQuoted('\'', Same(word, "e"));
    }
    if (words_ == 1) copies_ = Same(word, "copy");
    if (words_ == 1) creates_ = Same(word, "create");
    if (creates_ && words_ <= 4 && Same(word, "rule")) rule_ = true;
    if (Same(last_word_, "from") && Same(word, "stdin")) from_stdin_ = true;
    if (Same(last_word_, "begin") && Same(word, "atomic")) {
      atomic_ = 1;
    } else if (atomic_ > 0 && Same(word, "case")) {
      ++atomic_;
    } else if (atomic_ > 0 && Same(word, "end")) {
      --atomic_;
    }
    last_word_ = word;
  }

  // psql reads a COPY's data from the next line to one of "\." alone.
  void SkipCopyData() {
    if (at_ >= text_.size()) return;
    SkipLine();
    while (at_ < text_.size()) {
      const size_t start = ++at_;
      SkipLine();
      if (Trimmed(text_.substr(std::min(start, text_.size()), at_ - std::min(start, at_))) == "\\.") return;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<ScriptPart> parts_;
  // Of the statement being read.
  size_t begin_ = 0;
  size_t links_ = 0;
  size_t words_ = 0;
  size_t parentheses_ = 0;
  size_t atomic_ = 0;  // BEGIN ATOMIC and the CASEs within it that are open
  bool creates_ = false;
  bool rule_ = false;
  bool copies_ = false;
  bool from_stdin_ = false;
  std::string_view last_word_;
};

}  // namespace

std::vector<ScriptPart> SplitScript(std::string_view script) {
  if (script.starts_with("\xEF\xBB\xBF")) {
    std::vector<ScriptPart> parts = Splitter(script.substr(3)).Split();
    for (ScriptPart& part : parts) part.offset += 3;
    return parts;
  }
  return Splitter(script).Split();
}

TextPlace PlaceOf(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const size_t line_start = before.rfind('\n') + 1;
  TextPlace place;
  place.line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
  for (const char c : before.substr(line_start)) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++place.column;
  }
  return place;
}

}  // namespace amont
