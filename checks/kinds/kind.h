// Kind: a front end of the compiler: it lowers its part of a [[table]] to Measure × Expectation. Open: adding
// a kind is one file and one line in the registry (kinds.cc).
//
// The key tables here are the single truth about what may be written: reading, did-you-mean, `amont schema`
// and the reference in docs/ come from them. Pure: TOML in, checks out; mistakes go to the reader's
// Diagnostics.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/check.h"
#include "core/toml_reader.h"

namespace amont {

// The shape of a key's value, as the JSON Schema and the reference say it.
enum class KeyShape {
  kString,
  kStrings,
  kStringOrStrings,
  kInteger,
  kNumber,
  kBoolean,
  kDuration,
  kSchedule,
  kZone,
  kWord,
  kWords,
  kSql,
  kBooleanOrDate,
  kScalars,
  kBound,         // a number, a date or a timestamp, or "1%" of a ratio
  kRatio,         // 0–1 or "1%"
  kChange,        // a difference, or "-30%"
  kColumnLists,   // of columns, and of lists of columns
  kNamedStrings,  // { name = "text" }
  // Tables; what they hold stands in Key::keys.
  kTable,
  kBooleanOrTable,
  kTables,
  kTableOrTables,
  kNamedTables,  // [….name]
};

struct Key {
  std::string_view name;
  KeyShape shape = KeyShape::kString;
  std::string_view summary = {};       // one line for the reference
  std::string_view default_text = {};  // "": none
  std::string_view words = {};         // kWord, kWords: what it may be, "warn|fail"
  std::span<const Key> keys = {};  // of the tables it holds; beside a shape that is no table: the value may
                                   // also be such a table, or an array of them
  bool check_keys = false;         // those tables take CheckKeys() too
  bool required = false;
};

// What lowering needs to know beside the TOML. Captures of a wildcard are filled in before, in the TOML
// itself.
struct Lowering {
  std::shared_ptr<const Table> table;      // its `pii` already holds PiiColumns()
  Severity severity = Severity::kWarning;  // the table's default for its checks
  Pilot pilot;                             // the table's
  bool enabled = true;                     // the table's
  const std::map<std::string, std::shared_ptr<const Calendar>>* calendars =
      nullptr;  // those a check may name
};

struct Lowered {
  std::vector<Check> checks;
  std::vector<std::string> disabled;  // ids of those that `enabled = false` turns off
};

struct Kind {
  std::string_view name;   // "freshness"
  std::string_view block;  // "[table.freshness]"
  std::string_view summary;
  std::string_view example;  // TOML shown by `amont kinds` and the reference
  Key key;                   // its entry in [[table]]
  // Lowers that entry, where there is one. What is sound is added to `lowered`, the rest to the diagnostics.
  void (*lower)(TomlReader& table, const Lowering& lowering, Lowered& lowered);
};

std::span<const Kind> Kinds();
const Kind* FindKind(std::string_view name);

// Keys of [[table]] that are no kind's: name owner tier schedule … not_null unique. Those of [defaults] are
// these without name, exclude and was.
std::span<const Key> TableKeys();
std::span<const Key> DefaultsKeys();
// The keys of a whole declaration file, [defaults] and [[table]], with everything below them.
std::span<const Key> DeclarationKeys();
// Keys every check takes: name severity where group_by schedule …
std::span<const Key> CheckKeys();

// Everything one [[table]] declares: the blocks of all kinds, the shorthands not_null and unique, and what is
// always on (exists, emptied). In order of declaration. Marks all it reads as known to `table`; the caller
// reads the other keys and rejects unknown ones.
Lowered LowerTable(TomlReader& table, const Lowering& lowering);

// The columns a [[table]] marks `pii = true` or exempts by `pii = false`: to be added to Table::pii before
// lowering.
std::vector<PiiRule> PiiColumns(const TomlNode& table);

// The id of a check: source/schema.table:measure[(column,…)][@name].
std::string CheckId(const TableName& table, std::string_view measure, const std::vector<std::string>& columns,
                    std::string_view name);

}  // namespace amont
