#include "checks/declare/captures.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "core/quoted.h"

namespace amont {
namespace {

struct Braced {
  size_t begin = 0;  // of the `{`
  size_t end = 0;    // after the `}`
  std::string_view word;
};

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

// The next `{word}` at or after `from`; a word does not begin with a digit, so that `{2,3}` of a regex is
// none.
std::optional<Braced> NextBraced(std::string_view text, size_t from) {
  for (size_t begin = text.find('{', from); begin != std::string_view::npos;
       begin = text.find('{', begin + 1)) {
    size_t end = begin + 1;
    while (end < text.size() && IsWordCharacter(text[end])) ++end;
    const std::string_view word = text.substr(begin + 1, end - begin - 1);
    const bool begins_well = !word.empty() && !(word.front() >= '0' && word.front() <= '9');
    if (begins_well && end < text.size() && text[end] == '}') return Braced{begin, end + 1, word};
  }
  return std::nullopt;
}

void EachString(const TomlNode& node, const std::function<void(const std::string&, const Span&)>& visit) {
  if (const std::string* text = node.AsString()) {
    visit(*text, node.span);
  } else if (const TomlNode::Array* items = node.AsArray()) {
    for (const TomlNode& item : *items) EachString(item, visit);
  } else if (const TomlNode::Table* entries = node.AsTable()) {
    for (const TomlEntry& entry : *entries) EachString(entry.node, visit);
  }
}

}  // namespace

std::string Filled(std::string_view text, const Captures& captures) {
  std::string filled;
  size_t done = 0;
  while (const auto braced = NextBraced(text, done)) {
    filled += text.substr(done, braced->begin - done);
    const auto held = captures.find(std::string(braced->word));
    filled += held == captures.end() ? text.substr(braced->begin, braced->end - braced->begin) : held->second;
    done = braced->end;
  }
  filled += text.substr(done);
  return filled;
}

void FillCaptures(TomlNode& node, const Captures& captures) {
  if (captures.empty()) return;
  if (auto* text = std::get_if<std::string>(&node.value)) {
    if (text->find('{') != std::string::npos) *text = Filled(*text, captures);
  } else if (auto* items = std::get_if<TomlNode::Array>(&node.value)) {
    for (TomlNode& item : *items) FillCaptures(item, captures);
  } else if (auto* entries = std::get_if<TomlNode::Table>(&node.value)) {
    for (TomlEntry& entry : *entries) FillCaptures(entry.node, captures);
  }
}

bool Mentions(const TomlNode& node, std::string_view capture) {
  bool found = false;
  EachString(node, [&](const std::string& text, const Span&) {
    for (auto braced = NextBraced(text, 0); braced; braced = NextBraced(text, braced->end)) {
      found = found || braced->word == capture;
    }
  });
  return found;
}

void RejectMisspeltCaptures(const TomlNode& node, const std::vector<std::string>& captures,
                            Diagnostics& diagnostics) {
  if (captures.empty()) return;
  std::vector<std::string> known = captures;
  known.insert(known.end(), {"table", "now", "today"});
  EachString(node, [&](const std::string& text, const Span& span) {
    for (auto braced = NextBraced(text, 0); braced; braced = NextBraced(text, braced->end)) {
      if (std::ranges::find(known, braced->word) != known.end()) continue;
      std::string hint = DidYouMean(braced->word, known);
      if (hint.empty()) continue;
      diagnostics.Error(span, fmt::format("no capture of the name is called {}", Quoted(braced->word)),
                        std::move(hint));
    }
  });
}

bool IsFitForSql(std::string_view held) {
  if (held.find("--") != std::string_view::npos) return false;
  return std::ranges::all_of(
      held, [](char c) { return IsWordCharacter(c) || c == '-' || static_cast<unsigned char>(c) >= 0x80; });
}

}  // namespace amont
