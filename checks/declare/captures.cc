#include "checks/declare/captures.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "checks/placeholder.h"
#include "core/quoted.h"

namespace amont {
namespace {

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
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
  while (const auto braced = NextPlaceholder(text, done)) {
    filled += text.substr(done, braced->begin - done);
    const auto held = braced->doubled ? captures.end() : captures.find(std::string(braced->word));
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
    for (auto braced = NextPlaceholder(text, 0); braced; braced = NextPlaceholder(text, braced->end)) {
      found = found || (!braced->doubled && braced->word == capture);
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
    for (auto braced = NextPlaceholder(text, 0); braced; braced = NextPlaceholder(text, braced->end)) {
      if (braced->doubled || std::ranges::find(known, braced->word) != known.end()) continue;
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
