// TableWildcard: a table name that stands for every table it matches: client_{tenant}.orders, raw.*, "Odd
// Schema".t_*.
//
// `*` is any run of characters, also none; `{name}` is a capture: at least one character, as few as fit, the
// same text wherever the same capture stands. Neither crosses a dot, and inside double quotes both are plain
// text. Case counts. Values; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/catalog.h"
#include "core/result.h"
#include "core/table_name.h"

namespace amont {

using Captures = std::map<std::string, std::string>;

class TableWildcard {
 public:
  // Whether `text` holds a `*` or `{` outside double quotes, so that it is no plain table name.
  static bool Is(std::string_view text);
  // "schema.table", "table" or "source/schema.table", any part with wildcards. kInvalid says what is wrong.
  static Result<TableWildcard> Parse(std::string_view text, std::string_view source);

  const std::string& source() const { return source_; }
  void SetSource(std::string source) { source_ = std::move(source); }
  // As written, without a source.
  const std::string& text() const { return text_; }
  // The captures in the order they stand.
  const std::vector<std::string>& captures() const { return captures_; }

  // What the captures hold where `name` matches, or nullopt.
  std::optional<Captures> Match(const TableName& name) const;
  // As Match, but a wildcard of one part looks at the table alone, in any schema: what `exclude` means.
  bool Excludes(const TableName& name) const;

  // The catalog's question: captures and stars both as `*`.
  NamePattern Pattern() const;
  // The wildcard itself in the place of a table's name, for the check that says nothing matched.
  TableName AsName() const;
  // A name it matches: captures and stars hold the words given (a star "any"), for reading a block before any
  // table is known.
  TableName Example(const Captures& captures) const;

 private:
  struct Piece {
    enum class Kind { kText, kStar, kCapture, kDot };
    Kind kind = Kind::kText;
    std::string text;  // of the text, or the capture's name
  };
  class Parser;

  // Matches the pieces from `at` on against all of `text`, in which kDot stands between schema and table.
  bool MatchFrom(size_t at, std::string_view text, Captures& captures) const;
  // Spells schema and table, each piece by `spell`.
  template <class Spell>
  TableName Spelled(Spell spell) const;

  std::string source_;
  std::string text_;
  std::vector<Piece> pieces_;  // at most one kDot
  bool has_schema_ = false;
  std::vector<std::string> captures_;
};

}  // namespace amont
