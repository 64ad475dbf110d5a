#include "checks/placeholder.h"

namespace amont {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || IsDigit(c);
}

}  // namespace

std::optional<Placeholder> NextPlaceholder(std::string_view text, size_t from) {
  for (size_t begin = text.find('{', from); begin != std::string_view::npos;
       begin = text.find('{', begin + 1)) {
    size_t end = begin + 1;
    while (end < text.size() && IsWordCharacter(text[end])) ++end;
    const std::string_view word = text.substr(begin + 1, end - begin - 1);
    const bool closed = end < text.size() && text[end] == '}';
    if (!closed || word.empty() || IsDigit(word.front())) continue;
    const bool doubled = begin > from && text[begin - 1] == '{' && text.substr(end + 1).starts_with('}');
    return Placeholder{begin - (doubled ? 1 : 0), end + (doubled ? 2 : 1), word, doubled};
  }
  return std::nullopt;
}

}  // namespace amont
