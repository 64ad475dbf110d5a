#include "checks/declare/table_wildcard.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/quoted.h"

namespace amont {
namespace {

constexpr int kWildMax = 6;  // matching tries every split of a name: more would be slow, and mean nothing
constexpr char kBetweenParts = '\0';  // in no name: no engine allows it

bool IsCaptureCharacter(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

bool IsPlain(char c) {
  return IsCaptureCharacter(c, false) || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

// Reads the text of a wildcard from left to right.
class TableWildcard::Parser {
 public:
  explicit Parser(std::string_view text) : whole_(text), rest_(text) {}

  Result<TableWildcard> Parse(std::string_view source) {
    wildcard_.source_ = source;
    wildcard_.text_ = whole_;
    for (;;) {
      AMONT_TRY_VOID(TakePart());
      if (rest_.empty()) break;
      const char separator = rest_.front();
      rest_.remove_prefix(1);
      AMONT_TRY_VOID(separator == '/' ? EndSource() : EndSchema());
    }
    wildcard_.pieces_ = std::move(pieces_);
    return std::move(wildcard_);
  }

 private:
  Error Bad(std::string_view why) const {
    return MakeError(ErrorCode::kInvalid, fmt::format("{} is not a table name: {}", Quoted(whole_), why));
  }

  bool PartIsEmpty() const { return pieces_.empty() || pieces_.back().kind == Piece::Kind::kDot; }

  // Whether the last piece of this part is a `*` or a capture.
  bool AfterWild() const { return !PartIsEmpty() && pieces_.back().kind != Piece::Kind::kText; }

  void AddText(std::string_view text) {
    if (PartIsEmpty() || AfterWild()) pieces_.push_back({Piece::Kind::kText, {}});
    pieces_.back().text += text;
  }

  Result<void> TakePart() {
    while (!rest_.empty() && rest_.front() != '.' && rest_.front() != '/') {
      const char c = rest_.front();
      if (c == '"') {
        AMONT_TRY_VOID(TakeQuoted());
      } else if (c == '*' || c == '{') {
        AMONT_TRY_VOID(TakeWild());
      } else if (IsPlain(c)) {
        AddText(rest_.substr(0, 1));
        rest_.remove_prefix(1);
      } else {
        return Bad(fmt::format("{} needs double quotes around it", Quoted(rest_.substr(0, 1))));
      }
    }
    if (PartIsEmpty()) return Bad("a part of it is empty");
    return {};
  }

  Result<void> TakeQuoted() {
    const size_t end = rest_.find('"', 1);
    if (end == std::string_view::npos) return Bad("a double quote is not closed");
    AddText(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    if (!rest_.empty() && rest_.front() == '"') AddText("\"");  // "" inside quotes; the next round reads on
    return {};
  }

  Result<void> TakeWild() {
    const bool star = rest_.front() == '*';
    rest_.remove_prefix(1);
    if (star && AfterWild() && pieces_.back().kind == Piece::Kind::kStar) return {};  // ** is *
    if (++wild_ > kWildMax) return Bad(fmt::format("it has more than {} wildcards", kWildMax));
    if (AfterWild()) return Bad("nothing tells a capture from the wildcard beside it");
    if (star) {
      pieces_.push_back({Piece::Kind::kStar, {}});
      return {};
    }
    size_t length = 0;
    while (length < rest_.size() && IsCaptureCharacter(rest_[length], length == 0)) ++length;
    const std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    if (name.empty() || rest_.empty() || rest_.front() != '}') {
      return Bad("a capture is a word in braces, such as {tenant}");
    }
    rest_.remove_prefix(1);
    if (name == "table" || name == "now" || name == "today") {
      return Bad(fmt::format("{{{}}} means something else in SQL; give the capture another name", name));
    }
    if (std::ranges::find(wildcard_.captures_, name) == wildcard_.captures_.end()) {
      wildcard_.captures_.push_back(name);
    }
    pieces_.push_back({Piece::Kind::kCapture, name});
    return {};
  }

  Result<void> EndSource() {
    if (pieces_.size() != 1 || pieces_.front().kind != Piece::Kind::kText) {
      return Bad("before the slash stands the name of one source");
    }
    wildcard_.source_ = std::move(pieces_.front().text);
    wildcard_.text_ = rest_;
    pieces_.clear();
    return {};
  }

  Result<void> EndSchema() {
    if (wildcard_.has_schema_) {
      return Bad("it has more parts than schema.table; quote a part that contains a dot");
    }
    wildcard_.has_schema_ = true;
    pieces_.push_back({Piece::Kind::kDot, {}});
    return {};
  }

  std::string_view whole_;
  std::string_view rest_;
  int wild_ = 0;
  std::vector<Piece> pieces_;
  TableWildcard wildcard_;
};

bool TableWildcard::Is(std::string_view text) {
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '*' || c == '{')) return true;
  }
  return false;
}

Result<TableWildcard> TableWildcard::Parse(std::string_view text, std::string_view source) {
  return Parser(text).Parse(source);
}

bool TableWildcard::MatchFrom(size_t at, std::string_view text, Captures& captures) const {
  if (at == pieces_.size()) return text.empty();
  const Piece& piece = pieces_[at];
  const auto goes_on_after = [&](std::string_view prefix) {
    return text.starts_with(prefix) && MatchFrom(at + 1, text.substr(prefix.size()), captures);
  };
  if (piece.kind == Piece::Kind::kText) return goes_on_after(piece.text);
  if (piece.kind == Piece::Kind::kDot) return goes_on_after(std::string_view(&kBetweenParts, 1));

  const size_t end = std::min(text.find(kBetweenParts), text.size());
  if (piece.kind == Piece::Kind::kStar) {
    for (size_t length = 0; length <= end; ++length) {
      if (goes_on_after(text.substr(0, length))) return true;
    }
    return false;
  }
  if (const auto held = captures.find(piece.text); held != captures.end()) return goes_on_after(held->second);
  for (size_t length = 1; length <= end; ++length) {
    captures[piece.text] = text.substr(0, length);
    if (goes_on_after(text.substr(0, length))) return true;
  }
  captures.erase(piece.text);
  return false;
}

std::optional<Captures> TableWildcard::Match(const TableName& name) const {
  if (name.source != source_ || has_schema_ == name.schema.empty()) return std::nullopt;
  Captures captures;
  const std::string text = has_schema_ ? name.schema + kBetweenParts + name.table : name.table;
  if (!MatchFrom(0, text, captures)) return std::nullopt;
  return captures;
}

bool TableWildcard::Excludes(const TableName& name) const {
  return Match(has_schema_ ? name : TableName{name.source, {}, name.table}).has_value();
}

template <class Spell>
TableName TableWildcard::Spelled(Spell spell) const {
  TableName name{source_, {}, {}};
  for (const Piece& piece : pieces_) {
    if (piece.kind == Piece::Kind::kDot) {
      name.schema = std::exchange(name.table, {});
    } else {
      name.table += spell(piece);
    }
  }
  return name;
}

NamePattern TableWildcard::Pattern() const {
  TableName name =
      Spelled([](const Piece& piece) { return piece.kind == Piece::Kind::kText ? piece.text : "*"; });
  NamePattern pattern;
  pattern.schema = std::move(name.schema);
  pattern.table = std::move(name.table);
  return pattern;
}

TableName TableWildcard::AsName() const {
  return Spelled([](const Piece& piece) {
    if (piece.kind == Piece::Kind::kCapture) return "{" + piece.text + "}";
    return piece.kind == Piece::Kind::kStar ? std::string("*") : piece.text;
  });
}

TableName TableWildcard::Example(const Captures& captures) const {
  return Spelled([&](const Piece& piece) {
    if (piece.kind == Piece::Kind::kCapture) return captures.at(piece.text);
    return piece.kind == Piece::Kind::kStar ? std::string("any") : piece.text;
  });
}

}  // namespace amont
