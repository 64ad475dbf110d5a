#include "core/toml_reader.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/quoted.h"

namespace amont {

std::string_view TomlNode::KindName() const {
  // In the order of the variant.
  constexpr std::string_view kNames[] = {"a table",     "an array",  "a string", "an integer",
                                         "a float",     "a boolean", "a date",   "a local date-time",
                                         "a date-time", "a time"};
  static_assert(std::size(kNames) == std::variant_size_v<decltype(value)>);
  return kNames[value.index()];
}

TomlReader::TomlReader(const TomlNode& table, std::string what, Diagnostics& diagnostics)
    : node_(table), what_(std::move(what)), diagnostics_(diagnostics) {
  assert(table.AsTable() != nullptr);
}

namespace {

const TomlEntry* EntryOf(const TomlNode& node, std::string_view key) {
  const TomlNode::Table* table = node.AsTable();
  if (table == nullptr) return nullptr;
  const auto found = std::find_if(table->begin(), table->end(),
                                  [&](const TomlEntry& entry) { return entry.key.name == key; });
  return found == table->end() ? nullptr : &*found;
}

// "`mode` must be a string, not an integer"
void WrongKind(Diagnostics& diagnostics, const TomlEntry& entry, std::string_view expected) {
  diagnostics.Error(entry.node.span, Quoted(entry.key.name) + " must be " + std::string(expected) + ", not " +
                                         std::string(entry.node.KindName()));
}

template <class T>
std::optional<T> Take(const TomlEntry* entry, std::string_view expected, Diagnostics& diagnostics) {
  if (entry == nullptr) return std::nullopt;
  if (const T* value = std::get_if<T>(&entry->node.value)) return *value;
  WrongKind(diagnostics, *entry, expected);
  return std::nullopt;
}

std::optional<std::vector<std::string>> TakeStrings(const TomlEntry& entry, Diagnostics& diagnostics) {
  std::vector<std::string> strings;
  bool good = true;
  for (const TomlNode& item : *entry.node.AsArray()) {
    if (const std::string* text = item.AsString()) {
      strings.push_back(*text);
      continue;
    }
    good = false;
    diagnostics.Error(item.span, "every item of " + Quoted(entry.key.name) + " must be a string, not " +
                                     std::string(item.KindName()));
  }
  return good ? std::optional(std::move(strings)) : std::nullopt;
}

}  // namespace

const TomlEntry* TomlReader::Find(std::string_view key) {
  Know(key);
  return EntryOf(node_, key);
}

std::optional<std::string> TomlReader::String(std::string_view key) {
  return Take<std::string>(Find(key), "a string", diagnostics_);
}

std::optional<int64_t> TomlReader::Integer(std::string_view key) {
  return Take<int64_t>(Find(key), "an integer", diagnostics_);
}

std::optional<double> TomlReader::Number(std::string_view key) {
  const TomlEntry* entry = Find(key);
  if (entry == nullptr) return std::nullopt;
  if (const auto* integer = std::get_if<int64_t>(&entry->node.value)) return static_cast<double>(*integer);
  const std::optional<double> number = Take<double>(entry, "a number", diagnostics_);
  if (!number || std::isfinite(*number)) return number;
  diagnostics_.Error(entry->node.span, Quoted(key) + " must be a finite number");
  return std::nullopt;
}

std::optional<bool> TomlReader::Boolean(std::string_view key) {
  return Take<bool>(Find(key), "true or false", diagnostics_);
}

std::optional<Duration> TomlReader::DurationOf(std::string_view key) {
  const TomlEntry* entry = Find(key);
  const std::optional<std::string> text =
      Take<std::string>(entry, "a duration such as \"26h\"", diagnostics_);
  if (!text) return std::nullopt;
  Result<Duration> duration = ParseDuration(*text);
  if (duration) return *duration;
  diagnostics_.Error(entry->node.span, Quoted(key) + ": " + duration.error().message);
  return std::nullopt;
}

std::optional<std::vector<std::string>> TomlReader::Strings(std::string_view key) {
  const TomlEntry* entry = Find(key);
  if (entry == nullptr) return std::nullopt;
  if (entry->node.AsArray() != nullptr) return TakeStrings(*entry, diagnostics_);
  WrongKind(diagnostics_, *entry, "an array of strings");
  return std::nullopt;
}

std::optional<std::vector<std::string>> TomlReader::StringOrStrings(std::string_view key) {
  const TomlEntry* entry = Find(key);
  if (entry == nullptr) return std::nullopt;
  if (entry->node.AsArray() != nullptr) return TakeStrings(*entry, diagnostics_);
  if (const std::string* text = entry->node.AsString()) return std::vector<std::string>{*text};
  WrongKind(diagnostics_, *entry, "a string or an array of strings");
  return std::nullopt;
}

std::optional<std::string> TomlReader::Word(std::string_view key, const std::vector<std::string>& words) {
  const TomlEntry* entry = Find(key);
  if (entry == nullptr) return std::nullopt;
  std::string expected = "one of ";
  for (const std::string& word : words) expected += (&word == &words.front() ? "" : ", ") + word;
  const std::optional<std::string> text = Take<std::string>(entry, expected, diagnostics_);
  if (!text) return std::nullopt;
  if (std::find(words.begin(), words.end(), *text) != words.end()) return text;
  diagnostics_.Error(entry->node.span, Quoted(key) + " must be " + expected, DidYouMean(*text, words));
  return std::nullopt;
}

Span TomlReader::Place(std::string_view key) const {
  const TomlEntry* entry = EntryOf(node_, key);
  return entry == nullptr ? node_.span : entry->node.span;
}

Span TomlReader::KeyPlace(std::string_view key) const {
  const TomlEntry* entry = EntryOf(node_, key);
  return entry == nullptr ? node_.span : entry->key.span;
}

void TomlReader::Know(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
}

void TomlReader::RejectUnknown(Elsewhere elsewhere) {
  const TomlNode::Table* table = node_.AsTable();
  if (table == nullptr) return;
  for (const TomlEntry& entry : *table) {
    const std::string& name = entry.key.name;
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string hint = elsewhere == nullptr ? std::string() : elsewhere(name);
    if (hint.empty()) hint = DidYouMean(name, known_);
    const std::string where = what_.empty() ? std::string() : " in " + what_;
    diagnostics_.Error(entry.key.span, "unknown key " + Quoted(name) + where, std::move(hint));
  }
}

}  // namespace amont
