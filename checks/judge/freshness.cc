// MaxAge, ArrivedBy: how old the newest row is, by age or by deadline; measured in a column or observed as a change.

#include <algorithm>

#include <fmt/format.h>

#include "checks/judge/evidence.h"
#include "checks/judge/phrase.h"
#include "core/limits.h"

namespace amont {

namespace {

// When the table last got something, or a grade that says why that cannot be told.
struct Newest {
  std::optional<Timestamp> at;
  std::string mark;              // observed freshness
  bool first_sample = false;
  std::optional<Grade> instead;
};

// The instant a value means: a naive time in the table's zone, a day from its end.
std::optional<Timestamp> InstantOf(const Value& value, const Zone& zone, Timestamp now) {
  if (const auto* at = std::get_if<Timestamp>(&value)) return *at;
  if (const auto* local = std::get_if<LocalTime>(&value)) return zone.ToInstantNotAfter(*local, now);
  if (const auto* day = std::get_if<Date>(&value)) return zone.StartOf(*day + std::chrono::days(1));
  if (const auto* text = std::get_if<std::string>(&value)) {
    const auto at = ParseTimestamp(*text);
    if (!at) return std::nullopt;
    if (text->size() == FormatDate(Date{}).size()) return zone.StartOf(DayOf(*at) + std::chrono::days(1));
    return HasOffset(*text) ? *at : zone.ToInstantNotAfter(LocalTime(at->time_since_epoch()), now);
  }
  return std::nullopt;
}

Newest Observed(const Evidence& evidence) {
  Newest newest;
  const CatalogTable* facts = evidence.value->facts;
  if (facts == nullptr) {
    newest.instead = CannotJudge(fmt::format("{} does not exist", evidence.check.table->name.Local()));
    return newest;
  }
  if (facts->change_mark.empty()) {
    const bool reason = !facts->change_mark_error.empty();
    newest.instead = CannotJudge(reason ? facts->change_mark_error : "no change counters here; declare a column");
    return newest;
  }
  newest.mark = facts->change_mark;
  const PastPoint* last = evidence.LastPoint();
  const auto* changed = last == nullptr ? nullptr : std::get_if<Timestamp>(&last->value);
  newest.first_sample = changed == nullptr;
  if (changed == nullptr || IsChange(last->mark, newest.mark)) {
    newest.at = evidence.now;  // it changed since the last look: no earlier instant is known
  } else {
    newest.at = *changed;
  }
  return newest;
}

Newest Find(const Evidence& evidence) {
  if (std::holds_alternative<ChangeMark>(evidence.check.measure.metric)) return Observed(evidence);
  Newest newest;
  if (IsNull(evidence.value->value)) {
    Grade empty = Empty(evidence);
    empty.sentence = "no rows: nothing has arrived";
    if (evidence.future != nullptr && !IsNull(evidence.future->value)) {
      empty.sentence = "no row is older than now: all lie in the future, clock or data";
    }
    newest.instead = empty;
    return newest;
  }
  newest.at = InstantOf(evidence.value->value, evidence.check.ZoneOf(), evidence.now);
  if (!newest.at) newest.instead = CannotJudge("the newest value is no time");
  return newest;
}

// "newest row" for a column, "last change seen" for an observed one.
std::string_view Subject(const Evidence& evidence) {
  return std::holds_alternative<ChangeMark>(evidence.check.measure.metric) ? "last observed change" : "newest row";
}

// Rows beyond now + limits::kFuture: a warning of their own that never replaces the age.
void AddFuture(Grade& grade, const Evidence& evidence, FuturePolicy policy) {
  if (policy == FuturePolicy::kIgnore || evidence.future == nullptr || IsNull(evidence.future->value)) return;
  const auto at = InstantOf(evidence.future->value, evidence.check.ZoneOf(), evidence.now);
  if (!at || *at <= evidence.now + limits::kFuture) return;
  grade.sentence += fmt::format("; rows up to {} in the future: clock or data", HumanDuration(*at - evidence.now));
  grade.status = std::max(grade.status, policy == FuturePolicy::kFail ? Status::kFail : Status::kWarn);
}

// A deadline's days are those of its cron zone; an interval has none, so the table's.
const Zone& DeadlineZone(const ArrivedBy& rule, const Check& check) {
  const auto* cron = std::get_if<Cron>(&rule.deadline.when());
  return cron == nullptr ? check.ZoneOf() : cron->zone;
}

double Seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

bool IsChange(const std::string& before, const std::string& now) {
  // "<identity>/<counter>": another identity is another storage; a counter that fell was reset.
  const size_t before_slash = before.rfind('/');
  const size_t now_slash = now.rfind('/');
  if (before_slash == std::string::npos || now_slash == std::string::npos) return before != now;
  if (before.substr(0, before_slash) != now.substr(0, now_slash)) return true;
  const Value counter_before = ParseStored("integer", before.substr(before_slash + 1));
  const Value counter_now = ParseStored("integer", now.substr(now_slash + 1));
  const auto order = Compare(counter_now, counter_before);
  return order && *order > 0;
}

Grade Apply(const MaxAge& rule, const Evidence& evidence) {
  const Newest newest = Find(evidence);
  if (newest.instead) return *newest.instead;
  const Calendar* calendar = evidence.check.CalendarOf();
  const Timestamp at = std::min(*newest.at, evidence.now);
  const Duration age = calendar == nullptr ? evidence.now - at : calendar->WorkingTime(at, evidence.now);

  Grade grade;
  grade.observed = *newest.at;
  grade.mark = newest.mark;
  if (rule.fail) {
    grade.expected_max = Seconds(*rule.fail);
    grade.deadline = calendar == nullptr ? at + *rule.fail : calendar->AddWorkingTime(at, *rule.fail);
  } else if (rule.warn) {
    grade.expected_max = Seconds(*rule.warn);
  }
  if (newest.first_sample) {
    grade.status = Status::kLearning;
    grade.sentence = "first sample of the change counters; ages count from here";
    return grade;
  }
  const std::string working = calendar == nullptr ? "" : " of working days";
  grade.sentence = fmt::format("{} is {} old{}", Subject(evidence), HumanDuration(age), working);
  if (rule.fail && age > *rule.fail) {
    grade.status = Status::kFail;
    grade.sentence += fmt::format("; allowed {}", HumanDuration(*rule.fail));
  } else if (rule.warn && age > *rule.warn) {
    grade.status = Status::kWarn;
    grade.sentence += fmt::format("; {} wished", HumanDuration(*rule.warn));
  }
  AddFuture(grade, evidence, rule.future);
  return grade;
}

Grade Apply(const ArrivedBy& rule, const Evidence& evidence) {
  const Newest newest = Find(evidence);
  if (newest.instead) return *newest.instead;
  const Zone& zone = DeadlineZone(rule, evidence.check);
  const Calendar* calendar = evidence.check.CalendarOf();
  const auto since_of = [&](Timestamp deadline) {
    return rule.since ? deadline - *rule.since : zone.StartOf(zone.LocalDay(deadline));
  };
  const auto counts = [&](Timestamp deadline) {
    return calendar == nullptr || calendar->IsWorking(calendar->zone.LocalDay(deadline));
  };
  Timestamp due = rule.deadline.Previous(evidence.now - rule.grace);
  Timestamp next = rule.deadline.Next(evidence.now - rule.grace);
  for (int i = 0; i < limits::kCalendarReachDays && !counts(due); ++i) due = rule.deadline.Previous(due - Duration(1));
  for (int i = 0; i < limits::kCalendarReachDays && !counts(next); ++i) next = rule.deadline.Next(next);

  Grade grade;
  grade.observed = *newest.at;
  grade.mark = newest.mark;
  grade.deadline = (*newest.at >= since_of(next) ? rule.deadline.Next(next) : next) + rule.grace;
  if (newest.first_sample) {
    grade.status = Status::kLearning;
    grade.sentence = "first sample of the change counters; arrivals count from here";
    return grade;
  }
  const Timestamp since = since_of(due);
  grade.sentence = fmt::format("{} is of {}", Subject(evidence), WhenText(*newest.at, zone));
  if (*newest.at < since) {
    grade.status = Status::kFail;
    grade.sentence += fmt::format("; rows since {} were due by {}", WhenText(since, zone),
                                  WhenText(due + rule.grace, zone));
    grade.deadline = due + rule.grace;
  }
  AddFuture(grade, evidence, rule.future);
  return grade;
}

}  // namespace amont
