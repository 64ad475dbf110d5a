// Between, NotEmptied: a number, a date or a text against bounds.

#include <fmt/format.h>

#include "checks/judge/evidence.h"
#include "checks/judge/phrase.h"

namespace amont {

namespace {

// How a value stands to bounds: inside, or beyond which one.
struct Standing {
  bool comparable = true;
  bool inside = true;
  bool below = false;
};

Standing Stand(const Value& value, const Bounds& bounds) {
  Standing standing;
  if (!IsNull(bounds.min)) {
    const auto order = Compare(value, bounds.min);
    if (!order || *order == std::partial_ordering::unordered) return {false, false, false};
    if (*order < 0) return {true, false, true};
  }
  if (!IsNull(bounds.max)) {
    const auto order = Compare(value, bounds.max);
    if (!order || *order == std::partial_ordering::unordered) return {false, false, false};
    if (*order > 0) return {true, false, false};
  }
  return standing;
}

std::string BoundText(const Value& bound, bool as_ratio) {
  const auto number = AsNumber(bound);
  return as_ratio && number ? PercentText(*number) : HumanText(bound);
}

std::string Allowed(const Bounds& bounds, bool as_ratio) {
  const std::string min = IsNull(bounds.min) ? "" : BoundText(bounds.min, as_ratio);
  const std::string max = IsNull(bounds.max) ? "" : BoundText(bounds.max, as_ratio);
  if (!min.empty() && min == max) return fmt::format("exactly {} allowed", min);
  if (!min.empty() && !max.empty()) return fmt::format("{} to {} allowed", min, max);
  if (!min.empty()) return fmt::format("at least {} expected", min);
  return fmt::format("at most {} allowed", max);
}

const Bounds& FailBounds(const Between& rule, const std::string& group) {
  const auto own = rule.groups.find(group);
  return own == rule.groups.end() ? rule.fail : own->second;
}

// Whether the declaration itself says that none is fine: "at most 0", "at least 0", "between 0 and 5".
bool AdmitsZero(const Bounds& bounds) {
  const auto min = AsNumber(bounds.min);
  const auto max = AsNumber(bounds.max);
  return (min && *min <= 0) || (max && *max == 0);
}

// The value judged: the metric, or the metric per the other one.
std::optional<Value> ObservedOf(const Evidence& evidence) {
  if (evidence.per == nullptr) return evidence.value->value;
  const auto numerator = AsNumber(evidence.value->value);
  const auto denominator = AsNumber(evidence.per->value);
  if (!numerator || !denominator || *denominator == 0) return std::nullopt;
  return Value(*numerator / *denominator);
}

}  // namespace

Grade Apply(const Between& rule, const Evidence& evidence) {
  const Bounds& fail = FailBounds(rule, evidence.group);
  const std::optional<Value> observed = ObservedOf(evidence);
  if (evidence.NoRows() || !observed || IsNull(*observed)) return Empty(evidence);

  Grade grade;
  grade.observed = *observed;
  grade.expected_min = AsNumber(fail.min);
  grade.expected_max = AsNumber(fail.max);
  const bool as_ratio = rule.as_ratio || evidence.check.measure.per.has_value();
  const std::string phrase = ObservedPhrase(evidence.check.measure, *observed, as_ratio);
  const Standing standing = Stand(*observed, fail);
  const Standing wish = Stand(*observed, rule.warn);
  if (!standing.comparable || !wish.comparable) {
    return CannotJudge(fmt::format("{} cannot be compared with {}", phrase,
                                   Allowed(standing.comparable ? rule.warn : fail, as_ratio)));
  }
  if (!standing.inside) {
    grade.status = Status::kFail;
    grade.sentence = fmt::format("{}; {}", phrase, Allowed(fail, as_ratio));
    return grade;
  }
  const bool zero_rows = std::holds_alternative<RowCount>(evidence.check.measure.metric) &&
                         !evidence.check.measure.per && AsInteger(*observed) == int64_t{0};
  if (zero_rows && !AdmitsZero(fail) && !AdmitsZero(rule.warn)) {
    Grade empty = Empty(evidence);
    empty.observed = *observed;
    return empty;
  }
  grade.status = wish.inside ? Status::kPass : Status::kWarn;
  grade.sentence = wish.inside ? phrase : fmt::format("{}; {}", phrase, Allowed(rule.warn, as_ratio));
  return grade;
}

Grade Apply(const NotEmptied&, const Evidence& evidence) {
  const auto rows = AsInteger(evidence.value->value);
  if (!rows) return CannotJudge("the row count is no number");
  Grade grade;
  grade.observed = *rows;
  if (*rows > 0) {
    grade.sentence = ObservedPhrase(evidence.check.measure, grade.observed, false);
    return grade;
  }
  // The newest point that had rows says since when there are none; a point somebody accepted ends the matter.
  const auto& points = evidence.history.points;
  for (auto point = points.rbegin(); point != points.rend(); ++point) {
    if (point->group != evidence.group) continue;
    if (point->accepted && AsInteger(point->value) == int64_t{0}) break;
    if (const auto had = AsInteger(point->value); had && *had > 0) {
      grade.status = Status::kFail;
      grade.sentence = fmt::format("had {} rows on {}, has none now", HumanText(point->value),
                                   WhenText(point->at, evidence.check.ZoneOf()));
      return grade;
    }
  }
  return Empty(evidence);
}

}  // namespace amont
