#include "server/app/wildcard_checks.h"

#include <algorithm>
#include <iterator>

namespace amont {

Result<WildcardTables> ReadWildcardTables(const Config& config, Store& store) {
  WildcardTables tables;
  for (const auto& pattern : config.declarations.patterns) {
    const std::string& source = SourceOf(*pattern);
    if (tables.contains(source)) continue;
    AMONT_TRY(tables[source], store.ReadKnownTables(source, {}));
  }
  return tables;
}

WildcardChecks ChecksOfWildcards(const Config& config, const WildcardTables& tables,
                                 const std::set<std::string>& judged) {
  WildcardChecks found;
  for (const auto& [source, known] : tables) {
    Diagnostics unheard;  // a run says them
    std::vector<CheckPtr>& checks = found[source];
    checks = Expand(config.declarations, config.surroundings, source, {}, known, unheard).checks;
    std::erase_if(checks, [&](const CheckPtr& check) {
      return check->table->is_pattern && !judged.contains(check->id);
    });
  }
  return found;
}

std::vector<CheckPtr> WithWildcards(const Declarations& declarations, const WildcardChecks& found) {
  std::vector<CheckPtr> all = declarations.checks;
  std::set<std::string_view> declared;
  for (const CheckPtr& check : declarations.checks) declared.insert(check->id);
  for (const auto& [source, checks] : found) {
    std::copy_if(checks.begin(), checks.end(), std::back_inserter(all),
                 [&](const CheckPtr& check) { return !declared.contains(check->id); });
  }
  return all;
}

}  // namespace amont
