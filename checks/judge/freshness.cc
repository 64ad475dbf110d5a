// MaxAge, ArrivedBy: how old the newest row is, by age or by deadline.

#include <fmt/format.h>

#include <algorithm>

#include "checks/judge/evidence.h"
#include "checks/judge/newest.h"
#include "checks/judge/phrase.h"
#include "core/limits.h"

namespace amont {

namespace {

double Seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

bool IsObserved(const Evidence& evidence) {
  return std::holds_alternative<ChangeMark>(evidence.check.measure.metric);
}

std::string Subject(const Evidence& evidence) {
  if (std::holds_alternative<CustomValue>(evidence.check.measure.metric)) return "the query's time";
  return "newest row" + evidence.RowsMeant();
}

// The grade of a table of which no newest row can be told; later rows are said all the same.
Grade WithoutNewest(Grade grade, const Evidence& evidence, FuturePolicy policy) {
  if (grade.status != Status::kError) AddFuture(grade, evidence, policy, nullptr);
  return grade;
}

Grade FirstSample(Grade grade, std::string_view what) {
  grade.status = Status::kLearning;
  grade.sentence = fmt::format("first look at the change counters: {} from here", what);
  return grade;
}

// "newest row is 31 h old, not counting days off", "newest row is of 2026-11-23, over for 7 h", "no change
// seen for 31 h".
std::string AgeSentence(const Evidence& evidence, const Newest& newest, const std::string& age) {
  const bool is_day = std::holds_alternative<Date>(newest.observed);
  const bool is_new = newest.at >= evidence.now;
  if (is_new && IsObserved(evidence)) return "changed since the last look";
  if (is_new && is_day) return fmt::format("{} is of {}", Subject(evidence), newest.text);
  const std::string_view aside = evidence.check.CalendarOf() == nullptr ? "" : ", not counting days off";
  if (IsObserved(evidence)) return fmt::format("no change seen for {}{}", age, aside);
  if (is_day) return fmt::format("{} is of {}, over for {}{}", Subject(evidence), newest.text, age, aside);
  return fmt::format("{} is {} old{}", Subject(evidence), age, aside);
}

// --- deadlines
// ------------------------------------------------------------------------------------------------------

// The slots of a deadline that count: on working days, where there is a calendar.
class Deadlines {
 public:
  Deadlines(const ArrivedBy& rule, const Check& check) : rule_(rule), check_(check) {
    const auto* cron = std::get_if<Cron>(&rule.deadline.when());
    zone_ = cron == nullptr ? check.ZoneOf() : cron->zone;  // an interval has none of its own
  }

  const Zone& zone() const { return zone_; }
  Timestamp Previous(Timestamp at) const {
    Timestamp slot = rule_.deadline.Previous(at);
    for (int i = 0; i < kReach && !Counts(slot); ++i)
      slot = rule_.deadline.Previous(Sane(slot) - Duration(1));
    return Sane(slot);
  }
  Timestamp Next(Timestamp at) const {
    Timestamp slot = rule_.deadline.Next(at);
    for (int i = 0; i < kReach && !Counts(slot); ++i) slot = rule_.deadline.Next(slot);
    return Sane(slot);
  }
  // What must have arrived by a deadline: rows from here on.
  Timestamp Since(Timestamp deadline) const {
    return rule_.since ? deadline - *rule_.since : zone_.StartOf(zone_.LocalDay(deadline));
  }

 private:
  static constexpr int kReach = limits::kCalendarReachDays * 24;  // of hourly deadlines too

  bool Counts(Timestamp deadline) const {
    const Calendar* calendar = check_.CalendarOf();
    if (calendar == nullptr || Sane(deadline) != deadline) return true;
    return calendar->IsWorking(zone_.LocalDay(deadline));
  }

  const ArrivedBy& rule_;
  const Check& check_;
  Zone zone_;
};

// "rows of 2026-11-24 were due by 07:15 Europe/Paris", "rows since 2026-11-23 18:00 were due by 2026-11-24
// 07:15 …".
std::string DueText(const ArrivedBy& rule, Timestamp since, Timestamp by, const Zone& zone) {
  const Date day = zone.LocalDay(since);
  const Date due_day = zone.LocalDay(by);
  const std::string rows = rule.since ? "since " + WhenText(since, zone) : "of " + FormatDate(day);
  const bool same_day = !rule.since && day == due_day;
  return fmt::format("rows {} were due by {}{} {}", rows, same_day ? "" : FormatDate(due_day) + " ",
                     ClockText(by, zone), zone.name());
}

}  // namespace

Grade Apply(const MaxAge& rule, const Evidence& evidence) {
  const auto found = FindNewest(evidence);
  if (const auto* why = std::get_if<Grade>(&found)) return WithoutNewest(*why, evidence, rule.future);
  const Newest& newest = std::get<Newest>(found);
  const Calendar* calendar = evidence.check.CalendarOf();
  const Timestamp at = std::min(newest.at, evidence.now);
  const Duration age = calendar == nullptr ? evidence.now - at : calendar->WorkingTime(at, evidence.now);

  Grade grade;
  grade.observed = newest.observed;
  grade.mark = newest.mark;
  if (rule.fail) {
    grade.deadline =
        calendar == nullptr ? newest.at + *rule.fail : calendar->AddWorkingTime(newest.at, *rule.fail);
  }
  if (const auto& allowed = rule.fail ? rule.fail : rule.warn) grade.expected_max = Seconds(*allowed);
  if (newest.first_sample) return FirstSample(std::move(grade), "ages count");
  if (rule.fail && age > *rule.fail) {
    grade.status = Status::kFail;
    grade.excess = Excess(Seconds(age), Seconds(*rule.fail));
    grade.sentence = fmt::format("{}; allowed {}", AgeSentence(evidence, newest, AgeText(age, *rule.fail)),
                                 HumanDuration(*rule.fail));
  } else if (rule.warn && age > *rule.warn) {
    grade.status = Status::kWarn;
    grade.excess = Excess(Seconds(age), Seconds(*rule.warn));
    grade.sentence =
        fmt::format("{}; warns after {}", AgeSentence(evidence, newest, AgeText(age, *rule.warn)),
                    HumanDuration(*rule.warn));
  } else if (IsFuture(newest, evidence)) {
    grade.sentence = fmt::format("{} is from {}", Subject(evidence), newest.text);
  } else {
    grade.sentence = AgeSentence(evidence, newest, HumanDuration(age));
  }
  AddFuture(grade, evidence, rule.future, &newest);
  return grade;
}

Grade Apply(const ArrivedBy& rule, const Evidence& evidence) {
  const auto found = FindNewest(evidence);
  if (const auto* why = std::get_if<Grade>(&found)) return WithoutNewest(*why, evidence, rule.future);
  const Newest& newest = std::get<Newest>(found);
  const Deadlines deadlines(rule, evidence.check);
  const Timestamp due = deadlines.Previous(evidence.now - rule.grace);
  const Timestamp next = deadlines.Next(evidence.now - rule.grace);

  Grade grade;
  grade.observed = newest.observed;
  grade.mark = newest.mark;
  grade.deadline = (newest.reaches >= deadlines.Since(next) ? deadlines.Next(next) : next) + rule.grace;
  if (newest.first_sample) return FirstSample(std::move(grade), "arrivals count");
  const bool is_day = std::holds_alternative<Date>(newest.observed);
  const std::string when = is_day ? newest.text : WhenText(newest.at, deadlines.zone());
  grade.sentence = IsObserved(evidence) ? fmt::format("last change seen {}", when)
                                        : fmt::format("{} is from {}", Subject(evidence), when);
  const Timestamp since = deadlines.Since(due);
  if (newest.reaches < since) {
    grade.status = Status::kFail;
    grade.excess = Seconds(since - newest.reaches);
    grade.sentence += "; " + DueText(rule, since, due + rule.grace, deadlines.zone());
    grade.deadline = due + rule.grace;
  }
  AddFuture(grade, evidence, rule.future, &newest);
  return grade;
}

}  // namespace amont
