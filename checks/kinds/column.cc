// column: what holds for one column: measures with bounds, rules its rows obey, and (for the schema kind) its
// type.
#include <fmt/format.h>

#include <algorithm>

#include "checks/kinds/check_keys.h"
#include "checks/kinds/column_measures.h"
#include "checks/kinds/registry.h"
#include "core/quoted.h"

namespace amont {
namespace {

constexpr Key kPlainKeys[] = {
    {.name = "type",
     .summary = "compared by family and precision, not by spelling: int8 = bigint; judged from the catalog"},
    {.name = "nullable",
     .shape = KeyShape::kBoolean,
     .summary = "false: the database must forbid NULL, true: allow it; judged from the catalog"},
    {.name = "pii",
     .shape = KeyShape::kBoolean,
     .summary = "true: only counts and ratios ever leave the database; false exempts from the source's `pii`",
     .default_text = "the source's `pii` patterns"},
};

// Those of [table.columns.NAME]: facts, then measures.
std::span<const Key> ColumnKeys() {
  static const std::vector<Key> keys = [] {
    std::vector<Key> all(std::begin(kPlainKeys), std::end(kPlainKeys));
    for (const auto more : {ValueMeasureKeys(), RowRuleKeys()})
      all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return keys;
}

constexpr std::string_view kExample = R"([table.columns.email]
pii        = true
null_ratio = { max = "1%", warn = { max = "0.1%" } }
pattern    = { regex = "^[^@]+@[^@]+$", max_ratio = "0.5%" }

[[table.columns.reason.null_ratio]]
name  = "only drafts may lack a reason"
where = "status IS DISTINCT FROM 'draft'"
max   = 0
)";

// For keys of a check that stand beside the measures instead of in one.
std::string BelongsToMeasure(std::string_view key) {
  if (FindKey(CheckKeys(), key) == nullptr) return {};
  return fmt::format("`{0}` belongs to one measure: null_ratio = {{ max = \"1%\", {0} = … }}", key);
}

void LowerColumn(const TomlEntry& entry, const Lowering& lowering, Diagnostics& diagnostics,
                 Lowered& lowered) {
  const std::string what = fmt::format("[table.columns.{}]", QuotePart(entry.key.name));
  if (entry.node.AsTable() == nullptr) {
    diagnostics.Error(entry.node.span,
                      fmt::format("{} must be a table, not {}", what, entry.node.KindName()));
    return;
  }
  if (entry.key.name.empty()) diagnostics.Error(entry.key.span, "a column has a name");
  TomlReader reader(entry.node, what, diagnostics);
  for (const Key& key : ColumnKeys()) reader.Know(key.name);
  reader.Boolean("pii");  // read by PiiColumns(); here for its mistakes
  const ColumnPlace place{entry.key.name, lowering, diagnostics, lowered};
  for (const TomlEntry& measure : *entry.node.AsTable()) {
    LowerValueMeasure(measure, place);
    LowerRowRule(measure, place);
  }
  reader.RejectUnknown(BelongsToMeasure);
}

void Lower(TomlReader& table, const Lowering& lowering, Lowered& lowered) {
  const TomlEntry* entry = table.Find("columns");
  if (entry == nullptr) return;
  const TomlNode::Table* columns = entry->node.AsTable();
  if (columns == nullptr) {
    table.diagnostics().Error(
        entry->node.span, "`columns` must hold a table a column: [table.columns.email]",
        entry->node.AsArray() != nullptr ? "a list of columns belongs in [table.schema]" : "");
    return;
  }
  for (const TomlEntry& column : *columns) LowerColumn(column, lowering, table.diagnostics(), lowered);
}

}  // namespace

Kind ColumnKind() {
  return {
      .name = "column",
      .block = "[table.columns.NAME]",
      .summary = "what holds for one column: bounds on its measures, and rules its rows obey",
      .example = kExample,
      .key = {.name = "columns", .shape = KeyShape::kNamedTables, .keys = ColumnKeys()},
      .lower = Lower,
  };
}

std::vector<PiiRule> PiiColumns(const TomlNode& table) {
  std::vector<PiiRule> pii;
  const auto entry_of = [](const TomlNode& node, std::string_view key) -> const TomlNode* {
    const TomlNode::Table* entries = node.AsTable();
    if (entries == nullptr) return nullptr;
    const auto found = std::find_if(entries->begin(), entries->end(),
                                    [&](const TomlEntry& entry) { return entry.key.name == key; });
    return found == entries->end() ? nullptr : &found->node;
  };
  const TomlNode* columns = entry_of(table, "columns");
  if (columns == nullptr || columns->AsTable() == nullptr) return pii;
  for (const TomlEntry& column : *columns->AsTable()) {
    const TomlNode* mark = entry_of(column.node, "pii");
    const bool* on = mark != nullptr ? std::get_if<bool>(&mark->value) : nullptr;
    if (on != nullptr) pii.push_back({column.key.name, *on});
  }
  return pii;
}

}  // namespace amont
