#include "checks/judge/judge.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "checks/judge/evidence.h"
#include "core/limits.h"

namespace amont {

namespace {

constexpr std::string_view kOtherGroups = "(other)";

// Counts of a group that is not there are zero; any other metric of it has nothing to say.
bool IsCount(const Metric& metric) { return std::holds_alternative<RowCount>(metric); }

// Measurements of every group, by name, in order; a check without group_by has the one group "".
std::map<std::string, std::vector<const Measurement*>> ByGroup(std::span<const Measurement> measurements) {
  std::map<std::string, std::vector<const Measurement*>> groups;
  for (const Measurement& measurement : measurements) groups[measurement.group].push_back(&measurement);
  return groups;
}

// Groups that are judged although the result has no row of them: declared ones, and those seen lately.
std::vector<std::string> AbsentGroups(const Check& check, const History& history,
                                      const std::map<std::string, std::vector<const Measurement*>>& present,
                                      Timestamp now) {
  std::vector<std::string> absent = check.groups_expected;
  for (const PastPoint& point : history.points) {
    const bool lately = point.at >= now - std::chrono::days(limits::kGroupSeenDays);
    const bool had_something = AsNumber(point.value).value_or(1) != 0;
    if (lately && had_something && point.group != kOtherGroups && !point.group.empty()) absent.push_back(point.group);
  }
  std::sort(absent.begin(), absent.end());
  absent.erase(std::unique(absent.begin(), absent.end()), absent.end());
  std::erase_if(absent, [&](const std::string& group) { return present.contains(group); });
  return absent;
}

Evidence Gather(const Check& check, const std::string& group, const std::vector<const Measurement*>& measurements,
                const History& history, Timestamp now) {
  Evidence evidence{check, group, nullptr, nullptr, nullptr, nullptr, nullptr, history, now};
  for (const Measurement* measurement : measurements) {
    switch (measurement->role) {
      case Role::kValue: evidence.value = measurement; break;
      case Role::kPer: evidence.per = measurement; break;
      case Role::kRows: evidence.rows = measurement; break;
      case Role::kFuture: evidence.future = measurement; break;
      case Role::kReference: evidence.reference = measurement; break;
    }
  }
  return evidence;
}

Grade GradeOf(const Evidence& evidence) {
  if (evidence.value == nullptr) return CannotJudge("no measurement came back");
  return std::visit([&](const auto& rule) { return Apply(rule, evidence); }, evidence.check.expectation);
}

// How bad a group's grade is among its siblings.
bool Worse(const Grade& left, const Grade& right) { return left.status > right.status; }

void Take(Verdict& verdict, Grade grade, std::string group) {
  verdict.status = grade.status;
  verdict.observed = std::move(grade.observed);
  verdict.sentence = std::move(grade.sentence);
  verdict.expected_min = grade.expected_min;
  verdict.expected_max = grade.expected_max;
  verdict.deadline = grade.deadline;
  verdict.mark = std::move(grade.mark);
  verdict.accept_schema = grade.accept_schema;
  verdict.group = std::move(group);
  if (verdict.status == Status::kError && !verdict.error) {
    verdict.error = MakeError(ErrorCode::kInvalid, verdict.sentence);
  }
}

Verdict Blank(const CheckPtr& check, Timestamp now) {
  Verdict verdict;
  verdict.check = check;
  verdict.expected = ToText(check->expectation);
  verdict.at = now;
  return verdict;
}

void JudgeGroups(Verdict& verdict, const Check& check, std::span<const Measurement> measurements,
                 const History& history, Timestamp now) {
  const auto present = ByGroup(measurements);
  // A vanished group is measured as zero rows.
  Measurement zero;
  zero.at = zero.source_now = now;
  zero.value = IsCount(check.measure.metric) ? Value(int64_t{0}) : Value();
  Measurement no_rows = zero;
  no_rows.role = Role::kRows;
  no_rows.value = int64_t{0};

  std::vector<std::pair<std::string, Grade>> grades;
  for (const auto& [group, of_group] : present) {
    grades.emplace_back(group, GradeOf(Gather(check, group, of_group, history, now)));
  }
  for (const std::string& group : AbsentGroups(check, history, present, now)) {
    std::vector<const Measurement*> nothing = {&zero};
    if (!IsCount(check.measure.metric)) nothing.push_back(&no_rows);
    grades.emplace_back(group, GradeOf(Gather(check, group, nothing, history, now)));
  }
  if (grades.empty()) {
    Measurement none = zero;
    return Take(verdict, Empty(Gather(check, "", {&none}, history, now)), "");
  }
  const auto worst = std::max_element(grades.begin(), grades.end(), [](const auto& left, const auto& right) {
    return Worse(right.second, left.second);
  });
  size_t as_bad = 0;
  for (const auto& [group, grade] : grades) {
    verdict.groups.push_back({group, grade.status, grade.observed, grade.sentence});
    as_bad += grade.status == worst->second.status ? 1 : 0;
  }
  const std::string group = worst->first;
  Grade grade = worst->second;
  grade.sentence = fmt::format("{} = {}: {}", check.measure.group_by, group, grade.sentence);
  if (as_bad > 1 && grade.status != Status::kPass) grade.sentence += fmt::format(" (and {} more)", as_bad - 1);
  Take(verdict, std::move(grade), group);
}

}  // namespace

const PastPoint* Evidence::LastPoint() const {
  for (auto point = history.points.rbegin(); point != history.points.rend(); ++point) {
    if (point->group == group) return &*point;
  }
  return nullptr;
}

bool Evidence::NoRows() const { return rows != nullptr && AsInteger(rows->value) == int64_t{0}; }

Grade Empty(const Evidence& evidence) {
  Grade grade;
  grade.status = evidence.check.on_empty;
  const std::string& where = evidence.check.measure.where;
  grade.sentence = where.empty() ? "no rows to judge" : fmt::format("no rows to judge where {}", where);
  return grade;
}

Grade CannotJudge(std::string why) {
  Grade grade;
  grade.status = Status::kError;
  grade.sentence = std::move(why);
  return grade;
}

Verdict Judge(const CheckPtr& check, std::span<const Measurement> measurements, const History& history,
              Timestamp now) {
  Verdict verdict = Blank(check, now);
  for (const Measurement& measurement : measurements) {
    // A reference that could not be measured is no reference; anything else is needed.
    if (!measurement.error || measurement.role == Role::kReference) continue;
    verdict.status = Status::kError;
    verdict.error = measurement.error;
    verdict.sentence = measurement.error->message;
    return verdict;
  }
  for (const Measurement& measurement : measurements) {
    if (measurement.role != Role::kValue) continue;
    verdict.at = measurement.source_now;
    verdict.window_to = measurement.window_to;
    if (measurement.facts != nullptr) verdict.columns = measurement.facts->columns;
  }
  if (!check->measure.group_by.empty()) {
    JudgeGroups(verdict, *check, measurements, history, now);
  } else {
    std::vector<const Measurement*> all;
    for (const Measurement& measurement : measurements) all.push_back(&measurement);
    Take(verdict, GradeOf(Gather(*check, "", all, history, now)), "");
  }
  return verdict;
}

Verdict JudgeProven(const CheckPtr& check, std::string proof, Timestamp now) {
  Verdict verdict = Blank(check, now);
  verdict.status = Status::kPass;
  verdict.observed = int64_t{0};
  verdict.sentence = fmt::format("proven by {}", proof);
  verdict.proof = std::move(proof);
  return verdict;
}

}  // namespace amont
