// Splits an SQL script into its statements, so that one that does not parse spoils no other.
//
// Our own scanner and not the parser's: it never fails, whatever dialect, half file or template it is given.
// It knows PostgreSQL's quotes (also E'' and $tag$), nested comments, BEGIN ATOMIC bodies, CREATE RULE with
// several statements, and of psql's scripts the backslash commands and the data after COPY … FROM stdin,
// which are left out. Views into the text. Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace amont {

struct ScriptPart {
  size_t offset = 0;      // of the first byte that is no blank or comment
  std::string_view text;  // without the semicolon
  size_t links = 0;       // operators and words: more than the parse tree is deep
};

std::vector<ScriptPart> SplitScript(std::string_view script);

// 1-based; a column counts characters.
struct TextPlace {
  int line = 1;
  int column = 1;
};
TextPlace PlaceOf(std::string_view text, size_t offset);

}  // namespace amont
