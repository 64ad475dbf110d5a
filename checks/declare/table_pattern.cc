#include "checks/declare/table_pattern.h"

#include <algorithm>
#include <array>

#include "checks/declare/captures.h"
#include "checks/declare/declarations.h"
#include "checks/declare/layers.h"

namespace amont {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"owner", "calendar", "timezone", "schedule"};

// Leaves out the names of things declared elsewhere that blocks of checks take from a capture.
void DropNamesOfChecks(TomlNode& node, const std::vector<std::string>& captures) {
  if (auto* items = std::get_if<TomlNode::Array>(&node.value)) {
    for (TomlNode& item : *items) DropNamesOfChecks(item, captures);
  } else if (auto* entries = std::get_if<TomlNode::Table>(&node.value)) {
    std::erase_if(*entries, [&](const TomlEntry& entry) {
      return entry.node.AsString() != nullptr && std::ranges::find(kNames, entry.key.name) != kNames.end() &&
             std::ranges::any_of(captures,
                                 [&](const std::string& capture) { return Mentions(entry.node, capture); });
    });
    for (TomlEntry& entry : *entries) DropNamesOfChecks(entry.node, captures);
  }
}

}  // namespace

std::optional<Captures> TablePattern::Match(const TableName& name) const {
  std::optional<Captures> captures = wildcard.Match(name);
  if (!captures) return std::nullopt;
  if (std::ranges::any_of(exclude, [&](const TableWildcard& excluded) { return excluded.Excludes(name); })) {
    return std::nullopt;
  }
  return captures;
}

bool TablePattern::Includes(RelationKind kind) const {
  switch (kind) {
    case RelationKind::kTable:
    case RelationKind::kPartitioned:
    case RelationKind::kMaterializedView:
    case RelationKind::kFile:
      return true;
    case RelationKind::kView:
      return views;
    case RelationKind::kForeign:
      return foreign;
    case RelationKind::kPartition:
      return leaves;
  }
  return false;
}

TomlNode TablePattern::Own(const Captures& captures) const {
  TomlNode own = node;
  FillCaptures(own, captures);
  return own;
}

TomlNode TablePattern::Filled(const Captures& captures) const {
  TomlNode filled = node;
  if (defaults != nullptr) Underlay(filled, *defaults);
  FillCaptures(filled, captures);
  return filled;
}

TomlNode TablePattern::ForReading(const Captures& captures, Unknown left_out) const {
  TomlNode read = node;
  if (defaults != nullptr) Underlay(read, *defaults);
  std::erase_if(std::get<TomlNode::Table>(read.value), [&](const TomlEntry& entry) {
    const bool considered = left_out == Unknown::kNames
                                ? std::ranges::find(kNames, entry.key.name) != kNames.end()
                                : DescribesTable(entry.key.name);
    return considered && std::ranges::any_of(wildcard.captures(), [&](const std::string& capture) {
             return Mentions(entry.node, capture);
           });
  });
  for (TomlEntry& entry : std::get<TomlNode::Table>(read.value)) {
    DropNamesOfChecks(entry.node, wildcard.captures());
  }
  FillCaptures(read, captures);
  return read;
}

const std::string& SourceOf(const TablePattern& pattern) { return pattern.wildcard.source(); }

NamePattern PatternOf(const TablePattern& pattern) {
  NamePattern asked = pattern.wildcard.Pattern();
  asked.include_views = pattern.views;
  asked.include_foreign = pattern.foreign;
  asked.include_partitions = pattern.leaves;
  return asked;
}

const std::vector<NamePattern>& ReferencesOf(const TablePattern& pattern) { return pattern.references; }

const std::vector<Schedule>& SchedulesOf(const TablePattern& pattern) { return pattern.schedules; }

}  // namespace amont
