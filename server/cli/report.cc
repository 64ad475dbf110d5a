#include "server/cli/report.h"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace amont {

namespace {

constexpr std::array kWorstFirst = {Status::kFail,   Status::kError,    Status::kWarn,
                                    Status::kNoData, Status::kLearning, Status::kPass};

std::string_view Word(Status status) {
  switch (status) {
    case Status::kFail:
      return "failed";
    case Status::kError:
      return "could not be measured";
    case Status::kWarn:
      return "warned";
    case Status::kNoData:
      return "had no data";
    case Status::kLearning:
      return "learning";
    case Status::kPass:
      return "passed";
  }
  return "";
}

bool Counts(const Verdict& verdict) { return !verdict.pilot; }

// The worst verdict that counts, then the worst of all.
std::tuple<int, int> Badness(const Conclusion& table) {
  Status counting = Status::kPass;
  Status any = Status::kPass;
  for (const Verdict& verdict : table.verdicts) {
    any = std::max(any, verdict.status);
    if (Counts(verdict)) counting = std::max(counting, verdict.status);
  }
  return {-static_cast<int>(counting), -static_cast<int>(any)};
}

}  // namespace

void RunReport::Arrange() {
  const auto tier = [](const Conclusion& table) {
    return table.table->tier == 0 ? 1'000 : table.table->tier;
  };
  std::sort(tables.begin(), tables.end(), [&](const Conclusion& left, const Conclusion& right) {
    return std::tuple(Badness(left), tier(left), left.table->name) <
           std::tuple(Badness(right), tier(right), right.table->name);
  });
  for (Conclusion& table : tables) {
    std::stable_sort(
        table.verdicts.begin(), table.verdicts.end(), [](const Verdict& left, const Verdict& right) {
          const auto rank = [](const Verdict& verdict) {
            return std::tuple(verdict.pilot || verdict.suppressed, -static_cast<int>(verdict.status),
                              -static_cast<int>(verdict.check->severity));
          };
          return rank(left) < rank(right);
        });
  }
}

size_t Tally::Of(Status status) const {
  const auto it = by_status.find(status);
  return it == by_status.end() ? 0 : it->second;
}

Tally TallyOf(const std::vector<Verdict>& verdicts) {
  Tally tally;
  tally.checks = verdicts.size();
  for (const Verdict& verdict : verdicts) {
    if (verdict.pilot) {
      ++tally.pilots;
    } else if (verdict.suppressed) {
      ++tally.suppressed;
    } else {
      ++tally.by_status[verdict.status];
    }
  }
  return tally;
}

Tally TallyOf(const RunReport& report) {
  Tally all;
  for (const Conclusion& table : report.tables) {
    const Tally one = TallyOf(table.verdicts);
    all.checks += one.checks;
    all.pilots += one.pilots;
    all.suppressed += one.suppressed;
    for (const auto& [status, count] : one.by_status) all.by_status[status] += count;
  }
  return all;
}

std::string Words(const Tally& tally) {
  std::vector<std::string> words;
  for (const Status status : kWorstFirst) {
    if (const size_t count = tally.Of(status)) words.push_back(fmt::format("{} {}", count, Word(status)));
  }
  if (tally.suppressed > 0) words.push_back(fmt::format("{} not measured for that", tally.suppressed));
  if (tally.pilots > 0) words.push_back(fmt::format("{} in pilot", tally.pilots));
  return fmt::format("{}", fmt::join(words, ", "));
}

int ExitCode(const RunReport& report, FailOn fail_on) {
  if (report.interrupted) return 130;
  bool failed = false;
  bool unknown = false;
  for (const Conclusion& table : report.tables) {
    for (const Verdict& verdict : table.verdicts) {
      if (!Counts(verdict)) continue;
      const bool bad =
          verdict.status == Status::kFail || (fail_on == FailOn::kWarn && verdict.status == Status::kWarn);
      failed |= bad && verdict.check->severity != Severity::kInfo;
      unknown |= verdict.status == Status::kError || verdict.status == Status::kNoData;
    }
  }
  return failed ? 1 : unknown ? 2 : 0;
}

}  // namespace amont
