#include "checks/declare/misplaced.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "checks/kinds/block.h"
#include "checks/kinds/check_keys.h"
#include "checks/kinds/kind.h"
#include "core/quoted.h"

namespace amont {
namespace {

bool Knows(std::span<const Key> keys, std::string_view name) { return FindKey(keys, name) != nullptr; }

class Walk {
 public:
  Walk(std::string_view root, int first_line, Diagnostics& diagnostics)
      : root_(root == "table" ? "[[table]]" : fmt::format("[{}]", root)),
        first_line_(first_line),
        diagnostics_(diagnostics) {}

  void Visit(TomlNode& node, const Key& key, const std::string& path, bool in_array = false) {
    if (auto* items = std::get_if<TomlNode::Array>(&node.value)) {
      for (TomlNode& item : *items) Visit(item, key, path, true);
    } else if (std::holds_alternative<TomlNode::Table>(node.value)) {
      const std::string where = in_array ? fmt::format("[[{}]]", path) : fmt::format("[{}]", path);
      if (key.shape == KeyShape::kNamedTables) {
        VisitNamed(node, key, path, where);
      } else {
        VisitTable(node, key, path, where);
      }
    }
  }

 private:
  // [table.columns]: every table in it is one of `key`'s; anything else with a table-level name strayed in.
  void VisitNamed(TomlNode& node, const Key& key, const std::string& path, const std::string& where) {
    Key each = key;
    each.shape = KeyShape::kTable;
    auto& entries = std::get<TomlNode::Table>(node.value);
    TakeOut(entries, where, [](const TomlEntry& entry) { return !HoldsTables(entry.node); });
    for (TomlEntry& entry : entries) Visit(entry.node, each, path + "." + entry.key.name);
  }

  void VisitTable(TomlNode& node, const Key& key, const std::string& path, const std::string& where) {
    auto& entries = std::get<TomlNode::Table>(node.value);
    if (node.header) {
      TakeOut(entries, where, [&](const TomlEntry& entry) {
        return !Knows(key.keys, entry.key.name) && !(key.check_keys && Knows(CheckKeys(), entry.key.name));
      });
    }
    for (TomlEntry& entry : entries) {
      const Key* inner = FindKey(key.keys, entry.key.name);
      if (inner != nullptr && !inner->keys.empty()) Visit(entry.node, *inner, path + "." + entry.key.name);
    }
  }

  template <class Strays>
  void TakeOut(TomlNode::Table& entries, const std::string& where, Strays strays) {
    std::erase_if(entries, [&](const TomlEntry& entry) {
      if (!strays(entry) || !Knows(TableKeys(), entry.key.name)) return false;
      diagnostics_.Error(entry.key.span,
                         fmt::format("{} belongs to {} and stands here under {}: move it above line {}",
                                     Quoted(entry.key.name), root_, where, first_line_));
      return true;
    });
  }

  std::string root_;
  int first_line_;
  Diagnostics& diagnostics_;
};

// The line of the first [….block] below the node: every key after it belongs to some block.
int FirstHeaderLine(const TomlNode& node) {
  int line = 0;
  const auto consider = [&](const Span& span) {
    if (span.line > 0 && (line == 0 || span.line < line)) line = span.line;
  };
  for (const TomlEntry& entry : *node.AsTable()) {
    const TomlNode::Array* items = entry.node.AsArray();
    const TomlNode::Table* inner = entry.node.AsTable();
    if (entry.node.header || (items != nullptr && !items->empty() && items->front().header)) {
      consider(entry.key.span);
    } else if (inner != nullptr) {
      for (const TomlEntry& below : *inner) {  // [table.columns.id] opens no [table.columns]
        if (below.node.header) consider(below.key.span);
      }
    }
  }
  return line;
}

}  // namespace

void TakeOutMisplaced(TomlNode& node, std::string_view root, Diagnostics& diagnostics) {
  auto* entries = std::get_if<TomlNode::Table>(&node.value);
  if (entries == nullptr) return;
  Walk walk(root, FirstHeaderLine(node), diagnostics);
  for (TomlEntry& entry : *entries) {
    for (const Kind& kind : Kinds()) {
      if (kind.key.name == entry.key.name)
        walk.Visit(entry.node, kind.key, fmt::format("{}.{}", root, kind.key.name));
    }
  }
}

}  // namespace amont
