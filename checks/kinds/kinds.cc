// The registry: one line a kind.
#include <algorithm>
#include <array>
#include <tuple>

#include "checks/kinds/kind.h"
#include "checks/kinds/registry.h"

namespace amont {
namespace {

// By file and place; what stands at no place of its own keeps its order.
bool DeclaredBefore(const Check& left, const Check& right) {
  const auto key = [](const Check& check) {
    const Span& at = check.declared_at;
    return std::tuple<std::string_view, int, int>(
        at.file ? std::string_view(at.file->path) : std::string_view(), at.line, at.column);
  };
  return key(left) < key(right);
}

}  // namespace

std::span<const Kind> Kinds() {
  static const std::array kinds = {FreshnessKind(), VolumeKind(), SchemaKind(), ColumnKind(), SqlKind()};
  return kinds;
}

const Kind* FindKind(std::string_view name) {
  const std::span<const Kind> kinds = Kinds();
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

Lowered LowerTable(TomlReader& table, const Lowering& lowering) {
  Lowered lowered;
  for (const Kind& kind : Kinds()) kind.lower(table, lowering, lowered);
  LowerShorthands(table, lowering, lowered);
  std::stable_sort(lowered.checks.begin(), lowered.checks.end(), DeclaredBefore);
  LowerAlwaysOn(table, lowering, lowered);
  return lowered;
}

std::string CheckId(const TableName& table, std::string_view measure, const std::vector<std::string>& columns,
                    std::string_view name) {
  std::string id = table.Full() + ":" + std::string(measure);
  for (const std::string& column : columns) {
    id += &column == &columns.front() ? "(" : ",";
    id += QuotePart(column);
  }
  if (!columns.empty()) id += ")";
  if (!name.empty()) id += "@" + std::string(name);
  return id;
}

}  // namespace amont
