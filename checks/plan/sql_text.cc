#include "checks/plan/sql_text.h"

#include "checks/placeholder.h"

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

// '{table}': a name in a text, as in '{table}'::regclass.
bool IsQuoted(std::string_view text, const Placeholder& at) {
  return at.begin > 0 && text[at.begin - 1] == '\'' && text.substr(at.end).starts_with('\'');
}

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

std::string With(const std::vector<std::string>& ctes) {
  std::string with;
  for (const std::string& cte : ctes) {
    if (!cte.empty()) with += (with.empty() ? "WITH " : ",\n") + cte;
  }
  return with.empty() ? with : with + "\n";
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

bool ReadsTable(std::string_view text) {
  for (auto next = NextPlaceholder(text, 0); next; next = NextPlaceholder(text, next->end)) {
    if (!next->doubled && next->word == "table" && !IsQuoted(text, *next)) return true;
  }
  return false;
}

std::string Replace(std::string_view text, const Placeholders& placeholders) {
  std::string replaced;
  size_t done = 0;
  while (const auto next = NextPlaceholder(text, done)) {
    replaced += text.substr(done, next->begin - done);
    if (next->doubled) {
      replaced.append("{").append(next->word).append("}");
    } else if (next->word == "table" && IsQuoted(text, *next)) {
      const std::string quoted = QuoteText(placeholders.table_text);
      replaced += quoted.substr(1, quoted.size() - 2);
    } else if (next->word == "table") {
      replaced += placeholders.table;
    } else if (next->word == "now") {
      replaced += placeholders.now;
    } else if (next->word == "today") {
      replaced += placeholders.today;
    } else {
      replaced += text.substr(next->begin, next->end - next->begin);
    }
    done = next->end;
  }
  return replaced.append(text.substr(done));
}

}  // namespace amont
