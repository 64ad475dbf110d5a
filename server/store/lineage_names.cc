#include "server/store/lineage_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/unicode.h"
#include "server/store/digest.h"
#include "server/store/reading.h"

namespace amont {

namespace {

constexpr char kBetween = '\x1f';
constexpr int64_t kReadAtOnce = 50'000;
constexpr size_t kParts = 5;           // kind, space, schema, name, column
constexpr size_t kPartBytesMax = 500;  // PostgreSQL indexes no text beyond 2,700 bytes

// A name that is too long is told from others by a digest of what is left out.
std::string Shortened(std::string_view part) {
  constexpr size_t kKept = kPartBytesMax - 24;
  return fmt::format("{}~{:016x}", part.substr(0, kKept), static_cast<uint64_t>(DigestOf(part)));
}

// A part may hold anything: what parts are told apart by, and what an engine cannot store, is written out.
void Append(std::string& word, std::string_view whole) {
  std::string stored;
  std::string_view part = whole;
  if (part.size() > kPartBytesMax) part = stored = Shortened(part);
  const bool ascii = std::all_of(part.begin(), part.end(), [](char c) { return (c & 0x80) == 0; });
  if (!ascii) part = stored = RepairUtf8(part);
  for (const char c : part) {
    switch (c) {
      case '\\':
        word += "\\\\";
        break;
      case kBetween:
        word += "\\u";
        break;
      case '\0':
        word += "\\0";
        break;
      default:
        word += c;
    }
  }
}

std::vector<std::string> Parts(std::string_view word) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < word.size(); ++i) {
    if (word[i] == kBetween) {
      parts.emplace_back();
    } else if (word[i] == '\\' && i + 1 < word.size()) {
      const char c = word[++i];
      parts.back() += c == 'u' ? kBetween : c == '0' ? '\0' : c;
    } else {
      parts.back() += word[i];
    }
  }
  return parts;
}

char LetterOf(NodeKind kind) {
  switch (kind) {
    case NodeKind::kTable:
      return 't';
    case NodeKind::kJob:
      return 'j';
    case NodeKind::kExposure:
      return 'e';
  }
  return 't';
}

std::optional<NodeKind> KindOf(char letter) {
  if (letter == 't') return NodeKind::kTable;
  if (letter == 'j') return NodeKind::kJob;
  if (letter == 'e') return NodeKind::kExposure;
  return std::nullopt;
}

}  // namespace

std::string WordOfPort(const NodeName& node, std::string_view column) {
  std::string word(1, LetterOf(node.kind));
  for (const std::string_view part :
       {std::string_view(node.space), std::string_view(node.schema), std::string_view(node.name), column}) {
    word += kBetween;
    Append(word, part);
  }
  return word;
}

std::string WordOfOrigin(std::string_view origin) {
  std::string word = {'o', kBetween};
  Append(word, origin);
  return word;
}

std::optional<Port> PortOfWord(std::string_view word) {
  if (word.empty()) return std::nullopt;
  const std::optional<NodeKind> kind = KindOf(word.front());
  if (!kind) return std::nullopt;
  std::vector<std::string> parts = Parts(word);
  if (parts.size() != kParts) return std::nullopt;
  Port port;
  port.node = {*kind, std::move(parts[1]), std::move(parts[2]), std::move(parts[3])};
  port.column = std::move(parts[4]);
  return port;
}

std::optional<std::string> OriginOfWord(std::string_view word) {
  if (!word.starts_with('o')) return std::nullopt;
  std::vector<std::string> parts = Parts(word);
  if (parts.size() != 2) return std::nullopt;
  return std::move(parts[1]);
}

Result<void> WordNumbers::Settle(StoreSession& session) {
  std::vector<std::string> words;
  for (const std::string& word : wanted_) {
    if (!numbers_.contains(word)) words.push_back(word);
  }
  wanted_.clear();
  AMONT_TRY_VOID(EachOf(session, "SELECT word, id FROM lineage_word WHERE word IN ", words,
                        [this](std::span<const Value> row) {
                          numbers_[TextOf(row[0])] = AsInteger(row[1]).value_or(0);
                          return Result<void>();
                        }));
  std::erase_if(words, [this](const std::string& word) { return numbers_.contains(word); });
  if (words.empty()) return {};
  // Nobody else gives numbers before the transaction ends.
  AMONT_TRY(const auto last, Collect(session, "SELECT coalesce(max(id), 0) FROM lineage_word", {}));
  int64_t number = AsInteger(last.at(0).at(0)).value_or(0);
  std::vector<std::vector<Value>> rows;
  for (const std::string& word : words) {
    rows.push_back({++number, word});
    numbers_[word] = number;
  }
  return session.Upsert({"lineage_word", {"id", "word"}, {"id"}, {}, true}, rows);
}

Result<const Port*> WordReader::PortOf(int64_t number) {
  AMONT_TRY_VOID(ReadUpTo(number));
  const auto found = ports_.find(number);
  return found == ports_.end() ? nullptr : &found->second;
}

Result<const std::string*> WordReader::OriginOf(int64_t number) {
  AMONT_TRY_VOID(ReadUpTo(number));
  const auto found = origins_.find(number);
  return found == origins_.end() ? nullptr : &found->second;
}

Result<void> WordReader::ReadUpTo(int64_t number) {
  while (number > newest_) {
    int64_t rows = 0;
    const std::vector<Value> params = {newest_};
    const std::string sql =
        "SELECT id, word FROM lineage_word WHERE id > $1 ORDER BY id LIMIT " + std::to_string(kReadAtOnce);
    AMONT_TRY_VOID(connection_.Query(sql, params, {}, {}, [&](std::span<const Value> row) {
      ++rows;
      newest_ = AsInteger(row[0]).value_or(newest_);
      const auto* word = std::get_if<std::string>(&row[1]);
      if (word == nullptr) return Result<void>();
      if (auto origin = OriginOfWord(*word)) {
        origins_.emplace(newest_, std::move(*origin));
      } else if (auto port = PortOfWord(*word)) {
        ports_.emplace(newest_, std::move(*port));
      }
      return Result<void>();
    }));
    if (rows < kReadAtOnce) return {};
  }
  return {};
}

}  // namespace amont
