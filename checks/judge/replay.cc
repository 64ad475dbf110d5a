#include "checks/judge/replay.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace amont {
namespace {

std::string ProblemOf(const SeriesPoint& point, const std::optional<Timestamp>& last) {
  if (std::isnan(point.value)) return "there is no number";
  if (std::isinf(point.value)) return "it is not finite";
  if (point.value < 0) return "a count is never negative";
  if (last && point.at == *last) return "there was a value for this time already";
  if (last && point.at < *last) return "it is earlier than the value before it";
  return {};
}

}  // namespace

BaselineSeason SeasonOf(std::span<const SeriesPoint> points) {
  std::vector<Duration> steps;
  for (size_t i = 1; i < points.size(); ++i) {
    if (points[i].at > points[i - 1].at) steps.push_back(points[i].at - points[i - 1].at);
  }
  if (steps.empty()) return BaselineSeason::kDay;
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  if (*middle >= std::chrono::hours(20) && *middle <= std::chrono::hours(28)) return BaselineSeason::kDay;
  if (*middle >= std::chrono::minutes(50) && *middle <= std::chrono::hours(2)) return BaselineSeason::kHour;
  return BaselineSeason::kNone;
}

std::vector<ReplayedPoint> Replay(std::span<const SeriesPoint> points, const BaselineOptions& options,
                                  const Zone& zone) {
  std::set<Date> holidays;
  for (const SeriesPoint& point : points) {
    if (point.holiday) holidays.insert(zone.LocalDay(point.at));
  }
  Baseline baseline(options);
  std::vector<ReplayedPoint> replayed;
  replayed.reserve(points.size());
  std::optional<Timestamp> last;
  for (const SeriesPoint& point : points) {
    ReplayedPoint& answer = replayed.emplace_back();
    answer.problem = ProblemOf(point, last);
    answer.judgement.value = point.value;
    if (!answer.problem.empty()) continue;
    answer.judgement = baseline.Observe(MomentAt(point.at, zone, &holidays), point.value);
    last = point.at;
  }
  return replayed;
}

double ReplaySummary::IncidentsAYear() const {
  return days < 1 ? 0 : static_cast<double>(incidents) * 365 / days;
}

ReplaySummary Summarise(std::span<const SeriesPoint> points, std::span<const ReplayedPoint> replayed) {
  ReplaySummary summary;
  bool open = false;
  std::optional<Timestamp> first;
  for (size_t i = 0; i < replayed.size(); ++i) {
    ++summary.points;
    if (!replayed[i].problem.empty()) {
      ++summary.left_out;
      continue;
    }
    const BaselineJudgement& judgement = replayed[i].judgement;
    if (judgement.status == BaselineStatus::kLearning) {
      ++summary.learning;
      continue;
    }
    if (!first) first = points[i].at;
    summary.days = std::chrono::duration<double, std::ratio<86400>>(points[i].at - *first).count();
    summary.alerts += judgement.Alerts() ? 1 : 0;
    summary.incidents += judgement.Alerts() && !open ? 1 : 0;
    open = judgement.Alerts();
  }
  return summary;
}

}  // namespace amont
