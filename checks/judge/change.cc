// ChangeWithin: against an earlier value of the same check.

#include <fmt/format.h>

#include <cmath>

#include "checks/judge/evidence.h"
#include "checks/judge/phrase.h"
#include "checks/judge/reference.h"

namespace amont {

namespace {

struct Reference {
  double value = 0;
  Timestamp at;
};

Timestamp When(const PastPoint& point) { return Sane(point.window_to ? *point.window_to : point.at); }

// What history has to offer to a value taken at `at`.
struct Candidates {
  const PastPoint* nearest = nullptr;   // to the time `versus` earlier, within half of it
  const PastPoint* passing = nullptr;   // the last that passed
  const PastPoint* accepted = nullptr;  // the last that somebody accepted
};

Candidates Collect(const ChangeWithin& rule, const Evidence& evidence, Timestamp at, Timestamp target) {
  Candidates candidates;
  for (const PastPoint& point : evidence.history.points) {
    // Counts of a window and of the whole table do not compare, should the declaration have changed.
    const bool alike = point.window_to.has_value() == evidence.check.measure.window.has_value();
    const Timestamp when = When(point);
    if (point.group != evidence.group || !alike || when >= at || !IsComparable(point)) continue;
    if (point.accepted) candidates.accepted = &point;
    if (point.status == Status::kPass) candidates.passing = &point;
    const auto away = std::chrono::abs(when - target);
    if (away > rule.versus / 2) continue;
    if (candidates.nearest == nullptr || away <= std::chrono::abs(When(*candidates.nearest) - target)) {
      candidates.nearest = &point;
    }
  }
  return candidates;
}

// What the table itself says of the past window, where that was asked and could be measured.
std::optional<Reference> PastWindow(const Evidence& evidence, Timestamp target) {
  if (evidence.reference == nullptr) return std::nullopt;
  const double value = AsNumber(evidence.reference->value).value_or(INFINITY);
  if (!std::isfinite(value)) return std::nullopt;
  return Reference{value, Sane(evidence.reference->window_to.value_or(target))};
}

std::optional<Reference> FindReference(const ChangeWithin& rule, const Evidence& evidence) {
  const Timestamp at = evidence.WindowEnd().value_or(evidence.now);
  const Timestamp target = VersusBefore(at, rule.versus, evidence.check);
  const Candidates candidates = Collect(rule, evidence, at, target);
  const std::optional<Reference> past = PastWindow(evidence, target);
  // The past window is measured only where history had nothing near: then it is the better reference.
  const PastPoint* chosen = candidates.nearest;
  if (chosen == nullptr && !past) chosen = candidates.passing;
  const PastPoint* accepted = candidates.accepted;
  if (accepted != nullptr && (chosen == nullptr || When(*accepted) > When(*chosen))) chosen = accepted;
  if (chosen == nullptr) return past;
  return Reference{AsNumber(chosen->value).value_or(0), When(*chosen)};
}

// How far the value moved, in one of the two ways to say it.
struct Change {
  double difference = 0;
  double ratio = 0;  // of the reference; meaningless where that is 0
};

double In(const Change& change, const ChangeBounds& bounds) {
  return bounds.relative ? change.ratio : change.difference;
}

// The bound that is broken; what is no number (infinity less infinity) breaks any.
std::optional<double> Broken(const Change& change, const ChangeBounds& bounds) {
  constexpr double kRounding = 1e-12;  // −30% stays −30% over the rounding of a division
  const double moved = In(change, bounds);
  const auto slack = [&](double bound) { return bounds.relative ? kRounding * std::abs(bound) : 0; };
  if (bounds.min && !(moved >= *bounds.min - slack(*bounds.min))) return bounds.min;
  if (bounds.max && !(moved <= *bounds.max + slack(*bounds.max))) return bounds.max;
  return std::nullopt;
}

ChangeUnit UnitOf(const ChangeBounds& bounds, bool as_ratio) {
  if (bounds.relative) return ChangeUnit::kPercent;
  return as_ratio ? ChangeUnit::kPoints : ChangeUnit::kPlain;
}

// "−30% to +50% allowed", "a fall of at most 30% allowed", "a rise of at least 5% expected".
std::string Allowed(const ChangeBounds& bounds, ChangeUnit unit) {
  if (bounds.min && bounds.max) {
    return fmt::format("{} to {} allowed", ChangeBoundText(*bounds.min, unit),
                       ChangeBoundText(*bounds.max, unit));
  }
  const double bound = bounds.min ? *bounds.min : bounds.max.value_or(0);
  if (bound == 0) return bounds.min ? "no fall allowed" : "no rise allowed";
  const bool limits_fall = bound < 0;
  const bool is_limit =
      bounds.min.has_value() == limits_fall;  // a fall of at least, a rise of at least: a demand
  return fmt::format("a {} of at {} {} {}", limits_fall ? "fall" : "rise", is_limit ? "most" : "least",
                     ChangeBoundText(bound, unit, true), is_limit ? "allowed" : "expected");
}

std::string Wish(const ChangeBounds& bounds, double broken, ChangeUnit unit) {
  const bool below = bounds.min && broken == *bounds.min;
  return fmt::format("warns {} {}", below ? "below" : "above", ChangeBoundText(broken, unit));
}

// The bounds as values around the reference, for reports and metrics.
void SetExpected(Grade& grade, const ChangeBounds& bounds, double reference) {
  const auto around = [&](double bound) {
    return reference + (bounds.relative ? std::abs(reference) * bound : bound);
  };
  if (bounds.min) grade.expected_min = around(*bounds.min);
  if (bounds.max) grade.expected_max = around(*bounds.max);
}

Grade Learning(const ChangeWithin& rule, const Evidence& evidence, const Value& observed,
               const Figures& figures) {
  Grade grade;
  grade.status = Status::kLearning;
  grade.observed = observed;
  grade.sentence = fmt::format("{}; nothing from {} before to compare with yet",
                               evidence.Say(observed, figures), HumanDuration(rule.versus));
  return grade;
}

// "on 2026-11-16 05:00", or its window: "on 2026-11-16".
std::string OnWhen(Timestamp at, const Evidence& evidence) {
  const auto& window = evidence.check.measure.window;
  if (window) return WindowText(*window, at, evidence.check.ZoneOf());
  return "on " + WhenText(at, evidence.check.ZoneOf());
}

Grade Compared(const ChangeWithin& rule, const Evidence& evidence, const Value& observed, double number,
               const Reference& reference, const Figures& figures) {
  const ChangeBounds& first = rule.fail.empty() ? rule.warn : rule.fail;
  Change change;
  change.difference = number - reference.value;
  change.ratio = reference.value == 0 ? 0 : change.difference / std::abs(reference.value);

  Grade grade;
  grade.observed = observed;
  SetExpected(grade, first, reference.value);
  std::optional<double> broken = Broken(change, rule.fail);
  const ChangeBounds* said = &first;
  if (broken) {
    grade.status = Status::kFail;
  } else if ((broken = Broken(change, rule.warn))) {
    grade.status = Status::kWarn;
    said = &rule.warn;
  }
  const ChangeUnit unit = UnitOf(*said, figures.as_ratio);
  const double moved = In(change, *said);
  if (broken) grade.excess = Excess(moved, *broken);
  const std::string against = moved == 0 ? "as"
                                         : fmt::format("{} against {}", ChangeText(moved, unit, broken),
                                                       ObservedText(Value(reference.value), figures));
  grade.sentence =
      fmt::format("{}, {} {}", evidence.Say(observed, figures), against, OnWhen(reference.at, evidence));
  if (grade.status == Status::kFail) grade.sentence += "; " + Allowed(*said, unit);
  if (grade.status == Status::kWarn) grade.sentence += "; " + Wish(*said, *broken, unit);
  return grade;
}

}  // namespace

Grade Apply(const ChangeWithin& rule, const Evidence& evidence) {
  const Observation observation = Observe(evidence);
  if (observation.instead) return *observation.instead;
  const Value& observed = observation.value;
  const Figures figures{evidence.check.measure.per.has_value(), evidence.check.ZoneOf()};
  if (IsNull(observed)) return Empty(evidence, evidence.Say(observed, figures));
  const auto number = AsNumber(observed);
  if (!number) {
    const bool nan = std::holds_alternative<double>(observed) || std::holds_alternative<Decimal>(observed);
    if (!nan)
      return CannotJudge(fmt::format("the value is {} where a number is expected", KindText(observed)));
    Grade grade;
    grade.status = Status::kFail;
    grade.excess = INFINITY;
    grade.observed = observed;
    grade.sentence = fmt::format("{}; a number expected", evidence.Say(observed, figures));
    return grade;
  }
  const auto reference = FindReference(rule, evidence);
  if (!reference) return Learning(rule, evidence, observed, figures);
  const ChangeBounds& first = rule.fail.empty() ? rule.warn : rule.fail;
  if (first.relative && reference->value == 0) {
    Grade grade;
    grade.status = Status::kNoData;
    grade.observed = observed;
    grade.sentence = fmt::format("{}; it was 0 {}, and no percentage of that can be told",
                                 evidence.Say(observed, figures), OnWhen(reference->at, evidence));
    return grade;
  }
  Grade grade = Compared(rule, evidence, observed, *number, *reference, figures);
  if (grade.status != Status::kPass || *number != 0 || !CountsRows(evidence.check.measure)) return grade;
  Grade empty = NoRowsToJudge(evidence);
  empty.observed = observed;
  return empty;
}

}  // namespace amont
