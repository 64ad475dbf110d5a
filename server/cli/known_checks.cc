#include "server/cli/known_checks.h"

#include <map>

namespace amont {

Result<TableName> TableOfId(const std::string& id) {
  bool quoted = false;
  size_t end = 0;
  for (; end < id.size() && (quoted || id[end] != ':'); ++end) quoted ^= id[end] == '"';
  return ParseTableName(id.substr(0, end), "");
}

std::vector<CheckPtr> ChecksOfTables(const Config& config, const std::vector<TableName>& tables) {
  std::map<std::string, Catalog> catalogs;  // by source
  for (const auto& pattern : config.declarations.patterns) catalogs[SourceOf(*pattern)];
  for (const TableName& name : tables) catalogs[name.source].tables[name].name = name;
  std::vector<CheckPtr> checks;
  for (const auto& [source, catalog] : catalogs) {
    Diagnostics unheard;  // a run says them
    const auto expanded =
        Expand(config.declarations, config.surroundings, source, catalog, {}, unheard).checks;
    checks.insert(checks.end(), expanded.begin(), expanded.end());
  }
  return checks;
}

}  // namespace amont
