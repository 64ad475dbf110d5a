// The keys every check takes, from `name` to `was`, read into a draft of the check. Pure.
#pragma once

#include <string>
#include <string_view>

#include "checks/check.h"
#include "checks/kinds/kind.h"
#include "core/toml_reader.h"

namespace amont {

// A check as far as these keys describe it; the kind adds id, measure and expectation.
struct Draft {
  Check check;
  bool enabled = true;
};

// Why a block takes no `where`, no `group_by`, no `groups`; empty: it takes them.
struct Refusals {
  std::string_view where = {};
  std::string_view group_by = {};
  std::string_view groups = {};
};

// A check of `kind` as the table's defaults have it.
Draft NewDraft(const Lowering& lowering, std::string_view kind, const Span& declared_at);

// Takes the keys out of `block`. Mistakes are reported; `groups` is left to ReadBetween().
void ReadCheckKeys(TomlReader& block, const Lowering& lowering, const Refusals& refusals, Draft& draft);

// A SQL text or condition: trimmed, without closing semicolons, neither empty nor beyond
// limits::kSqlBytesMax.
std::optional<std::string> ReadSql(TomlReader& block, std::string_view key);

// The word of an id that says what is measured: "null_ratio" of "lake/orders:null_ratio(email)@x"; empty: no
// id.
std::string_view MeasureWord(std::string_view id);

Severity ReadSeverity(TomlReader& block, Severity otherwise);
// `pilot`: true, false or its last day.
Pilot ReadPilot(TomlReader& block, Pilot otherwise);

// The words of a kWord key, and the one of them that stands under it.
std::vector<std::string> WordsOf(const Key& key);
std::optional<std::string> ReadWord(TomlReader& block, std::span<const Key> keys, std::string_view key);

const Key* FindKey(std::span<const Key> keys, std::string_view name);

}  // namespace amont
