// Checks and states by the thousand, and single ones with odd names, for tests and measurements of telemetry.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checks/check.h"
#include "core/time.h"
#include "server/store/check_state.h"

namespace amont::testing {

inline constexpr int kSeededChecks = 5;  // of each table

inline Timestamp SeededNow() { return Timestamp(std::chrono::seconds(1'795'510'800)); }  // 2026-11-24T09:00Z

inline CheckPtr SeededCheck(const std::shared_ptr<const Table>& table, const std::string& kind,
                            const std::string& measure) {
  auto check = std::make_shared<Check>();
  check->table = table;
  check->id = table->name.Full() + ":" + measure;
  check->kind = kind;
  return check;
}

inline std::shared_ptr<const Table> SeededTable(const TableName& name) {
  auto table = std::make_shared<Table>();
  table->name = name;
  table->owner = "finance";
  table->tier = 1;
  return table;
}

// Freshness, volume and column checks of `tables` tables of the source `warehouse`.
inline std::vector<CheckPtr> SeededChecks(int tables) {
  std::vector<CheckPtr> checks;
  for (int i = 0; i < tables; ++i) {
    const auto table = SeededTable({"warehouse", "mart", "orders_of_region_" + std::to_string(i)});
    checks.push_back(SeededCheck(table, "freshness", "freshness"));
    checks.push_back(SeededCheck(table, "volume", "volume"));
    for (const char* column : {"customer_id", "amount", "placed_at"}) {
      checks.push_back(SeededCheck(table, "column", std::string("null_ratio(") + column + ")"));
    }
  }
  return checks;
}

// A check that was measured and passed, `value` being what was observed.
inline CheckState SeededState(const Check& check, double value, Timestamp at) {
  CheckState state;
  state.check = check.id;
  state.table = check.table->name.Full();
  state.status = Status::kPass;
  state.since = at - std::chrono::hours(24);
  state.last_run = at;
  state.last_success = at;
  state.value = value;
  state.expected_min = 0;
  state.expected_max = 93'600;
  if (check.kind == "freshness") {
    state.newest = at - std::chrono::minutes(17);
    state.deadline = at + std::chrono::hours(26);
  }
  if (check.kind == "volume") state.rows = static_cast<int64_t>(value);
  return state;
}

inline std::vector<CheckState> SeededStates(const std::vector<CheckPtr>& checks, Timestamp at) {
  std::vector<CheckState> states;
  states.reserve(checks.size());
  double value = 1000;
  for (const CheckPtr& check : checks) states.push_back(SeededState(*check, value += 17.25, at));
  return states;
}

}  // namespace amont::testing
