// Placeholders: `{word}` in a text that a user wrote. Captures of wildcards and, in SQL, {table}, {now} and
// {today} are replaced; `{{word}}` in SQL means the braces themselves. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace amont {

struct Placeholder {
  size_t begin = 0;  // of the first brace
  size_t end = 0;    // after the last
  std::string_view word;
  bool doubled = false;  // {{word}}
};

// The next placeholder at or after `from`. A word is a letter or _ and more of these or digits, so that
// `{2,3}` of a regex is none.
std::optional<Placeholder> NextPlaceholder(std::string_view text, size_t from);

}  // namespace amont
