#include "checks/check.h"

#include <algorithm>
#include <array>

#include "core/wildcard.h"

namespace amont {

std::string_view ToString(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kCritical:
      return "critical";
  }
  return "unknown";
}

std::string_view ToString(Status status) {
  switch (status) {
    case Status::kPass:
      return "pass";
    case Status::kLearning:
      return "learning";
    case Status::kNoData:
      return "no_data";
    case Status::kWarn:
      return "warn";
    case Status::kError:
      return "error";
    case Status::kFail:
      return "fail";
  }
  return "unknown";
}

std::optional<Status> ParseStatus(std::string_view text) {
  constexpr std::array kAll = {Status::kPass, Status::kLearning, Status::kNoData,
                               Status::kWarn, Status::kError,    Status::kFail};
  for (const Status status : kAll) {
    if (ToString(status) == text) return status;
  }
  return std::nullopt;
}

bool Table::IsPii(std::string_view column) const {
  const auto rule = std::find_if(pii.begin(), pii.end(), [&](const PiiRule& each) {
    return each.personal ? MatchesWildcard(each.column, column) : each.column == column;
  });
  return rule != pii.end() && rule->personal;
}

bool Check::IsPilot(Timestamp now) const {
  if (!pilot.on) return false;
  return !pilot.last_day || ZoneOf().LocalDay(now) <= *pilot.last_day;
}

}  // namespace amont
