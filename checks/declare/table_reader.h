// TableReader: one [[table]], all its layers laid under it, becomes a Table and its Checks.
//
// Holds what many tables share: zones and schedules are parsed once each. Single-threaded; lives for one
// reading.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "checks/declare/declarations.h"
#include "checks/declare/table_wildcard.h"
#include "checks/kinds/kind.h"

namespace amont {

class TableReader {
 public:
  TableReader(const Surroundings& surroundings, Diagnostics& diagnostics);

  // The table itself. `node` holds every layer; `name.source` may be a source that is not there.
  // `pii`: what wildcards say of its columns.
  Table ReadTable(const TomlNode& node, const TableName& name, const Span& declared_at,
                  std::span<const PiiRule> pii = {});
  // What a block says of all its checks: severity, pilot, enabled.
  Lowering ReadLowering(const TomlNode& node, const std::shared_ptr<const Table>& table);
  // Its checks: the kinds' blocks, the shorthands and what is always on, lowered under `table`.
  Lowered ReadChecks(const TomlNode& node, const std::shared_ptr<const Table>& table);

  // The source of a block: its `source` or that of its defaults (may be null), else the only one there is.
  // Empty, with a diagnostic, where that is unknown.
  std::string ReadSource(const TomlNode& node, const TomlNode* defaults);
  // A diagnostic where `source` is unknown.
  bool CheckSource(const std::string& source, const Span& place);

 private:
  std::shared_ptr<const Calendar> ReadCalendar(TomlReader& reader);
  Zone ReadZone(TomlReader& reader, const std::string& source);
  Schedule ReadSchedule(TomlReader& reader, const Zone& zone);
  std::vector<TableName> ReadUpstream(TomlReader& reader, const TableName& self);
  std::vector<std::string> ReadFeeds(TomlReader& reader);
  std::vector<std::string> ReadWas(TomlReader& reader, const TableName& self);
  int ReadTier(TomlReader& reader);
  std::string ReadOwner(TomlReader& reader);

  const Surroundings& surroundings_;
  Diagnostics& diagnostics_;
  std::vector<std::string> sources_;
  std::map<std::string, Zone, std::less<>> zones_;
  std::map<std::pair<std::string, std::string>, Schedule> schedules_;  // by text and zone
};

}  // namespace amont
