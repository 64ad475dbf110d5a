// schema: which columns there are, of which type, and whether that changed. Answered by the catalog, without
// a scan.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checks/kinds/block.h"
#include "checks/kinds/registry.h"
#include "core/quoted.h"

namespace amont {
namespace {

constexpr Key kKeys[] = {
    {.name = "mode",
     .shape = KeyShape::kWord,
     .summary = "contains: these and maybe more; exact: no others; ordered: no others, in this order",
     .default_text = "contains",
     .words = "contains|exact|ordered"},
    {.name = "columns",
     .shape = KeyShape::kStrings,
     .summary =
         "the columns; needed for exact and ordered; contains adds every [table.columns.NAME] with a type"},
    {.name = "drift",
     .shape = KeyShape::kWord,
     .summary = "the status of any change against the last accepted schema",
     .default_text = "ignore",
     .words = "ignore|warn|fail"},
    {.name = "drift_for",
     .shape = KeyShape::kDuration,
     .summary = "after so long a changed schema is accepted by itself",
     .default_text = "never"},
    {.name = "forbid", .shape = KeyShape::kStrings, .summary = "names no column may have: \"*_ssn\""},
};

constexpr std::string_view kExample = R"([table.schema]
mode    = "contains"
columns = ["id", "customer_id", "amount"]
drift   = "warn"
forbid  = ["*_ssn", "password*"]

[table.columns.id]
type     = "bigint"
nullable = false
)";

// What [table.columns.NAME] says of a column's shape, with its place.
struct Typed {
  ExpectedColumn column;
  Span place;
};

std::vector<Typed> ReadTyped(TomlReader& table) {
  std::vector<Typed> typed;
  const TomlEntry* columns = table.Find("columns");
  if (columns == nullptr || columns->node.AsTable() == nullptr) return typed;  // the column kind reports it
  for (const TomlEntry& entry : *columns->node.AsTable()) {
    if (entry.node.AsTable() == nullptr) continue;
    TomlReader reader(entry.node, entry.key.name, table.diagnostics());
    const auto type = reader.String("type");
    const auto nullable = reader.Boolean("nullable");
    const bool empty = type && type->empty();
    if (empty) table.diagnostics().Error(reader.Place("type"), "`type` is empty");
    if (empty || (!type && !nullable)) continue;
    ExpectedColumn column{.name = entry.key.name, .type = {}, .nullable = nullable};
    if (type) column.type = ParseColumnType(*type);
    typed.push_back({std::move(column), reader.KeyPlace(type ? "type" : "nullable")});
  }
  return typed;
}

Part SchemaPart(ColumnsMatch match) {
  return {.measure = "schema", .metric = Columns{}, .expectation = std::move(match)};
}

std::vector<std::string> ReadNames(TomlReader& block, std::string_view key) {
  const std::vector<std::string> names = block.Strings(key).value_or(std::vector<std::string>{});
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (name.empty())
      block.diagnostics().Error(block.Place(key), fmt::format("a name in `{}` is empty", key));
    if (!seen.insert(name).second) {
      block.diagnostics().Error(block.Place(key), fmt::format("`{}` lists {} twice", key, Quoted(name)));
    }
  }
  return names;
}

// The listed columns with their declared types; `contains` takes the typed ones that are not listed too.
std::vector<ExpectedColumn> Combine(const std::vector<std::string>& listed, const std::vector<Typed>& typed,
                                    ColumnsMatch::Mode mode, Diagnostics& diagnostics) {
  std::vector<ExpectedColumn> columns;
  for (const std::string& name : listed) columns.push_back({.name = name, .type = {}, .nullable = {}});
  for (const Typed& one : typed) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const ExpectedColumn& column) {
      return column.name == one.column.name;
    });
    if (found != columns.end()) {
      *found = one.column;
    } else if (mode == ColumnsMatch::Mode::kContains) {
      columns.push_back(one.column);
    } else if (!listed.empty()) {
      diagnostics.Error(
          one.place,
          fmt::format("{} is declared here, but [table.schema] does not list it and allows no other columns",
                      Quoted(one.column.name)));
    }
  }
  return columns;
}

std::vector<Part> ReadBody(TomlReader& block, const std::vector<Typed>& typed) {
  Diagnostics& diagnostics = block.diagnostics();
  const size_t before = diagnostics.list().size();
  const std::string mode = ReadWord(block, kKeys, "mode").value_or("contains");
  const std::vector<std::string> listed = ReadNames(block, "columns");
  const std::vector<std::string> forbid = ReadNames(block, "forbid");
  const std::string drift = ReadWord(block, kKeys, "drift").value_or("ignore");
  const auto drift_for = block.DurationOf("drift_for");

  ColumnsMatch match;
  match.mode = mode == "exact"     ? ColumnsMatch::Mode::kExact
               : mode == "ordered" ? ColumnsMatch::Mode::kOrdered
                                   : ColumnsMatch::Mode::kContains;
  match.columns = Combine(listed, typed, match.mode, diagnostics);
  match.forbid = forbid;
  if (match.mode != ColumnsMatch::Mode::kContains && listed.empty()) {
    diagnostics.Error(block.Place("mode"),
                      fmt::format("mode \"{}\" needs `columns`: the list to compare with", mode));
  }
  if (drift == "ignore" && block.Find("drift_for") != nullptr) {
    diagnostics.Error(block.KeyPlace("drift_for"), "`drift_for` needs drift = \"warn\" or \"fail\"");
  } else if (drift_for && *drift_for <= Duration{0}) {
    diagnostics.Error(block.Place("drift_for"), "`drift_for` must be longer than 0");
  }

  std::vector<Part> parts;
  if (!match.columns.empty() || !match.forbid.empty()) parts.push_back(SchemaPart(std::move(match)));
  if (drift != "ignore") {
    parts.push_back(
        {.measure = "drift", .metric = Columns{}, .expectation = NoDrift{drift == "fail", drift_for}});
  }
  const bool ignores = block.Find("drift") != nullptr;  // what farther [defaults] may ask for
  if (parts.empty() && !ignores && diagnostics.list().size() == before) {
    diagnostics.Error(
        block.span(),
        block.what() + " declares nothing: give `columns`, `forbid` or `drift`, or a type to a column");
  }
  return parts;
}

void Lower(TomlReader& table, const Lowering& lowering, Lowered& lowered) {
  const std::vector<Typed> typed = ReadTyped(table);
  if (const TomlEntry* entry = table.Find("schema")) {
    constexpr std::string_view kWhy = "the catalog answers, not the rows";
    const Block block{.kind = "schema",
                      .what = "[table.schema]",
                      .refusals = {.where = kWhy, .group_by = kWhy, .groups = {}}};
    const auto body = [&](TomlReader& reader, Draft&) { return ReadBody(reader, typed); };
    LowerTables(*entry, block, lowering, table.diagnostics(), body, lowered);
  } else if (!typed.empty()) {
    ColumnsMatch match;
    for (const Typed& one : typed) match.columns.push_back(one.column);
    Emit(NewDraft(lowering, "schema", typed.front().place), {SchemaPart(std::move(match))}, lowered);
  }
}

}  // namespace

Kind SchemaKind() {
  return {
      .name = "schema",
      .block = "[table.schema]",
      .summary = "which columns there are, of which type, and whether that changed",
      .example = kExample,
      .key = {.name = "schema", .shape = KeyShape::kTableOrTables, .keys = kKeys, .check_keys = true},
      .lower = Lower,
  };
}

}  // namespace amont
