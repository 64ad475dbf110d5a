// Explain: the plan of selected checks as it would run now, without running it.
//
// Opens a connection a source where it is to look at live catalogs. Blocks; ends within 200 ms of a stop.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "checks/plan/planner.h"
#include "core/diagnostic.h"
#include "server/config/config.h"
#include "server/config/selection.h"
#include "server/executor/canceller.h"

namespace amont {

struct ExplainOrder {
  Selection selection;
  PlanOptions options;    // max_scan_rows is each source's own; `now` the source's where it is asked
  bool connects = false;  // reads live catalogs; otherwise wildcards are not shown and nothing is proven
};

struct ExplainedSource {
  std::string source;
  Plan plan;
  std::vector<CheckPtr> checks;  // what the plan's uses count
  std::string text;              // as `amont plan` prints it
};

struct Explained {
  std::vector<ExplainedSource> sources;  // those with something to measure
  std::map<std::string, Error> cut;      // sources that could not be asked
  std::vector<CheckPtr> known;           // all checks of these sources, selected or not
  Diagnostics diagnostics;               // of wildcards
};

Explained Explain(const Config& config, const ExplainOrder& order, Canceller& canceller,
                  std::stop_token stop);

}  // namespace amont
