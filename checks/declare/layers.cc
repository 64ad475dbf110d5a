#include "checks/declare/layers.h"

#include <algorithm>
#include <array>

namespace amont {
namespace {

constexpr std::array<std::string_view, 11> kDescription = {"owner",    "tier",    "schedule",   "timezone",
                                                           "calendar", "scope",   "tags",       "upstream",
                                                           "feeds",    "runbook", "description"};

TomlEntry* FindMutable(TomlNode::Table& table, std::string_view key) {
  const auto found =
      std::ranges::find_if(table, [&](const TomlEntry& entry) { return entry.key.name == key; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace

void Underlay(TomlNode& nearer, const TomlNode& farther) {
  auto* above = std::get_if<TomlNode::Table>(&nearer.value);
  const TomlNode::Table* below = farther.AsTable();
  if (above == nullptr || below == nullptr) return;
  for (const TomlEntry& entry : *below) {
    TomlEntry* own = FindMutable(*above, entry.key.name);
    if (own == nullptr) {
      above->push_back(entry);
    } else if (entry.key.name == "columns" && own->node.AsTable() != nullptr &&
               entry.node.AsTable() != nullptr) {
      // A column called `columns` is no further level: its name stands in a table of columns.
      auto& columns = std::get<TomlNode::Table>(own->node.value);
      for (const TomlEntry& column : *entry.node.AsTable()) {
        if (FindMutable(columns, column.key.name) == nullptr) columns.push_back(column);
      }
    }
  }
}

bool DescribesTable(std::string_view key) {
  return std::ranges::find(kDescription, key) != kDescription.end();
}

void UnderlayDescription(TomlNode& nearer, const TomlNode& farther) {
  auto* above = std::get_if<TomlNode::Table>(&nearer.value);
  const TomlNode::Table* below = farther.AsTable();
  if (above == nullptr || below == nullptr) return;
  for (const TomlEntry& entry : *below) {
    if (DescribesTable(entry.key.name) && FindMutable(*above, entry.key.name) == nullptr)
      above->push_back(entry);
  }
}

const TomlEntry* FindEntry(const TomlNode& table, std::string_view key) {
  const TomlNode::Table* entries = table.AsTable();
  if (entries == nullptr) return nullptr;
  const auto found =
      std::ranges::find_if(*entries, [&](const TomlEntry& entry) { return entry.key.name == key; });
  return found == entries->end() ? nullptr : &*found;
}

}  // namespace amont
