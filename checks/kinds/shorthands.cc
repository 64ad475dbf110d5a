// not_null and unique: short for null_count(column) at most 0 and duplicates(column,…) at most 0.
#include <fmt/format.h>

#include <set>

#include "checks/kinds/block.h"
#include "checks/kinds/registry.h"

namespace amont {
namespace {

Between None() {
  Between between;
  between.fail.max = int64_t{0};
  return between;
}

void LowerNotNull(const TomlEntry& entry, const TomlNode& item, const Lowering& lowering,
                  Diagnostics& diagnostics, Lowered& lowered) {
  const std::string* column = item.AsString();
  if (column == nullptr || column->empty()) {
    diagnostics.Error(item.span, fmt::format("`{}` lists columns as texts: [\"id\"]", entry.key.name));
    return;
  }
  Emit(NewDraft(lowering, "column", item.span),
       {{.measure = "null_count", .columns = {*column}, .metric = NullCount{*column}, .expectation = None()}},
       lowered);
}

void LowerUnique(const TomlEntry& entry, const TomlNode& item, const Lowering& lowering,
                 Diagnostics& diagnostics, Lowered& lowered) {
  std::vector<std::string> columns;
  bool good = true;
  if (const std::string* column = item.AsString()) {
    columns.push_back(*column);
  } else if (const TomlNode::Array* array = item.AsArray()) {
    for (const TomlNode& part : *array) {
      const std::string* name = part.AsString();
      good = good && name != nullptr;
      if (name != nullptr) columns.push_back(*name);
    }
  }
  good = good && !columns.empty();
  for (const std::string& column : columns) good = good && !column.empty();
  if (!good) {
    diagnostics.Error(
        item.span,
        fmt::format("`{}` lists columns, or lists of columns: [\"id\", [\"customer_id\", \"placed_at\"]]",
                    entry.key.name));
    return;
  }
  if (std::set<std::string>(columns.begin(), columns.end()).size() != columns.size()) {
    diagnostics.Error(item.span, "names a column twice");
    return;
  }
  Emit(NewDraft(lowering, "column", item.span),
       {{.measure = "duplicates",
         .columns = columns,
         .metric = DuplicateCount{columns},
         .expectation = None()}},
       lowered);
}

using LowerItem = void (*)(const TomlEntry&, const TomlNode&, const Lowering&, Diagnostics&, Lowered&);

void LowerItems(TomlReader& table, std::string_view key, LowerItem lower, const Lowering& lowering,
                Lowered& lowered) {
  const TomlEntry* entry = table.Find(key);
  if (entry == nullptr) return;
  if (const TomlNode::Array* array = entry->node.AsArray()) {
    for (const TomlNode& item : *array) lower(*entry, item, lowering, table.diagnostics(), lowered);
  } else {
    lower(*entry, entry->node, lowering, table.diagnostics(), lowered);
  }
}

}  // namespace

void LowerShorthands(TomlReader& table, const Lowering& lowering, Lowered& lowered) {
  LowerItems(table, "not_null", LowerNotNull, lowering, lowered);
  LowerItems(table, "unique", LowerUnique, lowering, lowered);
}

}  // namespace amont
