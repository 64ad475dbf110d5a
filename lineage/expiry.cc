#include "lineage/expiry.h"

namespace amont {

std::optional<Timestamp> ExpiresAt(Provenance provenance, Timestamp last_seen, const ExpiryRules& rules) {
  Duration kept{};
  if (provenance == Provenance::kOpenLineage) kept = rules.openlineage;
  if (provenance == Provenance::kSql) kept = rules.sql;
  if (kept <= Duration::zero()) return std::nullopt;
  if (last_seen > Timestamp::max() - kept) return std::nullopt;
  return last_seen + kept;
}

bool Holds(const Edge& edge, Timestamp at, const ExpiryRules& rules) {
  if (edge.first_seen > at) return false;
  if (edge.ended && *edge.ended <= at) return false;
  const auto expires = ExpiresAt(edge.provenance, edge.last_seen, rules);
  return !expires || at < *expires;
}

}  // namespace amont
