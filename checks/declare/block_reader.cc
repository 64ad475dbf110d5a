#include "checks/declare/block_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "checks/declare/captures.h"
#include "checks/declare/layers.h"
#include "checks/declare/misplaced.h"
#include "core/quoted.h"

namespace amont {
namespace {

std::string WhereRootKeyBelongs(std::string_view key) {
  constexpr std::array<std::string_view, 7> kConfiguration = {"source", "owner",  "calendar", "store",
                                                              "checks", "owners", "sources"};
  if (std::ranges::find(kConfiguration, key) != kConfiguration.end()) return "it belongs to amont.toml";
  if (key == "tables" || key == "name") return "tables are declared as [[table]] name = \"schema.table\"";
  for (const Kind& kind : Kinds()) {
    if (kind.key.name == key) return fmt::format("write {} below its [[table]]", kind.block);
  }
  for (const Key& known : DefaultsKeys()) {
    if (known.name == key) return "it belongs to [defaults] or to a [[table]]";
  }
  return {};
}

std::string WhereDefaultsKeyBelongs(std::string_view key) {
  return key == "name" || key == "exclude" ? "it belongs to each [[table]]" : "";
}

void Know(TomlReader& reader, std::span<const Key> keys) {
  for (const Key& key : keys) reader.Know(key.name);
  for (const Kind& kind : Kinds()) reader.Know(kind.key.name);
}

}  // namespace

BlockReader::BlockReader(const Surroundings& surroundings, TableReader& tables, Diagnostics& diagnostics)
    : tables_(tables), diagnostics_(diagnostics) {
  if (!surroundings.defaults) return;
  const TomlEntry entry{{"defaults", surroundings.defaults->span}, *surroundings.defaults};
  defaults_ = ReadDefaults(&entry);
}

std::shared_ptr<const TomlNode> BlockReader::ReadDefaults(const TomlEntry* entry) {
  if (entry == nullptr) return defaults_;
  if (entry->node.AsTable() == nullptr) {
    diagnostics_.Error(entry->key.span, "`defaults` must be a table: [defaults]");
    return defaults_;
  }
  auto defaults = std::make_shared<TomlNode>(entry->node);
  TakeOutMisplaced(*defaults, "defaults", diagnostics_);
  {
    TomlReader reader(*defaults, "[defaults]", diagnostics_);
    Know(reader, DefaultsKeys());
    reader.RejectUnknown(&WhereDefaultsKeyBelongs);
  }
  // What nobody knows was said once, here; no table shall repeat it.
  auto& entries = std::get<TomlNode::Table>(defaults->value);
  std::erase_if(entries, [](const TomlEntry& each) {
    return each.key.name == "name" || each.key.name == "exclude" || each.key.name == "was";
  });
  if (defaults_ != nullptr) Underlay(*defaults, *defaults_);
  return defaults;
}

void BlockReader::Read(const std::shared_ptr<const SourceText>& file) {
  std::optional<TomlNode> root = ParseToml(file, diagnostics_);
  if (!root) return;
  TomlReader reader(*root, "", diagnostics_);
  const std::shared_ptr<const TomlNode> defaults = ReadDefaults(reader.Find("defaults"));
  reader.Know("table");
  reader.RejectUnknown(&WhereRootKeyBelongs);

  auto& entries = std::get<TomlNode::Table>(root->value);
  const auto table =
      std::ranges::find_if(entries, [](const TomlEntry& entry) { return entry.key.name == "table"; });
  if (table == entries.end()) return;
  if (table->node.AsTable() != nullptr) {
    diagnostics_.Error(table->key.span, "a table is declared with two brackets", "write [[table]]");
    ReadBlock(std::move(table->node), defaults);
  } else if (auto* items = std::get_if<TomlNode::Array>(&table->node.value)) {
    for (TomlNode& item : *items) ReadBlock(std::move(item), defaults);
  } else {
    diagnostics_.Error(table->node.span,
                       fmt::format("`table` must be [[table]], not {}", table->node.KindName()));
  }
}

void BlockReader::RejectUnknown(const TomlNode& node) {
  TomlReader reader(node, "[[table]]", diagnostics_);
  Know(reader, TableKeys());
  reader.RejectUnknown();
}

void BlockReader::ReadBlock(TomlNode node, const std::shared_ptr<const TomlNode>& defaults) {
  if (node.AsTable() == nullptr) {
    diagnostics_.Error(node.span, fmt::format("`table` must hold tables, not {}", node.KindName()));
    return;
  }
  TakeOutMisplaced(node, "table", diagnostics_);
  RejectUnknown(node);

  TableBlock block;
  block.node = std::move(node);
  block.defaults = defaults;
  TomlReader reader(block.node, "[[table]]", diagnostics_);
  if (reader.Find("name") == nullptr) diagnostics_.Error(block.node.span, "the table has no `name`");
  const std::optional<std::string> text = reader.String("name");
  if (text && TableWildcard::Is(*text)) {
    ReadPattern(std::move(block), *text);
  } else {
    ReadExact(std::move(block), text);
  }
}

void BlockReader::ReadExact(TableBlock block, const std::optional<std::string>& text) {
  block.sound = false;
  if (text) {
    const Span place = FindEntry(block.node, "name")->node.span;
    if (Result<TableName> name = ParseTableName(*text, "")) {
      block.name = std::move(*name);
      if (block.name.source.empty()) {
        block.name.source = tables_.ReadSource(block.node, block.defaults.get());
        block.sound = !block.name.source.empty();
      } else {
        block.sound = tables_.CheckSource(block.name.source, place);
      }
    } else {
      diagnostics_.Error(place, name.error().message);
    }
  }
  RejectWildcardKeys(block.node);
  blocks.push_back(std::move(block));
}

void BlockReader::RejectWildcardKeys(const TomlNode& node) {
  for (const std::string_view key : {"exclude", "include"}) {
    const TomlEntry* entry = FindEntry(node, key);
    if (entry == nullptr) continue;
    diagnostics_.Error(entry->key.span,
                       fmt::format("{} only makes sense where `name` is a wildcard", Quoted(key)));
  }
}

void BlockReader::ReadExclude(TomlReader& reader, TablePattern& pattern) {
  const TomlEntry* entry = reader.Find("exclude");
  const std::optional<std::vector<std::string>> texts = reader.StringOrStrings("exclude");
  if (!texts) return;
  const TomlNode::Array* items = entry->node.AsArray();
  for (size_t i = 0; i < texts->size(); ++i) {
    const Span& place = items == nullptr ? entry->node.span : (*items)[i].span;
    Result<TableWildcard> excluded = TableWildcard::Parse((*texts)[i], SourceOf(pattern));
    if (!excluded) {
      diagnostics_.Error(place, excluded.error().message);
    } else if (!excluded->captures().empty()) {
      diagnostics_.Error(place, "`exclude` captures nothing: write `*`");
    } else {
      pattern.exclude.push_back(std::move(*excluded));
    }
  }
}

void BlockReader::ReadInclude(const TomlNode& node, TablePattern& pattern) {
  TomlReader reader(node, "[[table]]", diagnostics_);
  const std::vector<std::string> known = {"views", "foreign", "leaves"};
  for (const std::string& word : reader.StringOrStrings("include").value_or(std::vector<std::string>())) {
    if (std::ranges::find(known, word) == known.end()) {
      diagnostics_.Error(reader.Place("include"),
                         fmt::format("`include` takes views, foreign and leaves, not {}", Quoted(word)),
                         DidYouMean(word, known));
    }
    pattern.views = pattern.views || word == "views";
    pattern.foreign = pattern.foreign || word == "foreign";
    pattern.leaves = pattern.leaves || word == "leaves";
  }
}

void BlockReader::ReadPattern(TableBlock block, const std::string& text) {
  TomlReader reader(block.node, "[[table]]", diagnostics_);
  const Span place = reader.Place("name");
  Result<TableWildcard> wildcard = TableWildcard::Parse(text, "");
  if (!wildcard) {
    diagnostics_.Error(place, wildcard.error().message);
    block.sound = false;
    blocks.push_back(std::move(block));
    return;
  }
  auto pattern = std::make_shared<TablePattern>();
  if (wildcard->source().empty()) {
    const std::string source = tables_.ReadSource(block.node, block.defaults.get());
    pattern->sound = !source.empty();
    wildcard->SetSource(source);
  } else {
    pattern->sound = tables_.CheckSource(wildcard->source(), place);
  }
  RejectMisspeltCaptures(block.node, wildcard->captures(), diagnostics_);
  pattern->wildcard = std::move(*wildcard);
  pattern->declared_at = block.node.span;
  ReadExclude(reader, *pattern);
  const bool by_default = FindEntry(block.node, "include") == nullptr && block.defaults != nullptr;
  ReadInclude(by_default ? *block.defaults : block.node, *pattern);
  pattern->defaults = block.defaults;
  pattern->node = std::move(block.node);
  patterns.push_back(std::move(pattern));
}

}  // namespace amont
