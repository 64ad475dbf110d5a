// Expiry: whether an edge holds at a time. Nobody tells that an OpenLineage job or a script is gone, so what
// they said is believed for a while after it was last seen. Declared, dbt and catalog edges hold until a
// complete reading of their origin no longer says them. Pure.
#pragma once

#include <chrono>
#include <optional>

#include "core/time.h"
#include "lineage/edge.h"

namespace amont {

// How long an edge is believed after it was last seen. Zero or less: for ever.
struct ExpiryRules {
  Duration openlineage = std::chrono::days(30);
  Duration sql = std::chrono::days(30);
};

// When an edge of that provenance, unseen since `last_seen`, expires; nullopt: never.
std::optional<Timestamp> ExpiresAt(Provenance provenance, Timestamp last_seen, const ExpiryRules& rules);

// Whether the edge had been seen at `at`, and had neither ended nor expired.
bool Holds(const Edge& edge, Timestamp at, const ExpiryRules& rules);

}  // namespace amont
