#include "checks/plan/history_use.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace amont {

std::vector<Measurement> RememberedWindow(const Check& check, const WindowSpan& span, const History& history,
                                          Timestamp now) {
  std::map<std::string, const PastPoint*> latest;  // by group
  for (const PastPoint& point : history.points) {
    if (point.window_to == span.to && point.status != Status::kError) latest[point.group] = &point;
  }
  const Duration patience = std::max<Duration>(check.measure.window->delay, std::chrono::hours(1));
  std::vector<Measurement> remembered;
  for (const auto& [group, point] : latest) {
    if (point->measured < 2 && now - point->first_measured >= patience) return {};
    Measurement measurement;
    measurement.group = group;
    measurement.at = point->at;
    measurement.source_now = now;
    measurement.value = point->value;
    measurement.window_from = span.from;
    measurement.window_to = span.to;
    remembered.push_back(std::move(measurement));
  }
  return remembered;
}

bool HasReference(const ChangeWithin& rule, const History& history, const WindowSpan& span,
                  const WindowSpan& past) {
  return std::ranges::any_of(history.points, [&](const PastPoint& point) {
    const Timestamp when = point.window_to.value_or(point.at);
    if (!AsNumber(point.value) || when >= span.to) return false;
    if (point.accepted || point.status == Status::kPass) return true;
    const bool not_failed = point.status == Status::kWarn || point.status == Status::kLearning;
    return not_failed && std::chrono::abs(when - past.to) <= rule.versus / 2;
  });
}

}  // namespace amont
