// RunReport: what one run found, or how everything stands, and its renderings. Values; pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checks/run/source_run.h"
#include "server/cli/sheet.h"

namespace amont {

// Of a check that was judged some time ago: when, and when it will be again.
struct Standing {
  std::optional<Timestamp> since;         // when its status began; of `error`, the status before it
  std::optional<Timestamp> last_run;      // nullopt: never
  std::optional<Timestamp> last_success;  // the last run that measured
  std::optional<Timestamp> next_run;      // of a service; may have passed
};

struct RunReport {
  std::string config_path;  // empty: a service's own
  std::string told_by;      // the service or store that this is of; empty: we measured ourselves
  Timestamp started;        // of `standings`: when it was asked
  // By check id, where this is how things stand and not a run: then there are no statements and no duration.
  std::optional<std::map<std::string, Standing>> standings;
  std::optional<Timestamp> as_of;
  std::vector<Conclusion> tables;  // in any order; Arrange() sorts them
  size_t statements = 0;
  Duration took{};
  bool interrupted = false;
  std::vector<std::string> notes;  // "not recorded: …", "store is held by …"

  // Worst table first, then by tier and name; worst check first within a table.
  void Arrange();
};

enum class FailOn { kFail, kWarn };

// How many checks stand how; pilots and suppressed errors are counted apart.
struct Tally {
  std::map<Status, size_t> by_status;
  size_t pilots = 0;
  size_t suppressed = 0;
  size_t checks = 0;
  size_t Of(Status status) const;
};
Tally TallyOf(const std::vector<Verdict>& verdicts);
Tally TallyOf(const RunReport& report);
// "2 failed, 1 warned, 9 passed", worst first, what is zero left out.
std::string Words(const Tally& tally);

// 0 nothing failed · 1 a check of severity warning or above failed · 2 none failed but some were error or
// no_data · 130 interrupted. Pilots never count; info never fails.
int ExitCode(const RunReport& report, FailOn fail_on);

std::string RenderReportText(const RunReport& report, const TextStyle& style, int exit_code);
std::string RenderReportJson(const RunReport& report, int exit_code);
// One testsuite a table, one testcase a check.
std::string RenderReportJunit(const RunReport& report, FailOn fail_on);

}  // namespace amont
