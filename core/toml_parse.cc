// ParseToml: toml++'s tree made ours. Its exceptions, its sorted tables and its columns in code points end
// here.
#include <toml++/toml.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/limits.h"
#include "core/toml_reader.h"

namespace amont {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Turns the places of toml++ (line, code point) into ours (line, byte). A cursor remembers where it was, so
// places asked for in the order of the text cost no second look at the line, however long that is.
class Places {
 public:
  struct Cursor {
    size_t line = 0;
    size_t column = 1;  // code points
    size_t byte = 0;    // in the text
  };

  explicit Places(std::string_view text) : text_(text) {
    starts_.push_back(text.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0);  // toml++ does not count the mark
    for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      starts_.push_back(static_cast<uint32_t>(at + 1));
    }
  }

  size_t ByteOf(toml::source_position position, Cursor& cursor) const {
    const size_t line = std::clamp<size_t>(position.line, 1, starts_.size());
    if (cursor.line != line) cursor = {line, 1, starts_[line - 1]};
    while (cursor.column < position.column && cursor.byte < LineEnd(line)) {
      ++cursor.byte;
      while (cursor.byte < text_.size() && IsContinuation(text_[cursor.byte])) ++cursor.byte;
      ++cursor.column;
    }
    while (cursor.column > position.column && cursor.column > 1) {
      --cursor.byte;
      while (cursor.byte > starts_[line - 1] && IsContinuation(text_[cursor.byte])) --cursor.byte;
      --cursor.column;
    }
    return cursor.byte;
  }

  // Where the line's text ends: at its line break.
  size_t LineEnd(size_t line) const {
    if (line >= starts_.size()) return text_.size();
    const size_t end = starts_[line] - 1;
    return end > starts_[line - 1] && text_[end - 1] == '\r' ? end - 1 : end;
  }

  int Column(size_t line, size_t byte) const {
    const size_t start = line <= 1 ? 0 : starts_[std::min(line, starts_.size()) - 1];
    return static_cast<int>(byte - start) + 1;
  }
  size_t LineOf(size_t byte) const {
    return static_cast<size_t>(std::upper_bound(starts_.begin() + 1, starts_.end(), byte) - starts_.begin());
  }

 private:
  std::string_view text_;
  std::vector<uint32_t> starts_;
};

Span SpanAt(const std::shared_ptr<const SourceText>& file, const Places& places, size_t byte, size_t end) {
  const size_t line = places.LineOf(byte);
  const size_t stop = std::min(end, places.LineEnd(line));
  return {file, static_cast<int>(line), places.Column(line, byte),
          stop > byte ? static_cast<int>(stop - byte) : 1};
}

// The first byte after the string that opens at `at`, or the end of the text.
size_t SkipString(std::string_view text, size_t at) {
  const char quote = text[at];
  const bool multi_line = text.substr(at, 3) == std::string(3, quote);
  for (at += multi_line ? 3 : 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == '\n' && !multi_line) {
      return at;
    } else if (text[at] == quote) {
      if (!multi_line) return at + 1;
      if (text.substr(at, 3) != std::string(3, quote)) continue;
      at += 3;
      for (int more = 0; more < 2 && at < text.size() && text[at] == quote; ++more)
        ++at;  // quotes before the end
      return at;
    }
  }
  return text.size();
}

// The first dot of a key with more parts than we allow. toml++ has no limit there, and its recursion over the
// nested tables would end the process.
std::optional<size_t> FindDeepKey(std::string_view text) {
  int dots = 0;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = SkipString(text, at);
      continue;
    }
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (c == '.' && ++dots >= limits::kTomlDepthMax) return at;
    if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) dots = 0;
    ++at;
  }
  return std::nullopt;
}

Date DateOf(const toml::date& date) {
  return std::chrono::year(date.year) / std::chrono::month(date.month) / std::chrono::day(date.day);
}

std::chrono::nanoseconds SinceMidnight(const toml::time& time) {
  return std::chrono::hours(time.hour) + std::chrono::minutes(time.minute) +
         std::chrono::seconds(time.second) + std::chrono::nanoseconds(time.nanosecond);
}

class TreeBuilder {
 public:
  TreeBuilder(std::shared_ptr<const SourceText> file, const Places& places, Diagnostics& diagnostics)
      : file_(std::move(file)), places_(places), diagnostics_(diagnostics) {}

  TomlNode Build(toml::node& from, int depth) {
    TomlNode node;
    const size_t begin = places_.ByteOf(from.source().begin, begins_);
    if (depth > limits::kTomlDepthMax) {
      if (!std::exchange(too_deep_, true)) diagnostics_.Error(At(begin, begin + 1), TooDeep());
      return node;
    }
    if (toml::table* table = from.as_table()) {
      node.header = !table->is_inline() && begin < file_->text.size() && file_->text[begin] == '[';
      node.value = BuildTable(*table, depth);
    } else if (toml::array* array = from.as_array()) {
      TomlNode::Array items;
      items.reserve(array->size());
      for (toml::node& item : *array) items.push_back(Build(item, depth + 1));
      node.value = std::move(items);
    } else {
      SetScalar(from, node);
    }
    // After the children: ends then come in the order of the text as well.
    node.span = At(begin, places_.ByteOf(from.source().end, ends_));
    return node;
  }

  bool too_deep() const { return too_deep_; }
  static std::string TooDeep() {
    return "nested deeper than " + std::to_string(limits::kTomlDepthMax) + " levels";
  }

 private:
  struct Child {
    const toml::key* key;
    toml::node* node;
  };

  TomlNode::Table BuildTable(toml::table& table, int depth) {
    std::vector<Child> children;
    children.reserve(table.size());
    for (auto it = table.begin(); it != table.end(); ++it) children.push_back({&it->first, &it->second});
    const auto place = [](const Child& child) {
      const toml::source_position& at = child.key->source().begin;
      return std::pair(at.line, at.column);
    };
    std::sort(children.begin(), children.end(),
              [&](const Child& a, const Child& b) { return place(a) < place(b); });

    TomlNode::Table entries;
    entries.reserve(children.size());
    for (const Child& child : children) {
      const size_t begin = places_.ByteOf(child.key->source().begin, begins_);
      Places::Cursor after = begins_;
      const size_t end = places_.ByteOf(child.key->source().end, after);
      TomlKey key{std::string(child.key->str()), At(begin, end)};
      entries.push_back({std::move(key), Build(*child.node, depth + 1)});
    }
    return entries;
  }

  static void SetScalar(toml::node& from, TomlNode& node) {
    if (auto* string = from.as_string()) {
      node.value = std::move(string->get());
    } else if (auto* integer = from.as_integer()) {
      node.value = integer->get();
    } else if (auto* number = from.as_floating_point()) {
      node.value = number->get();
    } else if (auto* boolean = from.as_boolean()) {
      node.value = boolean->get();
    } else if (auto* date = from.as_date()) {
      node.value = DateOf(date->get());
    } else if (auto* time = from.as_time()) {
      node.value =
          TomlNode::LocalClock{std::chrono::floor<std::chrono::seconds>(SinceMidnight(time->get())).count()};
    } else if (auto* date_time = from.as_date_time()) {
      const toml::date_time& at = date_time->get();
      const Duration since =
          DateOf(at.date).time_since_epoch() + std::chrono::floor<Duration>(SinceMidnight(at.time));
      if (at.offset) {
        node.value = Timestamp(since - std::chrono::minutes(at.offset->minutes));
      } else {
        node.value = LocalTime(since);
      }
    }
  }

  Span At(size_t begin, size_t end) const { return SpanAt(file_, places_, begin, end); }

  std::shared_ptr<const SourceText> file_;
  const Places& places_;
  Diagnostics& diagnostics_;
  Places::Cursor begins_, ends_;
  bool too_deep_ = false;
};

struct Bytes {
  size_t begin = 0;
  size_t end = 0;
};

// toml++ reports a key given twice at its value; the eye wants the key. `at` is where the value begins.
std::optional<Bytes> KeyBefore(std::string_view text, size_t at) {
  const std::string_view blanks = " \t";
  const size_t equals = at == 0 ? std::string_view::npos : text.find_last_not_of(blanks, at - 1);
  if (equals == std::string_view::npos || text[equals] != '=' || equals == 0) return std::nullopt;
  const size_t last = text.find_last_not_of(blanks, equals - 1);
  if (last == std::string_view::npos) return std::nullopt;
  const size_t before = text.find_last_of("\n{,", last);
  const size_t start = before == std::string_view::npos ? 0 : before + 1;
  return Bytes{std::min(text.find_first_not_of(blanks, start), last), last + 1};
}

// The number, date or time that ends at `at` or goes on there.
Bytes ValueAround(std::string_view text, size_t at) {
  constexpr std::string_view kEnds = " \t\r\n=,[]{}#";
  const size_t before = at == 0 ? std::string_view::npos : text.find_last_of(kEnds, at - 1);
  const size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return {begin, std::min(text.find_first_of(kEnds, at), text.size())};
}

// What to underline for an error at byte `at`.
Bytes MarkError(std::string_view what, std::string_view text, const Places& places, size_t at) {
  const std::string_view scope = what.substr(0, what.find(':'));
  if (what.find("cannot redefine existing") != std::string_view::npos) {
    if (const std::optional<Bytes> key = KeyBefore(text, at)) return *key;
    return {at, places.LineEnd(places.LineOf(at))};  // a header
  }
  for (std::string_view kind : {"integer", "float", "date", "time"}) {
    if (scope.find(kind) != std::string_view::npos) return ValueAround(text, at);
  }
  Bytes character{at, at + 1};
  while (character.end < text.size() && IsContinuation(text[character.end])) ++character.end;
  return character;
}

// "Error while parsing key-value pair: expected '='" in our words. Texts of the file in it are cut.
std::string Reworded(std::string_view what, bool at_line_end) {
  constexpr std::string_view kPrefix = "Error while parsing ";
  constexpr size_t kBytesMax = 200;
  if (what.substr(0, kPrefix.size()) != kPrefix) return "invalid TOML: " + std::string(what);
  what.remove_prefix(kPrefix.size());
  std::string text(what.substr(0, kBytesMax));
  if (what.size() > kBytesMax) {
    while (IsContinuation(what[text.size()])) text.pop_back();
    text += "…";
  }
  const auto replace = [&](std::string_view from, std::string_view to) {
    if (const size_t at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
  };
  replace("encountered end-of-file", "the file ends too early");
  replace("saw '\\n'", "saw the end of the line");
  replace("saw '\\r'", "saw the end of the line");
  if (at_line_end) {
    replace("unescaped control characters other than TAB (U+0009) are explicitly prohibited",
            "it does not end on its line");
  }
  return "invalid TOML in " + text;
}

void ReportSyntax(const toml::parse_error& error, const std::shared_ptr<const SourceText>& file,
                  const Places& places, Diagnostics& diagnostics) {
  Places::Cursor cursor;
  const std::string_view text = file->text;
  const size_t at = places.ByteOf(error.source().begin, cursor);
  const Bytes mark = MarkError(error.description(), text, places, at);
  const bool at_line_end = at < text.size() && (text[at] == '\n' || text[at] == '\r');
  diagnostics.Error(SpanAt(file, places, mark.begin, mark.end), Reworded(error.description(), at_line_end));
}

}  // namespace

std::optional<TomlNode> ParseToml(std::shared_ptr<const SourceText> file, Diagnostics& diagnostics) {
  if (file->text.size() > limits::kFileBytesMax) {
    diagnostics.Error({file},
                      "the file is larger than " + std::to_string(limits::kFileBytesMax >> 20) + " MiB");
    return std::nullopt;
  }
  const Places places(file->text);
  if (const std::optional<size_t> dot = FindDeepKey(file->text)) {
    diagnostics.Error(SpanAt(file, places, *dot, *dot + 1), TreeBuilder::TooDeep());
    return std::nullopt;
  }
  try {
    toml::table root = toml::parse(std::string_view(file->text));
    TreeBuilder builder(file, places, diagnostics);
    TomlNode tree = builder.Build(root, 0);
    if (builder.too_deep()) return std::nullopt;
    tree.span = Span{file};
    tree.header = false;
    return tree;
  } catch (const toml::parse_error& error) {
    ReportSyntax(error, file, places, diagnostics);
  } catch (const std::exception& error) {
    diagnostics.Error({file}, std::string("cannot read the file as TOML: ") + error.what());
  }
  return std::nullopt;
}

}  // namespace amont
