#include "core/table_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "core/quoted.h"

namespace amont {
namespace {

// What may stand in a part without quotes. Every other character has a meaning somewhere in our texts, in
// SQL's or in the shell's: . / in names, : ( ) @ in check ids, * { } in patterns.
bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// With the bytes that continue it in UTF-8.
std::string_view FirstCharacter(std::string_view text) {
  size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
  return text.substr(0, length);
}

Error BadName(std::string_view text, std::string_view why) {
  return MakeError(ErrorCode::kInvalid, fmt::format("{} is not a table name: {}", Quoted(text), why));
}

// A name taken apart: the parts between dots, and the source before a slash.
struct NameTexts {
  std::optional<std::string> source;
  std::vector<std::string> parts;
};

// Takes one part, quoted or plain, off the front of `rest`.
Result<std::string> TakePart(std::string_view text, std::string_view& rest) {
  std::string part;
  if (rest.empty() || rest.front() != '"') {
    size_t length = 0;
    while (length < rest.size() && IsPlain(rest[length])) ++length;
    part = rest.substr(0, length);
    rest.remove_prefix(length);
  } else {
    rest.remove_prefix(1);
    for (;;) {
      size_t quote = rest.find('"');
      if (quote == std::string_view::npos) return BadName(text, "a double quote is not closed");
      part += rest.substr(0, quote);
      rest.remove_prefix(quote + 1);
      if (rest.empty() || rest.front() != '"') break;
      part += '"';
      rest.remove_prefix(1);
    }
  }
  if (!rest.empty() && rest.front() != '.' && rest.front() != '/') {
    return BadName(text,
                   fmt::format("{} needs double quotes around the whole part", Quoted(FirstCharacter(rest))));
  }
  if (part.empty()) return BadName(text, "a part of it is empty");
  return part;
}

Result<NameTexts> TakeApart(std::string_view text) {
  NameTexts name;
  std::string_view rest = text;
  for (;;) {
    AMONT_TRY(std::string part, TakePart(text, rest));
    name.parts.push_back(std::move(part));
    if (rest.empty()) return name;
    bool slash = rest.front() == '/';
    rest.remove_prefix(1);
    if (!slash) continue;
    if (name.source || name.parts.size() != 1) {
      return BadName(
          text, "a slash stands only once, between the source and the table; inside a part it needs quotes");
    }
    name.source = std::move(name.parts.front());
    name.parts.clear();
  }
}

}  // namespace

std::string QuotePart(std::string_view part) {
  if (!part.empty() && std::ranges::all_of(part, IsPlain)) return std::string(part);
  std::string out = "\"";
  for (char c : part) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
  return out;
}

std::string TableName::Local() const {
  return schema.empty() ? QuotePart(table) : QuotePart(schema) + '.' + QuotePart(table);
}

std::string TableName::Full() const { return QuotePart(source) + '/' + Local(); }

Result<std::vector<std::string>> SplitDotted(std::string_view text) {
  AMONT_TRY(NameTexts name, TakeApart(text));
  if (name.source) return BadName(text, "a slash needs double quotes around the whole part");
  return std::move(name.parts);
}

Result<TableName> ParseTableName(std::string_view text, std::string_view source) {
  AMONT_TRY(NameTexts name, TakeApart(text));
  if (name.parts.size() > 2) {
    return BadName(text, "it has more parts than schema.table; quote a part that contains a dot");
  }
  TableName result;
  result.source = name.source ? *name.source : std::string(source);
  result.table = std::move(name.parts.back());
  if (name.parts.size() == 2) result.schema = std::move(name.parts.front());
  return result;
}

}  // namespace amont

size_t std::hash<amont::TableName>::operator()(const amont::TableName& name) const noexcept {
  std::hash<std::string_view> of_text;
  size_t seed = of_text(name.source);
  seed = seed * 0x9E3779B97F4A7C15u + of_text(name.schema);
  return seed * 0x9E3779B97F4A7C15u + of_text(name.table);
}
