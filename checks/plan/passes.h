// The passes of the planner, in order. Each takes what the one before it left; none loses a (check, role):
// see Misplaced.
#pragma once

#include <string>
#include <vector>

#include "checks/plan/wanted.h"

namespace amont {

// The same metric on the same rows, once.
std::vector<Wanted> Dedupe(std::vector<Wanted> wanted);

// Why the catalog already answers a check with zero bad rows: "unique index orders_pkey on (id)"; or nullopt.
std::optional<std::string> ProofOf(const Check& check, const CatalogTable* table);
// Drops what only proven checks wanted.
std::vector<Wanted> Prove(std::vector<Wanted> wanted, const Planning& planning, std::vector<Proof>& proofs);

// How each is asked, and the SQL expression of its slot. What would scan more rows than allowed is refused.
std::vector<Wanted> Classify(std::vector<Wanted> wanted, const Planning& planning,
                             std::vector<Refusal>& refusals);

// The condition of rows of `from` whose value stands in no row of the other table; that one is named r, so a
// table may refer to itself.
std::string OrphanTest(const Orphans& orphans, const std::string& from, const Dialect& dialect);

// Statements: one for all that read the same rows in the same way, limits::kSlotsPerStatement slots at most;
// without `fold`, or for checks that are planned apart, one each.
std::vector<Statement> Fold(std::vector<Wanted> wanted, const Planning& planning);

// Writes a statement's SQL from its parts.
void Render(Statement& statement, const Dialect& dialect);

// The requested uses that do not stand in exactly one place.
std::vector<Use> Misplaced(std::vector<Use> requested, const std::vector<Wanted>& wanted, const Plan& plan);

}  // namespace amont
