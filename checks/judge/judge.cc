#include "checks/judge/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "checks/judge/evidence.h"

namespace amont {

namespace {

Verdict Blank(const CheckPtr& check, Timestamp now) {
  Verdict verdict;
  verdict.check = check;
  verdict.expected = ToText(check->expectation);
  verdict.at = now;
  return verdict;
}

// Whether the metric's value is made of the column's own values, which those of a pii column never are to
// leave.
bool ShowsValues(const Metric& metric) {
  return std::holds_alternative<Aggregate>(metric) || std::holds_alternative<Percentile>(metric) ||
         std::holds_alternative<NewestTimestamp>(metric);
}

// The pii column whose values a verdict would show, or empty. Declarations refuse such checks; this is the
// last door.
std::string RevealedColumn(const Check& check) {
  const Measure& measure = check.measure;
  if (!measure.group_by.empty() && check.table->IsPii(measure.group_by)) return measure.group_by;
  if (!ShowsValues(measure.metric)) return {};
  for (std::string& column : ColumnsOf(measure.metric)) {
    if (check.table->IsPii(column)) return std::move(column);
  }
  return {};
}

void Fail(Verdict& verdict, Error error) {
  verdict.status = Status::kError;
  verdict.sentence = error.message;
  verdict.error = std::move(error);
}

}  // namespace

Timestamp Sane(Timestamp at) {
  constexpr Timestamp kFirst = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
  constexpr Timestamp kLast = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);
  return std::clamp(at, kFirst, kLast);
}

const PastPoint* Evidence::LastPoint() const {
  for (auto point = history.points.rbegin(); point != history.points.rend(); ++point) {
    if (point->group == group) return &*point;
  }
  return nullptr;
}

bool Evidence::NoRows() const { return rows != nullptr && AsInteger(rows->value) == int64_t{0}; }

std::optional<Timestamp> Evidence::WindowEnd() const {
  if (!check.measure.window || value == nullptr || !value->window_to) return std::nullopt;
  return Sane(*value->window_to);
}

std::string Evidence::Say(const Value& observed, const Figures& figures, const Value& beside) const {
  return ObservedPhrase(check.measure.metric, observed, ObservedText(observed, figures, beside),
                        figures.as_ratio) +
         RowsMeant();
}

std::string Evidence::RowsMeant() const {
  std::string meant;
  if (!check.measure.where.empty()) meant += " where " + Shortened(check.measure.where);
  if (const auto to = WindowEnd()) meant += " " + WindowText(*check.measure.window, *to, check.ZoneOf());
  return meant;
}

Evidence Gather(const Check& check, std::string group, std::span<const Measurement* const> measurements,
                const History& history, Timestamp now) {
  Evidence evidence{check, std::move(group), nullptr, nullptr, nullptr, nullptr, nullptr, history, now};
  for (const Measurement* measurement : measurements) {
    switch (measurement->role) {
      case Role::kValue:
        evidence.value = measurement;
        break;
      case Role::kPer:
        evidence.per = measurement;
        break;
      case Role::kRows:
        evidence.rows = measurement;
        break;
      case Role::kFuture:
        evidence.future = measurement;
        break;
      case Role::kReference:
        evidence.reference = measurement;
        break;
    }
  }
  return evidence;
}

bool CountsRows(const Measure& measure) {
  return std::holds_alternative<RowCount>(measure.metric) && !measure.per;
}

Observation Observe(const Evidence& evidence) {
  const Value& value = evidence.value->value;
  if (CountsRows(evidence.check.measure)) return {value, std::nullopt};
  if (evidence.NoRows()) return {Value(), NoRowsToJudge(evidence)};
  if (!evidence.check.measure.per) return {value, std::nullopt};
  if (evidence.per == nullptr) return {Value(), CannotJudge("no measurement came back to divide by")};
  const Value& per = evidence.per->value;
  const auto whole = AsNumber(per);
  if (IsNull(per) || (whole && *whole == 0)) return {Value(), NoRowsToJudge(evidence)};
  if (IsNull(value)) return {value, std::nullopt};
  const auto part = AsNumber(value);
  if (!part || !whole) return {Value(), CannotJudge("a ratio needs two numbers")};
  return {Value(*part / *whole), std::nullopt};
}

Grade Empty(const Evidence& evidence, std::string why) {
  Grade grade;
  grade.status = evidence.check.on_empty;
  grade.sentence = grade.status == Status::kNoData ? "nothing to judge: " + why : std::move(why);
  return grade;
}

Grade NoRowsToJudge(const Evidence& evidence) {
  const bool query = std::holds_alternative<CustomValue>(evidence.check.measure.metric);
  return Empty(evidence, query ? "the query gives no rows" : "no rows" + evidence.RowsMeant());
}

Grade CannotJudge(std::string why) {
  Grade grade;
  grade.status = Status::kError;
  grade.sentence = std::move(why);
  return grade;
}

double Excess(double value, double bound) {
  constexpr double kNothing = 1e-9;  // a bound of 0 has no parts: there the distance alone orders
  const double distance = std::abs(value - bound);
  return std::isnan(distance) ? INFINITY : distance / std::max(std::abs(bound), kNothing);
}

Grade GradeOf(const Evidence& evidence) {
  if (evidence.value == nullptr) return CannotJudge("no measurement came back");
  return std::visit([&](const auto& rule) { return Apply(rule, evidence); }, evidence.check.expectation);
}

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

Verdict Judge(const CheckPtr& check, std::span<const Measurement> measurements, const History& history,
              Timestamp now) {
  now = Sane(now);
  Verdict verdict = Blank(check, now);
  if (const std::string column = RevealedColumn(*check); !column.empty()) {
    Fail(verdict,
         MakeError(ErrorCode::kInvalid,
                   fmt::format("{} is a pii column: its values may not leave the database", column)));
    return verdict;
  }
  for (const Measurement& measurement : measurements) {
    // A reference that could not be measured is no reference; anything else is needed.
    if (!measurement.error || measurement.role == Role::kReference) continue;
    Fail(verdict, *measurement.error);
    return verdict;
  }
  for (const Measurement& measurement : measurements) {
    if (measurement.role != Role::kValue) continue;
    // A statement may run long after the run's first look at the clock.
    verdict.at = std::max(verdict.at, Sane(measurement.source_now));
    verdict.window_to = measurement.window_to;
    if (measurement.facts != nullptr) verdict.columns = measurement.facts->columns;
  }
  if (!check->measure.group_by.empty()) {
    JudgeGroups(verdict, measurements, history, verdict.at);
  } else {
    std::vector<const Measurement*> sound;
    for (const Measurement& measurement : measurements) {
      if (!measurement.error) sound.push_back(&measurement);
    }
    Take(verdict, GradeOf(Gather(*check, "", sound, history, verdict.at)), "");
  }
  return verdict;
}

Verdict JudgeProven(const CheckPtr& check, std::string proof, Timestamp now) {
  Verdict verdict = Blank(check, Sane(now));
  verdict.status = Status::kPass;
  verdict.observed = int64_t{0};
  verdict.sentence = fmt::format("proven by {}", proof);
  verdict.proof = std::move(proof);
  return verdict;
}

}  // namespace amont
