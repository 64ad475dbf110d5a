// Captures in strings: `{tenant}` in any string of a [[table]] whose name captures `tenant` becomes what it
// holds.
//
// `{table}`, `{now}` and `{today}` are the planner's and stay, as does every other text in braces; one that
// is nearly a capture is called out. Works on the TOML itself, before any key is read. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/declare/table_wildcard.h"
#include "core/toml_reader.h"

namespace amont {

// Fills every string below `node` in place.
void FillCaptures(TomlNode& node, const Captures& captures);
std::string Filled(std::string_view text, const Captures& captures);

// Whether a string below `node` names the capture.
bool Mentions(const TomlNode& node, std::string_view capture);

// An error at every string below `node` with a word in braces that looks like one of `captures` misspelt.
void RejectMisspeltCaptures(const TomlNode& node, const std::vector<std::string>& captures,
                            Diagnostics& diagnostics);

// What a capture holds is data from the catalog and gets into SQL: only a plain word may (letters, digits, _,
// single -, anything beyond ASCII).
bool IsFitForSql(std::string_view held);

}  // namespace amont
