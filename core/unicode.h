// Unicode: just enough to put a caret under the right letter and to print foreign text without harm.
//
// Pure functions over UTF-8. Bytes that are not UTF-8 are never an error: each counts as one character,
// invalid. Widths are those of a terminal with a fixed-width font, for single code points; clusters are not
// composed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace amont {

struct CodePoint {
  char32_t value = 0;
  size_t bytes = 1;
  bool valid = true;  // false: `value` is the single byte at that place
};

// The character that starts at byte `at` (< text.size()). Overlong forms, surrogates and cut sequences are
// invalid.
CodePoint DecodeUtf8(std::string_view text, size_t at);

// 0 for combining marks and joiners, 2 for East Asian wide characters and emoji, otherwise 1.
int DisplayWidth(char32_t character);
// The width of a text as Printable() gives it.
int DisplayWidth(std::string_view text);

// The text with everything a terminal would obey or hide made visible: control characters, direction marks
// and invalid bytes as \n \t \x1b \u{202e}. The result is valid UTF-8 on one line.
std::string Printable(std::string_view text);

// The text with each invalid byte replaced by U+FFFD.
std::string RepairUtf8(std::string_view text);

}  // namespace amont
