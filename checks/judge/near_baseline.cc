// NearBaseline: against what the check's own history teaches.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "checks/judge/baseline.h"
#include "checks/judge/baseline_text.h"
#include "checks/judge/evidence.h"

namespace amont {

namespace {

constexpr Duration kAnHour = std::chrono::hours(1);
constexpr Duration kADay = std::chrono::days(1);

// One remembered count, at the moment it is of.
struct Known {
  Timestamp at;  // when its window began; of a sample when it was taken
  double rows = 0;
  bool accepted = false;
};

BaselineSeason SeasonFor(const NearBaseline& rule, const std::optional<Window>& window) {
  if (rule.season) return *rule.season;
  if (!window || window->last == kADay) return BaselineSeason::kDay;
  return window->last == kAnHour ? BaselineSeason::kHour : BaselineSeason::kNone;
}

BaselineMoment MomentOf(Timestamp at, const Check& check) {
  const Calendar* calendar = check.CalendarOf();
  return MomentAt(at, check.ZoneOf(), calendar == nullptr ? nullptr : &calendar->holidays);
}

// What is remembered from before `at`, oldest first: every window once, or of samples the last of each local
// day before that of `at`.
std::vector<Known> Remembered(const Evidence& evidence, Timestamp at) {
  const std::optional<Window>& window = evidence.check.measure.window;
  const Zone& zone = evidence.check.ZoneOf();
  std::vector<Known> known;
  for (const PastPoint& point : evidence.history.points) {
    if (point.group != evidence.group || point.window_to.has_value() != window.has_value()) continue;
    const auto rows = AsNumber(point.value);
    if (!rows || !std::isfinite(*rows) || *rows < 0) continue;
    const Timestamp when = point.window_to ? Sane(*point.window_to) - window->last : Sane(point.at);
    if (when >= at || (!window && zone.LocalDay(when) >= zone.LocalDay(at))) continue;
    known.push_back({when, *rows, point.accepted});
  }
  std::stable_sort(known.begin(), known.end(), [](const Known& a, const Known& b) { return a.at < b.at; });
  const auto same = [&](const Known& a, const Known& b) {
    return window ? a.at == b.at : zone.LocalDay(a.at) == zone.LocalDay(b.at);
  };
  std::vector<Known> once;
  for (const Known& one : known) {
    if (!once.empty() && same(once.back(), one)) {
      once.back() = {one.at, one.rows, one.accepted || once.back().accepted};
    } else {
      once.push_back(one);
    }
  }
  return once;
}

Status StatusOf(BaselineStatus status) {
  switch (status) {
    case BaselineStatus::kLearning:
      return Status::kLearning;
    case BaselineStatus::kPass:
      return Status::kPass;
    case BaselineStatus::kWarn:
      return Status::kWarn;
    case BaselineStatus::kFail:
      return Status::kFail;
  }
  return Status::kError;
}

}  // namespace

Grade Apply(const NearBaseline& rule, const Evidence& evidence) {
  const Check& check = evidence.check;
  Grade grade;
  grade.observed = evidence.value->value;
  const auto rows = AsNumber(grade.observed);
  if (!rows || !std::isfinite(*rows) || *rows < 0) return CannotJudge("the row count is no number");
  const Timestamp end = evidence.WindowEnd().value_or(evidence.now);
  const Timestamp at = check.measure.window ? end - check.measure.window->last : end;

  Baseline baseline({SeasonFor(rule, check.measure.window), rule.direction, rule.sensitivity});
  const std::vector<Known> remembered = Remembered(evidence, at);
  for (const Known& known : remembered) {
    baseline.Observe(MomentOf(known.at, check), known.rows);
    if (known.accepted) baseline.AcceptAsLevel();
  }
  const BaselineJudgement judgement = baseline.Observe(MomentOf(at, check), *rows);

  grade.status = StatusOf(judgement.status);
  const std::string said = evidence.Say(grade.observed, {false, check.ZoneOf()});
  if (judgement.expected && judgement.status != BaselineStatus::kLearning) {
    grade.expected_min = judgement.low;
    grade.expected_max = judgement.high;
  }
  if (judgement.status == BaselineStatus::kLearning) {
    grade.sentence =
        fmt::format("{}; {} of the 7 it learns from first", said, std::min<size_t>(remembered.size() + 1, 7));
  } else if (judgement.Alerts() || judgement.event != BaselineEvent::kNone) {
    grade.sentence = judgement.event == BaselineEvent::kQuiet
                         ? fmt::format("{}: {}", said, ReasonText(judgement))
                         : ReasonText(judgement, said);
  } else {
    grade.sentence = fmt::format("{}; {}", said, ExpectationText(judgement));
  }
  return grade;
}

}  // namespace amont
