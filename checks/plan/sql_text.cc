#include "checks/plan/sql_text.h"

#include <array>
#include <utility>

namespace amont {
namespace {

std::string Doubled(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  return quoted + quote;
}

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

std::string QuoteIdentifier(std::string_view identifier) { return Doubled(identifier, '"'); }

std::string QuoteText(std::string_view text) { return Doubled(text, '\''); }

std::string Enclose(std::string_view condition) {
  while (!condition.empty() && IsBlank(condition.front())) condition.remove_prefix(1);
  while (!condition.empty() && IsBlank(condition.back())) condition.remove_suffix(1);
  if (condition.empty()) return {};
  const bool comment = condition.find("--") != std::string_view::npos;
  return "(" + std::string(condition) + (comment ? "\n)" : ")");
}

std::string AllOf(const std::vector<std::string>& conditions) {
  std::string all;
  for (const std::string& condition : conditions) {
    if (condition.empty()) continue;
    if (!all.empty()) all += " AND ";
    all += condition;
  }
  return all;
}

std::string Filter(const std::string& condition) {
  return condition.empty() ? std::string() : " FILTER (WHERE " + condition + ")";
}

std::string AsSubselect(std::string_view query) {
  while (!query.empty() && (IsBlank(query.back()) || query.back() == ';')) query.remove_suffix(1);
  while (!query.empty() && IsBlank(query.front())) query.remove_prefix(1);
  return "(\n" + std::string(query) + "\n) AS q";
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty()) joined += separator;
    joined += part;
  }
  return joined;
}

std::string Replace(std::string_view text, const Placeholders& placeholders) {
  const std::array<std::pair<std::string_view, const std::string*>, 3> known = {{
      {"{table}", &placeholders.table},
      {"{now}", &placeholders.now},
      {"{today}", &placeholders.today},
  }};
  std::string replaced;
  while (!text.empty()) {
    bool found = false;
    for (const auto& [name, value] : known) {
      if (!text.starts_with(name)) continue;
      replaced += *value;
      text.remove_prefix(name.size());
      found = true;
      break;
    }
    if (found) continue;
    replaced += text.front();
    text.remove_prefix(1);
  }
  return replaced;
}

}  // namespace amont
