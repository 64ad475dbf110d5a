// Groups: each is judged on its own, those that were expected and did not come as well; the worst speaks for
// the check.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "checks/group_name.h"
#include "checks/judge/evidence.h"
#include "core/limits.h"

namespace amont {

namespace {

constexpr size_t kNamesShown = 4;

using ByName = std::map<std::string, std::vector<const Measurement*>>;

// Counts of a group that is not there are zero; any other metric of it has nothing to say.
bool IsCount(const Metric& metric) { return std::holds_alternative<RowCount>(metric); }

bool HasValue(const std::vector<const Measurement*>& measurements) {
  return std::any_of(measurements.begin(), measurements.end(),
                     [](const Measurement* one) { return one->role == Role::kValue; });
}

// How many rows stand in (other), where there are more groups than are shown.
std::optional<double> RowsOfOthers(const ByName& came) {
  const auto other = came.find(std::string(kOtherGroup));
  if (other == came.end()) return std::nullopt;
  for (const Measurement* measurement : other->second) {
    if (measurement->role == Role::kValue) return AsNumber(measurement->value).value_or(0);
  }
  return std::nullopt;
}

// Groups that are judged although they did not come: declared ones, those seen lately (both keep a line of
// their own however small they are), and those of the past window, unless they may stand in (other) now.
std::set<std::string> AbsentGroups(const Check& check, const History& history, const ByName& came,
                                   Timestamp now) {
  std::set<std::string> absent(check.groups_expected.begin(), check.groups_expected.end());
  const auto had_rows = [&](const Value& value) {
    return !IsCount(check.measure.metric) || AsNumber(value).value_or(0) > 0;
  };
  for (const PastPoint& point : history.points) {
    const bool lately = Sane(point.at) >= now - std::chrono::days(limits::kGroupSeenDays);
    if (lately && !point.group.empty() && had_rows(point.value)) absent.insert(point.group);
  }
  const std::optional<double> others = RowsOfOthers(came);
  for (const auto& [group, measurements] : came) {
    for (const Measurement* measurement : measurements) {
      if (measurement->role != Role::kReference || !had_rows(measurement->value)) continue;
      const bool hidden = others && AsNumber(measurement->value).value_or(0) <= *others;
      if (!hidden) absent.insert(group);
    }
  }
  absent.erase(std::string(kOtherGroup));
  std::erase_if(absent, [&](const std::string& group) {
    const auto present = came.find(group);
    return present != came.end() && HasValue(present->second);
  });
  return absent;
}

// Worse; among equals the one further outside its bound, then the one that turns bad first.
bool SpeaksBefore(const Grade& left, const Grade& right) {
  if (left.status != right.status) return left.status > right.status;
  if (left.excess != right.excess) return left.excess > right.excess;
  return left.deadline && right.deadline && *left.deadline < *right.deadline;
}

// "country = FR: no rows; at least 10 expected (likewise DE, IT and 3 more)".
std::string NameGroups(const Check& check, const std::vector<GroupVerdict>& groups, const std::string& worst,
                       const Grade& grade) {
  const auto shown = [](const std::string& group) {
    return group.empty() ? std::string("''") : Shortened(group);
  };
  std::vector<std::string> others;
  for (const GroupVerdict& group : groups) {
    if (group.status == grade.status && group.group != worst) others.push_back(shown(group.group));
  }
  const std::string& column = check.measure.group_by;
  if (grade.status == Status::kPass && !others.empty()) {
    return fmt::format("{} groups of {}: all pass", groups.size(), column);
  }
  std::string sentence = fmt::format("{} = {}: {}", column, shown(worst), grade.sentence);
  if (others.empty()) return sentence;
  const size_t named = others.size() <= kNamesShown ? others.size() : kNamesShown - 1;
  sentence += fmt::format(" (likewise {}",
                          fmt::join(others.begin(), others.begin() + static_cast<long>(named), ", "));
  if (others.size() > named) sentence += fmt::format(" and {} more", others.size() - named);
  return sentence + ")";
}

}  // namespace

void JudgeGroups(Verdict& verdict, std::span<const Measurement> measurements, const History& history,
                 Timestamp now) {
  const Check& check = *verdict.check;
  ByName came;
  for (const Measurement& measurement : measurements) {
    if (!measurement.error) came[measurement.group].push_back(&measurement);
  }
  // A group that did not come is measured as zero rows.
  Measurement zero;
  zero.at = zero.source_now = now;
  zero.window_to = verdict.window_to;
  zero.value = IsCount(check.measure.metric) ? Value(int64_t{0}) : Value();
  Measurement no_rows = zero;
  no_rows.role = Role::kRows;
  no_rows.value = int64_t{0};
  const std::set<std::string> absent = AbsentGroups(check, history, came, now);
  for (const std::string& group : absent) {
    std::vector<const Measurement*>& nothing = came[group];
    nothing.push_back(&zero);
    if (!IsCount(check.measure.metric)) nothing.push_back(&no_rows);
  }
  std::erase_if(came, [](const auto& group) { return !HasValue(group.second); });
  if (came.empty()) {
    const std::vector<const Measurement*> nothing = {&zero};
    return Take(verdict, NoRowsToJudge(Gather(check, "", nothing, history, now)), "");
  }

  std::map<std::string, Grade> grades;
  auto worst = grades.end();
  std::optional<Timestamp> deadline;
  for (const auto& [group, of_group] : came) {
    const auto added = grades.emplace(group, GradeOf(Gather(check, group, of_group, history, now))).first;
    const Grade& grade = added->second;
    verdict.groups.push_back({group, grade.status, grade.observed, grade.sentence});
    if (worst == grades.end() || SpeaksBefore(grade, worst->second)) worst = added;
    if (grade.deadline && (!deadline || *grade.deadline < *deadline)) deadline = grade.deadline;
  }
  Grade grade = worst->second;
  grade.sentence = NameGroups(check, verdict.groups, worst->first, grade);
  grade.deadline = deadline;
  Take(verdict, std::move(grade), worst->first);
}

}  // namespace amont
