// Between, NotEmptied: a number, a date or a text against bounds.

#include <fmt/format.h>

#include <cmath>

#include "checks/judge/evidence.h"
#include "checks/judge/phrase.h"

namespace amont {

namespace {

// How a value stands to bounds. A NaN is beyond any: it is measured, and it is not what was declared good.
enum class Standing { kInside, kBelow, kAbove, kNowhere, kIncomparable };

bool IsNan(const Value& value) {
  const auto order = Compare(value, Value(0.0));
  return order && *order == std::partial_ordering::unordered;
}

bool IsInstant(const Value& value) {
  return std::holds_alternative<Timestamp>(value) || std::holds_alternative<LocalTime>(value) ||
         std::holds_alternative<Date>(value);
}

// The instant of a date, a civil time or a text of one in the check's zone; other values as they are.
Value AsInstant(const Value& value, const Evidence& evidence) {
  const Zone& zone = evidence.check.ZoneOf();
  if (const auto* day = std::get_if<Date>(&value)) return zone.StartOf(*day);
  if (const auto* local = std::get_if<LocalTime>(&value)) return zone.ToInstantNotAfter(*local, evidence.now);
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (*text == "infinity") return Timestamp::max();
    if (*text == "-infinity") return Timestamp::min();
    const auto at = ParseTimestamp(*text);
    if (!at) return value;
    return HasOffset(*text) ? *at : zone.ToInstantNotAfter(LocalTime(at->time_since_epoch()), evidence.now);
  }
  return value;
}

// Ratios that differ only by the rounding of a division are equal, so that 7 of 1,000 is at most 0.7%.
bool IsSameRatio(const Value& left, const Value& right) {
  constexpr double kRounding = 1e-12;
  const auto a = AsNumber(left);
  const auto b = AsNumber(right);
  return a && b && std::abs(*a - *b) <= kRounding * std::abs(*b);
}

std::optional<std::partial_ordering> Order(const Value& value, const Value& bound, bool as_ratio,
                                           const Evidence& evidence) {
  if (as_ratio && IsSameRatio(value, bound)) return std::partial_ordering::equivalent;
  if (IsInstant(bound)) return Compare(AsInstant(value, evidence), AsInstant(bound, evidence));
  return Compare(value, bound);
}

Standing Stand(const Value& value, const Bounds& bounds, bool as_ratio, const Evidence& evidence) {
  if (!bounds.empty() && IsNan(value) && !IsInstant(bounds.min) && !IsInstant(bounds.max))
    return Standing::kNowhere;
  const auto min =
      IsNull(bounds.min) ? std::partial_ordering::equivalent : Order(value, bounds.min, as_ratio, evidence);
  const auto max =
      IsNull(bounds.max) ? std::partial_ordering::equivalent : Order(value, bounds.max, as_ratio, evidence);
  const auto unordered = std::partial_ordering::unordered;
  if (!min || !max || *min == unordered || *max == unordered) return Standing::kIncomparable;
  if (*min < 0) return Standing::kBelow;
  return *max > 0 ? Standing::kAbove : Standing::kInside;
}

// The bound that a value breaks.
Value Broken(const Bounds& bounds, Standing standing) {
  if (standing == Standing::kBelow) return bounds.min;
  return standing == Standing::kAbove ? bounds.max : Value();
}

// How far outside: of instants the seconds, as no instant is a part of another.
double ExcessOf(const Value& value, const Bounds& bounds, Standing standing, const Evidence& evidence) {
  const Value bound = Broken(bounds, standing);
  if (IsNull(bound)) return INFINITY;
  if (IsInstant(bound)) {
    const auto seconds = [&](const Value& of) {
      const Value instant = AsInstant(of, evidence);
      const auto* at = std::get_if<Timestamp>(&instant);
      return at == nullptr ? 0 : static_cast<double>(at->time_since_epoch().count()) / 1e6;
    };
    return std::abs(seconds(value) - seconds(bound));
  }
  const auto number = AsNumber(value);
  const auto limit = AsNumber(bound);
  return number && limit ? Excess(*number, *limit) : 0;
}

std::string Allowed(const Bounds& bounds, const Figures& figures) {
  const std::string min = IsNull(bounds.min) ? "" : BoundText(bounds.min, figures);
  const std::string max = IsNull(bounds.max) ? "" : BoundText(bounds.max, figures);
  if (!min.empty() && min == max) return fmt::format("exactly {} expected", min);
  if (!min.empty() && !max.empty()) return fmt::format("{} to {} allowed", min, max);
  return min.empty() ? fmt::format("at most {} allowed", max) : fmt::format("at least {} expected", min);
}

// What was promised, after the value that breaks it.
std::string Promise(const Bounds& bounds, Standing standing, const Metric& metric, const Figures& figures) {
  const bool counts = !std::holds_alternative<Aggregate>(metric) &&
                      !std::holds_alternative<CustomValue>(metric) &&
                      !std::holds_alternative<Percentile>(metric);
  if (counts && standing == Standing::kAbove && AsNumber(bounds.max) == 0.0) return "none allowed";
  return Allowed(bounds, figures);
}

std::string Wish(const Bounds& bounds, Standing standing, const Figures& figures) {
  const std::string min = IsNull(bounds.min) ? "" : BoundText(bounds.min, figures);
  const std::string max = IsNull(bounds.max) ? "" : BoundText(bounds.max, figures);
  if (standing == Standing::kNowhere && !min.empty() && !max.empty())
    return fmt::format("warns outside {} to {}", min, max);
  const bool below = standing == Standing::kBelow || max.empty();
  return below ? fmt::format("warns below {}", min) : fmt::format("warns above {}", max);
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

// A value of another kind than the bounds: the kind is said, never the value, which may be anything a query
// gave.
Grade Incomparable(const Value& value, const Bounds& bounds, const Evidence& evidence) {
  const Value& bound = IsNull(bounds.min) ? bounds.max : bounds.min;
  const std::string expected = IsInstant(bound) ? "a time" : AsNumber(bound) ? "a number" : KindText(bound);
  const std::string said = ObservedPhrase(evidence.check.measure.metric, Value(), KindText(value), false);
  return CannotJudge(fmt::format("{} where {} is expected", said, expected));
}

}  // namespace

Grade Apply(const Between& rule, const Evidence& evidence) {
  const Measure& measure = evidence.check.measure;
  const Observation observation = Observe(evidence);
  if (observation.instead) return *observation.instead;
  const Value& observed = observation.value;
  const Figures figures{rule.as_ratio || measure.per.has_value(), evidence.check.ZoneOf()};
  if (IsNull(observed)) return Empty(evidence, evidence.Say(observed, figures));

  Grade grade;
  grade.observed = observed;
  const Bounds& fail = FailBounds(rule, evidence.group);
  grade.expected_min = AsNumber(fail.min);
  grade.expected_max = AsNumber(fail.max);
  const Standing standing = Stand(observed, fail, figures.as_ratio, evidence);
  if (standing == Standing::kIncomparable) return Incomparable(observed, fail, evidence);
  if (standing != Standing::kInside) {
    grade.status = Status::kFail;
    grade.excess = ExcessOf(observed, fail, standing, evidence);
    grade.sentence = fmt::format("{}; {}", evidence.Say(observed, figures, Broken(fail, standing)),
                                 Promise(fail, standing, measure.metric, figures));
    return grade;
  }
  const Standing wish = Stand(observed, rule.warn, figures.as_ratio, evidence);
  if (wish == Standing::kIncomparable) return Incomparable(observed, rule.warn, evidence);
  if (wish != Standing::kInside) {
    grade.status = Status::kWarn;
    grade.excess = ExcessOf(observed, rule.warn, wish, evidence);
    grade.sentence = fmt::format("{}; {}", evidence.Say(observed, figures, Broken(rule.warn, wish)),
                                 Wish(rule.warn, wish, figures));
    return grade;
  }
  if (CountsRows(measure) && AsNumber(observed) == 0.0 && !AdmitsZero(fail) && !AdmitsZero(rule.warn)) {
    Grade empty = NoRowsToJudge(evidence);
    empty.observed = observed;
    return empty;
  }
  grade.sentence = evidence.Say(observed, figures);
  return grade;
}

namespace {

// What the planner's probe for presence answers.
constexpr std::string_view kSomeRows = "some";
constexpr std::string_view kNoRows = "none";

bool IsSome(const Value& value) { return value == Value(std::string(kSomeRows)); }

}  // namespace

Grade Apply(const NotEmptied&, const Evidence& evidence) {
  // A count, or, where nothing else counts the rows, only whether there are some.
  const Value& value = evidence.value->value;
  Grade grade;
  grade.observed = value == Value(std::string(kNoRows)) ? Value(int64_t{0}) : value;
  if (IsSome(grade.observed)) {
    grade.sentence = "has rows";
    return grade;
  }
  const auto rows = AsInteger(grade.observed);
  if (!rows) return CannotJudge("the row count is no number");
  if (*rows > 0) {
    grade.sentence = evidence.Say(grade.observed, {false, evidence.check.ZoneOf()});
    return grade;
  }
  // The newest point that had rows says since when there are none; a point somebody accepted ends the matter.
  const auto& points = evidence.history.points;
  for (auto point = points.rbegin(); point != points.rend(); ++point) {
    if (point->group != evidence.group) continue;
    const auto had = AsInteger(point->value);
    if (point->accepted && had == int64_t{0}) break;
    if (!IsSome(point->value) && had.value_or(0) <= 0) continue;
    const std::string count = !had ? "rows" : HumanText(point->value) + (*had == 1 ? " row" : " rows");
    grade.status = Status::kFail;
    grade.sentence =
        fmt::format("had {} on {}, has none now", count, WhenText(Sane(point->at), evidence.check.ZoneOf()));
    return grade;
  }
  return NoRowsToJudge(evidence);
}

}  // namespace amont
