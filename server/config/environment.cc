#include "server/config/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "core/quoted.h"

namespace amont {
namespace {

class Expander {
 public:
  Expander(const Environment& environment, Secrets secrets, Diagnostics& diagnostics)
      : environment_(environment), secrets_(secrets), diagnostics_(diagnostics) {}

  void Expand(TomlNode& node) {
    if (auto* text = std::get_if<std::string>(&node.value)) {
      *text = Expanded(*text, node.span);
    } else if (auto* items = std::get_if<TomlNode::Array>(&node.value)) {
      for (TomlNode& item : *items) Expand(item);
    } else if (auto* entries = std::get_if<TomlNode::Table>(&node.value)) {
      for (TomlEntry& entry : *entries) Expand(entry.node);
    }
  }

  std::vector<Span> unset;

 private:
  std::string Expanded(const std::string& text, const Span& place);
  // What stands for the variable `name`.
  std::string ValueOf(const std::string& name, const Span& place);

  const Environment& environment_;
  Secrets secrets_;
  Diagnostics& diagnostics_;
};

std::string Expander::ValueOf(const std::string& name, const Span& place) {
  if (const std::optional<std::string> value = environment_(name)) return *value;
  const std::string sentence = fmt::format("the environment variable {} is not set", Quoted(name));
  if (secrets_ == Secrets::kNeeded) {
    diagnostics_.Error(place, sentence);
    return {};
  }
  diagnostics_.Warning(place, sentence, "it is needed to connect");
  unset.push_back(place);
  return "${" + name + "}";
}

std::string Expander::Expanded(const std::string& text, const Span& place) {
  std::string out;
  size_t done = 0;
  for (size_t at = text.find("${"); at != std::string::npos; at = text.find("${", done)) {
    if (at > done && text[at - 1] == '$') {  // $${ is plain
      out += text.substr(done, at - 1 - done) + "${";
      done = at + 2;
      continue;
    }
    const size_t end = text.find('}', at);
    if (end == std::string::npos) {
      diagnostics_.Error(place, "a `${` is not closed by `}`",
                         "write `$${` for the two characters themselves");
      break;
    }
    out += text.substr(done, at - done) + ValueOf(text.substr(at + 2, end - at - 2), place);
    done = end + 1;
  }
  return out + text.substr(done);
}

// Overwrites `length` bytes at `at`.
void Mask(std::string& text, size_t at, size_t length) { text.replace(at, length, length, '*'); }

// The password of the URL whose `://` stands at `at`: from the first colon to the last @ of the line, since a
// password may hold any sign.
void MaskUserInfo(std::string& text, size_t at) {
  const size_t begin = at + 3;
  const size_t end = std::min(text.find('\n', begin), text.size());
  const size_t sign = text.substr(begin, end - begin).rfind('@');
  if (sign == std::string::npos) return;
  const size_t colon = text.find(':', begin);
  if (colon < begin + sign) Mask(text, colon + 1, begin + sign - colon - 1);
}

Diagnostic& Copy(const Diagnostic& diagnostic, Diagnostics& out) {
  Diagnostic& copy = diagnostic.severity == Diagnostic::Severity::kError
                         ? out.Error(diagnostic.span, diagnostic.message, diagnostic.hint)
                         : out.Warning(diagnostic.span, diagnostic.message, diagnostic.hint);
  copy.notes = diagnostic.notes;
  return copy;
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::vector<Span> ExpandEnvironment(TomlNode& node, const Environment& environment, Secrets secrets,
                                    Diagnostics& diagnostics) {
  Expander expander(environment, secrets, diagnostics);
  expander.Expand(node);
  return std::move(expander.unset);
}

std::shared_ptr<const SourceText> MaskPasswords(const std::shared_ptr<const SourceText>& file) {
  SourceText masked = *file;
  for (size_t at = masked.text.find("://"); at != std::string::npos; at = masked.text.find("://", at + 3)) {
    MaskUserInfo(masked.text, at);
  }
  constexpr std::string_view kParameter = "password=";
  for (size_t at = masked.text.find(kParameter); at != std::string::npos;
       at = masked.text.find(kParameter, at + 1)) {
    const size_t begin = at + kParameter.size();
    const size_t end = std::min(masked.text.find_first_of("&\"'\n\r \t", begin), masked.text.size());
    Mask(masked.text, begin, end - begin);
  }
  return std::make_shared<const SourceText>(std::move(masked));
}

void Repoint(TomlNode& node, const std::shared_ptr<const SourceText>& from,
             const std::shared_ptr<const SourceText>& to) {
  if (node.span.file == from) node.span.file = to;
  if (auto* items = std::get_if<TomlNode::Array>(&node.value)) {
    for (TomlNode& item : *items) Repoint(item, from, to);
  } else if (auto* entries = std::get_if<TomlNode::Table>(&node.value)) {
    for (TomlEntry& entry : *entries) {
      if (entry.key.span.file == from) entry.key.span.file = to;
      Repoint(entry.node, from, to);
    }
  }
}

Diagnostics Repointed(const Diagnostics& diagnostics, const std::shared_ptr<const SourceText>& from,
                      const std::shared_ptr<const SourceText>& to) {
  const auto moved = [&](Span span) {
    if (span.file == from) span.file = to;
    return span;
  };
  Diagnostics out;
  for (const Diagnostic& each : diagnostics.list()) {
    Diagnostic& copy = Copy(each, out);
    copy.span = moved(copy.span);
    for (Diagnostic::Note& note : copy.notes) note.span = moved(note.span);
  }
  return out;
}

Diagnostics Elsewhere(const Diagnostics& diagnostics, const std::vector<Span>& places) {
  Diagnostics out;
  for (const Diagnostic& each : diagnostics.list()) {
    const bool there = std::any_of(places.begin(), places.end(), [&](const Span& place) {
      return place.file == each.span.file && place.line == each.span.line && place.column == each.span.column;
    });
    if (!there) Copy(each, out);
  }
  return out;
}

}  // namespace amont
