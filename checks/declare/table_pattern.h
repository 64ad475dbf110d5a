// TablePattern: a [[table]] whose name is a wildcard. It keeps its TOML, to be lowered again for each table
// it matches. Immutable once declared; shared by pointer between threads.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "checks/declare/table_wildcard.h"
#include "core/schedule.h"
#include "core/toml_reader.h"

namespace amont {

struct TablePattern {
  bool sound = true;  // its source is known; otherwise it is read for its mistakes only
  TableWildcard wildcard;
  std::vector<TableWildcard> exclude;
  bool views = false;  // include = ["views", "foreign", "leaves"]
  bool foreign = false;
  bool leaves = false;
  std::vector<NamePattern> references;  // tables its checks compare with
  std::vector<Schedule> schedules;      // that its checks may have, each once
  Span declared_at;
  TomlNode node;                             // what stands in the block itself
  std::shared_ptr<const TomlNode> defaults;  // what lies under it; may be null

  // What the captures hold where the name matches and is not excluded.
  std::optional<Captures> Match(const TableName& name) const;
  bool Includes(RelationKind kind) const;
  // The block as it reads for one table: captures filled, without and with its defaults.
  TomlNode Own(const Captures& captures) const;
  TomlNode Filled(const Captures& captures) const;
  // The same where the captures hold nothing real: without the keys that would then make no sense. kNames:
  // those that name something declared elsewhere (owner, calendar …); kDescription: all that describe the
  // table.
  enum class Unknown { kNames, kDescription };
  TomlNode ForReading(const Captures& captures, Unknown left_out) const;
};

}  // namespace amont
