// Kind: a front end of the compiler: it lowers one TOML block to Measure × Expectation. Open: adding a kind is one file
// and one line in the registry (kinds.cc).
//
// The key tables here are the single truth about what may be written: reading, did-you-mean, `amont schema` and
// the reference in docs/ come from them.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/check.h"
#include "core/diagnostic.h"
#include "core/toml_reader.h"

namespace amont {

// The shape of a key's value, as the JSON Schema and the reference say it.
enum class KeyShape {
  kString, kStrings, kStringOrStrings, kInteger, kNumber, kBoolean, kDuration, kSchedule, kZone, kWord, kBound,
  kBounds, kRatio, kSql, kWindow, kChange, kBooleanOrDate, kTable, kAny,
};

struct Key {
  std::string_view name;
  KeyShape shape = KeyShape::kAny;
  std::string_view summary;                // one line for the reference
  std::string_view default_text = {};      // "" : none
  std::vector<std::string_view> words = {};  // kWord: what it may be
};

// What a kind needs to know while lowering.
struct Lowering {
  std::shared_ptr<const Table> table;
  Severity severity = Severity::kWarning;  // the table's default for its checks
  Pilot pilot;                             // the table's
  bool enabled = true;
  std::vector<std::string> source_names;   // for references to other tables
  Diagnostics* diagnostics = nullptr;
};

struct Kind {
  std::string_view name;      // freshness
  std::string_view block;     // [table.freshness]
  std::string_view summary;
  std::string_view example;   // TOML shown by `amont kinds` and the reference
  std::span<const Key> keys;  // its own, without those every check takes
  // Lowers one block. Mistakes go to the reader's diagnostics; what is sound is returned.
  std::vector<Check> (*lower)(TomlReader& block, const Lowering& lowering);
};

std::span<const Kind> Kinds();
const Kind* FindKind(std::string_view name);

// Keys every check takes: name severity where group_by schedule …
std::span<const Key> CheckKeys();

// The shorthands of [[table]]: not_null, unique (and the always-on exists, emptied), lowered like blocks.
// `columns` are all columns that the table's blocks name.
std::vector<Check> LowerShorthands(TomlReader& table, const Lowering& lowering);
std::vector<Check> LowerAlwaysOn(const Lowering& lowering, const std::vector<Check>& declared);

// The id of a check: source/schema.table:measure[(column,…)][@name].
std::string CheckId(const TableName& table, std::string_view measure, const std::vector<std::string>& columns,
                    std::string_view name);

}  // namespace amont
