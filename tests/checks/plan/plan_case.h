// A planning case written as text: TOML declarations with the world they are planned in, in lines that begin
// with "#:".
//
//     #: engine postgres                     the default
//     #: now 2026-11-24T05:31:18Z            the default
//     #: as-of                               read rows before `now` only
//     #: disable fold                        a pass
//     #: max_scan_rows 1000
//     #: apart warehouse/mart.orders:null_count(email)
//     #: zone Europe/Paris                   of the source; default UTC
//     #: pii *email*                         of the source
//     #: table mart.orders                   in the catalog; without any table there is no catalog
//     #:   id bigint not null                a column; "secret" behind it: the role may not read it
//     #:   unique orders_pkey (id)
//     #:   index updated_at
//     #:   foreign orders_fk (customer_id) mart.customers.id
//     #:   rows 5000000
//     #:   grant GRANT SELECT ON …           the role may not read the table
//     #:   broken the file is cut short
//     #:   view                              nothing proves
//     #: past warehouse/mart.orders:volume 2026-11-23T23:00:00Z 100 pass    a remembered point: window's end
//     or time, value
//
// A mistake in the TOML fails the current test.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "checks/catalog.h"
#include "checks/check.h"
#include "checks/plan/planner.h"

namespace amont::testing {

struct PlanCase {
  Engine engine = Engine::kPostgres;
  std::vector<CheckPtr> checks;
  std::optional<Catalog> catalog;
  PlanOptions options;
  std::map<std::string, History> history;  // by check id
  std::unique_ptr<const Dialect> dialect;

  Plan Make();  // fills options.history from `history`
  const Catalog* CatalogOrNull() const { return catalog ? &*catalog : nullptr; }
  // The check whose id ends in `suffix`.
  size_t IndexOf(const std::string& suffix) const;

 private:
  std::vector<History> histories_;
};

PlanCase ReadPlanCase(const std::string& text);

// Checks of one TOML text for the source "warehouse".
std::vector<CheckPtr> DeclareChecks(const std::string& toml, Engine engine = Engine::kPostgres,
                                    const Zone& zone = {}, std::vector<std::string> pii = {});

}  // namespace amont::testing
