// Block: what every kind does with its tables: one or an array of them, the keys every check takes, the
// kind's own, unknown ones rejected, ids given. A kind writes only its body. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/kinds/check_keys.h"
#include "checks/kinds/kind.h"

namespace amont {

// One check of a block: what is its own beside the draft.
struct Part {
  std::string measure;                    // the word of the id: "volume_change"
  std::vector<std::string> columns = {};  // of the id
  Metric metric;
  std::optional<Metric> per = {};
  std::optional<Window> window = {};
  Expectation expectation;
};

struct Block {
  std::string_view kind;
  std::string what;  // "[table.freshness]"
  Refusals refusals = {};
};

// Reads the kind's own keys of one table. Returns the checks it declares; nothing is made of them where the
// table had mistakes. The keys every check takes are in `draft` already.
using Body = std::function<std::vector<Part>(TomlReader& table, Draft& draft)>;

// Lowers a table, or each table of an array; from the second on a name is required.
void LowerTables(const TomlEntry& entry, const Block& block, const Lowering& lowering,
                 Diagnostics& diagnostics, const Body& body, Lowered& lowered);

// Completes the draft once a part. Earlier ids (`was`) go to the part with the same measure.
void Emit(const Draft& draft, const std::vector<Part>& parts, Lowered& lowered);

// What `enabled = false` without a bound turns off, a wildcard's perhaps: parts whose ids alone matter.
std::vector<Part> TurnedOff(std::string measure, std::vector<std::string> columns);

// Whether the entry is a table or an array whose first item is one.
bool HoldsTables(const TomlNode& node);

}  // namespace amont
