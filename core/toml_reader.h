// TOML as data with places: a file's tree, and a reader that knows which keys were asked for.
//
// The only user of toml++. ParseToml gives our own tree (entries in document order, every key and value with
// its span); TomlReader takes typed values out of one table and afterwards reports every key nobody asked
// for, with the nearest known one. All mistakes go to Diagnostics; reading goes on with the next key. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/diagnostic.h"
#include "core/time.h"
#include "core/zone.h"

namespace amont {

struct TomlNode;

struct TomlKey {
  std::string name;
  Span span;
};

struct TomlEntry;  // a key and its value

struct TomlNode {
  using Table = std::vector<TomlEntry>;  // document order
  using Array = std::vector<TomlNode>;
  struct LocalClock {
    int64_t seconds = 0;
  };  // a TOML local time; no key takes one, so it only needs a name

  std::variant<Table, Array, std::string, int64_t, double, bool, Date, LocalTime, Timestamp, LocalClock>
      value;
  Span span;
  bool header = false;  // opened by a [header] or [[header]], not inline

  const Table* AsTable() const { return std::get_if<Table>(&value); }
  const Array* AsArray() const { return std::get_if<Array>(&value); }
  const std::string* AsString() const { return std::get_if<std::string>(&value); }
  std::string_view KindName() const;  // "a string", "an integer", "a table", …
};

struct TomlEntry {
  TomlKey key;
  TomlNode node;
};

// The whole file as a table node. On a syntax error one diagnostic (toml++ stops at the first) and nullopt.
std::optional<TomlNode> ParseToml(std::shared_ptr<const SourceText> file, Diagnostics& diagnostics);

class TomlReader {
 public:
  // `table` must hold a Table and outlive the reader. `what` names it in messages: "[[table]]",
  // "[table.volume]".
  TomlReader(const TomlNode& table, std::string what, Diagnostics& diagnostics);

  const Span& span() const { return node_.span; }
  Diagnostics& diagnostics() { return diagnostics_; }
  const std::string& what() const { return what_; }

  // Each marks `key` as known. nullptr / nullopt: absent, or of the wrong kind (then a diagnostic was added).
  const TomlEntry* Find(std::string_view key);
  std::optional<std::string> String(std::string_view key);
  std::optional<int64_t> Integer(std::string_view key);
  std::optional<double> Number(std::string_view key);  // integer or float, finite
  std::optional<bool> Boolean(std::string_view key);
  std::optional<Duration> DurationOf(std::string_view key);               // a duration text: "26h"
  std::optional<std::vector<std::string>> Strings(std::string_view key);  // an array of strings
  std::optional<std::vector<std::string>> StringOrStrings(std::string_view key);
  // One of `words`; otherwise a diagnostic that lists them.
  std::optional<std::string> Word(std::string_view key, const std::vector<std::string>& words);

  // The place of `key`'s value, or of the table where the key is absent.
  Span Place(std::string_view key) const;
  Span KeyPlace(std::string_view key) const;

  // Marks `key` known without reading it.
  void Know(std::string_view key);
  // An error at every key nobody knew; `elsewhere` gives a hint for keys that belong to another table ("a
  // table-level key: move it above the first [table.…]"), or empty.
  using Elsewhere = std::string (*)(std::string_view key);
  void RejectUnknown(Elsewhere elsewhere = nullptr);

 private:
  const TomlNode& node_;
  std::string what_;
  Diagnostics& diagnostics_;
  std::vector<std::string> known_;
};

}  // namespace amont
