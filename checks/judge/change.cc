// ChangeWithin: against an earlier value of the same check.

#include <cmath>

#include <fmt/format.h>

#include "checks/judge/evidence.h"
#include "checks/judge/phrase.h"

namespace amont {

namespace {

struct Reference {
  double value = 0;
  Timestamp at;
};

bool NotFailed(const PastPoint& point) {
  return point.accepted || point.status == Status::kPass || point.status == Status::kWarn ||
         point.status == Status::kLearning;
}

// When the value that is judged counts as taken: a window at its end.
Timestamp When(const Evidence& evidence) {
  return evidence.value->window_to ? *evidence.value->window_to : evidence.now;
}
Timestamp When(const PastPoint& point) { return point.window_to ? *point.window_to : point.at; }

// `versus` before `at`; with a calendar, whole days step over days off.
Timestamp Before(Timestamp at, Duration versus, const Check& check) {
  const Calendar* calendar = check.CalendarOf();
  const auto days = std::chrono::floor<std::chrono::days>(versus);
  if (calendar == nullptr || days != versus || days.count() == 0) return at - versus;
  const LocalTime local = calendar->zone.ToLocal(at);
  const auto midnight = std::chrono::floor<std::chrono::days>(local);
  const Date day(midnight.time_since_epoch());
  const Date back = calendar->StepBack(day, static_cast<int>(days.count()));
  return calendar->zone.ToInstant(LocalTime(Duration(back.time_since_epoch())) + (local - midnight));
}

// The not-failed point nearest to `target` and within half of `versus` of it (the later of two as near), else the last
// passing one, else what the table itself says of the past window. A value somebody accepted later replaces it.
std::optional<Reference> FindReference(const ChangeWithin& rule, const Evidence& evidence) {
  const Timestamp at = When(evidence);
  const Timestamp target = Before(at, rule.versus, evidence.check);
  const PastPoint* nearest = nullptr;
  const PastPoint* passing = nullptr;
  const PastPoint* accepted = nullptr;
  for (const PastPoint& point : evidence.history.points) {
    const Timestamp when = When(point);
    if (point.group != evidence.group || !AsNumber(point.value) || when >= at) continue;
    if (point.accepted) accepted = &point;
    if (point.status == Status::kPass) passing = &point;
    const auto away = std::chrono::abs(when - target);
    if (!NotFailed(point) || away > rule.versus / 2) continue;
    if (nearest == nullptr || away <= std::chrono::abs(When(*nearest) - target)) nearest = &point;
  }
  const PastPoint* chosen = nearest;
  if (chosen == nullptr && evidence.reference == nullptr) chosen = passing;
  if (accepted != nullptr && (chosen == nullptr || When(*accepted) > When(*chosen))) chosen = accepted;
  if (chosen != nullptr) return Reference{*AsNumber(chosen->value), When(*chosen)};
  if (evidence.reference != nullptr && !evidence.reference->error) {
    const Timestamp then = evidence.reference->window_to.value_or(target);
    if (const auto value = AsNumber(evidence.reference->value)) return Reference{*value, then};
  }
  if (passing != nullptr) return Reference{*AsNumber(passing->value), When(*passing)};
  return std::nullopt;
}

bool Outside(double change, const ChangeBounds& bounds) {
  return (bounds.min && change < *bounds.min) || (bounds.max && change > *bounds.max);
}

std::string ChangeText(double change, bool relative) {
  if (relative) return SignedPercentText(change);
  const std::string text = HumanText(Value(std::abs(change)));
  return (change < 0 ? "−" : "+") + text;
}

std::string Allowed(const ChangeBounds& bounds) {
  if (bounds.min && bounds.max) {
    return fmt::format("{} to {} allowed", ChangeText(*bounds.min, bounds.relative),
                       ChangeText(*bounds.max, bounds.relative));
  }
  if (bounds.min) return fmt::format("at least {} expected", ChangeText(*bounds.min, bounds.relative));
  return fmt::format("at most {} allowed", ChangeText(*bounds.max, bounds.relative));
}

// The bounds as values around the reference, for reports and metrics.
void SetExpected(Grade& grade, const ChangeBounds& bounds, double reference) {
  const auto around = [&](double bound) { return bounds.relative ? reference * (1 + bound) : reference + bound; };
  if (bounds.min) grade.expected_min = around(*bounds.min);
  if (bounds.max) grade.expected_max = around(*bounds.max);
}

}  // namespace

Grade Apply(const ChangeWithin& rule, const Evidence& evidence) {
  Value observed = evidence.value->value;
  auto number = AsNumber(observed);
  if (number && evidence.per != nullptr) {
    const auto per = AsNumber(evidence.per->value);
    if (!per || *per == 0) return Empty(evidence);
    number = *number / *per;
    observed = *number;
  }
  if (evidence.NoRows() || IsNull(observed)) return Empty(evidence);
  if (!number) return CannotJudge("a change needs a number");

  Grade grade;
  grade.observed = observed;
  const std::string phrase = ObservedPhrase(evidence.check.measure, observed, evidence.per != nullptr);
  const auto reference = FindReference(rule, evidence);
  if (!reference) {
    grade.status = Status::kLearning;
    grade.sentence = fmt::format("{}; nothing to compare with yet ({} earlier)", phrase, HumanDuration(rule.versus));
    return grade;
  }
  const std::string when = WhenText(reference->at, evidence.check.ZoneOf());
  const bool relative = rule.fail.empty() ? rule.warn.relative : rule.fail.relative;
  const double difference = *number - reference->value;
  if (relative && reference->value == 0) {
    grade.status = Status::kNoData;
    grade.sentence = fmt::format("{}; it was 0 on {}, and a percentage of 0 says nothing", phrase, when);
    return grade;
  }
  const double ratio = reference->value == 0 ? 0 : difference / std::abs(reference->value);
  const auto of = [&](const ChangeBounds& bounds) { return bounds.relative ? ratio : difference; };
  SetExpected(grade, rule.fail.empty() ? rule.warn : rule.fail, reference->value);
  grade.sentence =
      fmt::format("{}, {} against {} on {}", phrase, ChangeText(relative ? ratio : difference, relative),
                  evidence.per != nullptr ? PercentText(reference->value) : HumanText(Value(reference->value)), when);
  if (Outside(of(rule.fail), rule.fail)) {
    grade.status = Status::kFail;
    grade.sentence += fmt::format("; {}", Allowed(rule.fail));
  } else if (Outside(of(rule.warn), rule.warn)) {
    grade.status = Status::kWarn;
    grade.sentence += fmt::format("; {}", Allowed(rule.warn));
  }
  return grade;
}

}  // namespace amont
