// What the catalog proves: no NULLs, no duplicates, no orphans. The facts themselves are strict about when
// they hold (see the catalog readers); a scope, a window or a where only takes rows away, so a proof holds
// for them too.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checks/plan/passes.h"

namespace amont {
namespace {

bool Allows(const Bounds& bounds, double number) {
  const auto at_least = IsNull(bounds.min) ? std::optional(-1e300) : AsNumber(bounds.min);
  const auto at_most = IsNull(bounds.max) ? std::optional(1e300) : AsNumber(bounds.max);
  return at_least && at_most && *at_least <= number && number <= *at_most;
}

// Whether zero satisfies all that the check demands, in every group.
bool ZeroIsGood(const Expectation& expectation) {
  const auto* between = std::get_if<Between>(&expectation);
  if (between == nullptr || !Allows(between->fail, 0) || !Allows(between->warn, 0)) return false;
  return std::ranges::all_of(between->groups, [](const auto& group) { return Allows(group.second, 0); });
}

std::string Parts(const std::vector<std::string>& columns) {
  std::string parts;
  for (const std::string& column : columns) {
    if (!parts.empty()) parts += ", ";
    parts += QuotePart(column);
  }
  return parts;
}

std::optional<std::string> NotNullProof(const NullCount& metric, const CatalogTable& table) {
  const CatalogColumn* column = table.Find(metric.column);
  if (!table.not_null_proves || column == nullptr || column->nullable) return std::nullopt;
  return fmt::format("NOT NULL of {}", QuotePart(metric.column));
}

// Unique over some of the columns is unique over all of them: keys with a NULL do not count.
std::optional<std::string> UniqueProof(const DuplicateCount& metric, const CatalogTable& table) {
  for (const UniqueIndex& index : table.unique) {
    const bool within = std::ranges::all_of(index.columns, [&](const std::string& column) {
      return std::ranges::find(metric.columns, column) != metric.columns.end();
    });
    if (within && !index.columns.empty()) {
      return fmt::format("unique index {} on ({})", QuotePart(index.name), Parts(index.columns));
    }
  }
  return std::nullopt;
}

std::optional<std::string> ReferenceProof(const Orphans& metric, const CatalogTable& table) {
  for (const ForeignKey& key : table.foreign_keys) {
    if (key.column == metric.column && key.other == metric.other && key.other_column == metric.other_column) {
      return fmt::format("foreign key {} to {}.{}", QuotePart(key.name), key.other.Local(),
                         QuotePart(key.other_column));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ProofOf(const Check& check, const CatalogTable* table) {
  if (table == nullptr || !ZeroIsGood(check.expectation)) return std::nullopt;
  const Metric& metric = check.measure.metric;
  if (const auto* nulls = std::get_if<NullCount>(&metric)) return NotNullProof(*nulls, *table);
  if (const auto* duplicates = std::get_if<DuplicateCount>(&metric)) return UniqueProof(*duplicates, *table);
  if (const auto* orphans = std::get_if<Orphans>(&metric)) return ReferenceProof(*orphans, *table);
  return std::nullopt;
}

std::vector<Wanted> Prove(std::vector<Wanted> wanted, const Planning& planning, std::vector<Proof>& proofs) {
  std::set<size_t> measured;  // checks that would be asked at all
  for (const Wanted& next : wanted) {
    for (const Use& use : next.uses) measured.insert(use.check);
  }
  std::set<size_t> proven;
  for (const size_t check : measured) {
    const CheckPtr& declared = planning.checks[check];
    if (auto proof = ProofOf(*declared, planning.Facts(declared->table->name))) {
      proofs.push_back({check, std::move(*proof)});
      proven.insert(check);
    }
  }
  for (Wanted& next : wanted) {
    std::erase_if(next.uses, [&](const Use& use) { return proven.contains(use.check); });
  }
  std::erase_if(wanted, [](const Wanted& next) { return next.uses.empty(); });
  return wanted;
}

}  // namespace amont
