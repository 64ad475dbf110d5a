// The planner: from checks to the fewest statements that answer them. Pure.
//
// Checks are lowered to what must be measured, then named passes run over that, each switchable by name and
// verified after: dedupe → prove → classify (without it nothing is a probe) → fold. Last, each statement's
// SQL is rendered. Without a catalog (amont plan, offline) nothing is proven and nothing is settled.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "checks/catalog.h"
#include "checks/check.h"
#include "checks/plan/dialect.h"
#include "checks/plan/statement.h"
#include "checks/verdict.h"

namespace amont {

struct PlanOptions {
  Timestamp now;       // the engine's clock, or --as-of
  bool as_of = false;  // read rows before `now` only
  // All checks of the source, where those planned are a selection: --as-of needs their time columns.
  std::vector<CheckPtr> declared;
  std::set<std::string> disabled;                // passes by name
  int64_t max_scan_rows = limits::kMaxScanRows;  // 0: off
  std::set<std::string> apart;                   // ids of checks whose slots once failed a merged statement
  // One a check, same order, or empty: closed windows already measured are reused, and `change` without
  // history asks for the past window.
  std::vector<const History*> history;
};

struct Proof {  // passes without a statement
  size_t check = 0;
  std::string text;  // "unique index orders_pkey on (id)"
};

struct Refusal {  // cannot be asked: that check alone is `error`
  size_t check = 0;
  Error error;
  bool missing_column = false;  // `exists` fails for it
};

struct Reuse {  // a closed window's measurement taken from history
  Use use;
  Measurement measurement;
};

struct Plan {
  std::vector<Statement> statements;
  std::vector<Proof> proofs;
  std::vector<Refusal> refusals;
  std::vector<Reuse> reuses;
  std::vector<Use> from_catalog;  // Columns and ChangeMark: answered by the catalog itself
  std::vector<TableName> whole;   // --as-of: tables read whole, for no check names a time column
};

// Names of the switchable passes in order, for --disable and its did-you-mean.
const std::vector<std::string>& PassNames();

// All checks are of one source. Every (check, role) requested ends in exactly one of: a slot, a proof, a
// refusal, a reuse, from_catalog. A proof or a refusal stands for all roles of its check; of a reused window
// only the value, as the verdict observed it, is asked for.
Plan MakePlan(std::span<const CheckPtr> checks, const Catalog* catalog, const Dialect& dialect,
              const PlanOptions& options);

// The two halves of a statement that failed on data, the slots of one check together where they can be; empty
// where it has one slot.
std::vector<Statement> Halves(const Statement& statement, const Dialect& dialect);

// What a finished statement says: one Measurement a use and group. A slot missing from the rows is an error
// in it.
struct Answer {
  Use use;
  Measurement measurement;
};
std::vector<Answer> ReadAnswers(const Statement& statement, const Rows& rows,
                                std::span<const CheckPtr> checks, const PlanOptions& options);

// Rows that show a failure of check `index` (at most its `samples`), or nullopt where it shows none: pii, no
// samples asked, or nothing to list. Columns that are personal data are left out; a user's query of a table
// that has some shows only the table's other columns.
std::optional<Statement> PlanSamples(std::span<const CheckPtr> checks, size_t index, const Catalog& catalog,
                                     const Dialect& dialect, const PlanOptions& options);

// The rows of such a statement as texts.
Samples ReadSamples(const Rows& rows);

// The text of `amont plan`: every statement's SQL, its slots and the checks they serve, proofs and refusals.
std::string RenderPlan(const Plan& plan, std::span<const CheckPtr> checks);

}  // namespace amont
