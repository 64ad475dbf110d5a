// BlockReader: the first look at a declaration file: which [[table]] blocks it has, under which names and
// defaults, and what in them is no key at all. Nothing is lowered yet: wildcards of any file may describe
// tables of any other.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "checks/declare/declarations.h"
#include "checks/declare/table_pattern.h"
#include "checks/declare/table_reader.h"

namespace amont {

// A [[table]] with an exact name.
struct TableBlock {
  TableName name;
  bool sound = true;  // its name and source are known; otherwise it is read for its mistakes only
  TomlNode node;      // without defaults
  std::shared_ptr<const TomlNode> defaults;  // may be null
};

class BlockReader {
 public:
  // `defaults` of amont.toml lie under those of every file.
  BlockReader(const Surroundings& surroundings, TableReader& tables, Diagnostics& diagnostics);

  void Read(const std::shared_ptr<const SourceText>& file);

  std::vector<TableBlock> blocks;
  std::vector<std::shared_ptr<TablePattern>> patterns;

 private:
  std::shared_ptr<const TomlNode> ReadDefaults(const TomlEntry* entry);
  void ReadBlock(TomlNode node, const std::shared_ptr<const TomlNode>& defaults);
  void ReadExact(TableBlock block, const std::optional<std::string>& text);
  void ReadPattern(TableBlock block, const std::string& text);
  void RejectUnknown(const TomlNode& node);
  void RejectWildcardKeys(const TomlNode& node);
  void ReadExclude(TomlReader& reader, TablePattern& pattern);
  void ReadInclude(const TomlNode& node, TablePattern& pattern);

  TableReader& tables_;
  Diagnostics& diagnostics_;
  std::shared_ptr<const TomlNode> defaults_;  // of amont.toml; may be null
};

}  // namespace amont
