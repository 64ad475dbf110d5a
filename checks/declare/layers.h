// Layers: how a [[table]] takes what it does not say itself from [defaults] and from wildcards.
//
// The nearer wins key by key: a key's whole value, also where it is a block ([table.freshness] replaces
// [defaults.freshness] whole). Only `columns` goes one level deeper, column by column. Pure.
#pragma once

#include <string_view>

#include "core/toml_reader.h"

namespace amont {

// Adds to `nearer` the entries of `farther` whose key it lacks; both hold tables.
void Underlay(TomlNode& nearer, const TomlNode& farther);

// Keys that describe a table and not one check of it: the only ones a table takes from a wildcard that
// matches it.
bool DescribesTable(std::string_view key);
void UnderlayDescription(TomlNode& nearer, const TomlNode& farther);

// The entry of a key, or nullptr.
const TomlEntry* FindEntry(const TomlNode& table, std::string_view key);

}  // namespace amont
