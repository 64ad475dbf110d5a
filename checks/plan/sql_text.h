// SQL texts put together: quoting, conditions, and the three placeholders. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace amont {

// "Order ""Lines""": an identifier, always quoted, so that no keyword and no capital matters.
std::string QuoteIdentifier(std::string_view identifier);
// 'it''s': a text literal as standard SQL writes it.
std::string QuoteText(std::string_view text);

// A user's own condition, in parentheses; a `--` comment in it is ended by a new line. Empty stays empty.
std::string Enclose(std::string_view condition);
// The conditions that are not empty, joined by AND; each must already bind tighter than AND.
std::string AllOf(const std::vector<std::string>& conditions);
// " FILTER (WHERE …)", or nothing without a condition.
std::string Filter(const std::string& condition);
// "WITH …" of the CTEs that are not empty, before a SELECT; nothing without any.
std::string With(const std::vector<std::string>& ctes);
// A user's query as a FROM item: without its final semicolons, in parentheses, named q.
std::string AsSubselect(std::string_view query);

std::string Join(const std::vector<std::string>& parts, std::string_view separator);

// What {table}, {now} and {today} stand for. Nothing else is replaced; {{word}} becomes {word}.
struct Placeholders {
  std::string table;
  std::string table_text;  // of '{table}', a name in a text: '"mart"."orders"'::regclass
  std::string now;
  std::string today;
};
std::string Replace(std::string_view text, const Placeholders& placeholders);
// Whether {table} stands in it for rows, not only for a name: '{table}'.
bool ReadsTable(std::string_view text);

}  // namespace amont
