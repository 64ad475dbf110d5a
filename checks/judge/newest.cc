#include "checks/judge/newest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/limits.h"

namespace amont {

namespace {

Newest OfInstant(Timestamp at, const Zone& zone) {
  Newest newest;
  newest.at = newest.reaches = newest.begins = Sane(at);
  newest.observed = newest.at;
  newest.text = WhenText(newest.at, zone);
  return newest;
}

Newest OfDay(Date day, const Zone& zone) {
  Newest newest;
  newest.begins = Sane(zone.StartOf(day));
  newest.at = Sane(zone.StartOf(day + std::chrono::days(1)));
  newest.reaches = newest.at - Duration(1);
  newest.observed = day;
  newest.text = FormatDate(day);
  return newest;
}

// What a value means: a naive time in the check's zone, a day all of itself.
std::optional<Newest> Read(const Value& value, const Evidence& evidence) {
  const Zone& zone = evidence.check.ZoneOf();
  if (const auto* at = std::get_if<Timestamp>(&value)) return OfInstant(*at, zone);
  if (const auto* day = std::get_if<Date>(&value)) return OfDay(*day, zone);
  if (const auto* local = std::get_if<LocalTime>(&value)) {
    return OfInstant(zone.ToInstantNotAfter(*local, evidence.now), zone);
  }
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return std::nullopt;
  if (const auto day = ParseDate(*text)) return OfDay(*day, zone);
  const auto at = ParseTimestamp(*text);
  if (!at) return std::nullopt;
  if (HasOffset(*text)) return OfInstant(*at, zone);
  return OfInstant(zone.ToInstantNotAfter(LocalTime(at->time_since_epoch()), evidence.now), zone);
}

std::variant<Newest, Grade> Observed(const Evidence& evidence) {
  const CatalogTable* facts = evidence.value->facts;
  if (facts == nullptr)
    return CannotJudge(fmt::format("{} does not exist", evidence.check.table->name.Local()));
  if (!facts->read_error.empty()) return CannotJudge(facts->read_error);
  if (facts->change_mark.empty()) {
    const bool reason = !facts->change_mark_error.empty();
    return CannotJudge(reason ? facts->change_mark_error : "no change counters here; declare a column");
  }
  const PastPoint* last = evidence.LastPoint();
  const auto* changed =
      last == nullptr || last->mark.empty() ? nullptr : std::get_if<Timestamp>(&last->value);
  // Since the last look it changed: no earlier instant is known than now.
  const bool is_new = changed == nullptr || IsChange(last->mark, facts->change_mark);
  Newest newest =
      OfInstant(is_new ? evidence.now : std::min(*changed, evidence.now), evidence.check.ZoneOf());
  newest.mark = facts->change_mark;
  newest.first_sample = changed == nullptr;
  return newest;
}

// No row that is not in the future.
Grade Nothing(const Evidence& evidence) {
  const auto* newest = std::get_if<NewestTimestamp>(&evidence.check.measure.metric);
  if (newest == nullptr && evidence.NoRows()) return NoRowsToJudge(evidence);
  if (newest == nullptr) return Empty(evidence, "the query gives NULL");
  if (evidence.future != nullptr && !IsNull(evidence.future->value)) {
    return Empty(evidence, "every row lies in the future");
  }
  if (evidence.NoRows()) return NoRowsToJudge(evidence);
  return Empty(evidence, fmt::format("no row has a time in {}", fmt::join(newest->columns, " or ")));
}

}  // namespace

bool IsChange(const std::string& before, const std::string& now) {
  // "<identity>/<counter>": another identity is another storage; a counter that fell was reset.
  const size_t before_slash = before.rfind('/');
  const size_t now_slash = now.rfind('/');
  if (before_slash == std::string::npos || now_slash == std::string::npos) return before != now;
  if (before.substr(0, before_slash) != now.substr(0, now_slash)) return true;
  const std::string counter_before = before.substr(before_slash + 1);
  const std::string counter_now = now.substr(now_slash + 1);
  const auto order = Compare(Decimal{counter_now}, Decimal{counter_before});
  return order ? *order > 0 : counter_now != counter_before;
}

std::variant<Newest, Grade> FindNewest(const Evidence& evidence) {
  if (std::holds_alternative<ChangeMark>(evidence.check.measure.metric)) return Observed(evidence);
  if (IsNull(evidence.value->value)) return Nothing(evidence);
  auto newest = Read(evidence.value->value, evidence);
  if (!newest)
    return CannotJudge(
        fmt::format("the newest value is {} where a time is expected", KindText(evidence.value->value)));
  return std::move(*newest);
}

bool IsFuture(const Newest& newest, const Evidence& evidence) {
  return newest.begins > evidence.now + limits::kFuture;
}

void AddFuture(Grade& grade, const Evidence& evidence, FuturePolicy policy, const Newest* newest) {
  if (policy == FuturePolicy::kIgnore) return;
  std::optional<Newest> later;
  if (newest != nullptr && IsFuture(*newest, evidence)) later = *newest;
  if (!later && evidence.future != nullptr) later = Read(evidence.future->value, evidence);
  if (!later || !IsFuture(*later, evidence)) return;
  constexpr Duration kCentury =
      std::chrono::hours(24 * 36525);  // beyond lie "infinity" and sentinels such as 9999
  const Duration ahead = later->begins - evidence.now;
  const std::string much = ahead > kCentury ? "more than 100 years" : "up to " + HumanDuration(ahead);
  grade.sentence += fmt::format("; rows {} ahead of the clock: clock or data", much);
  grade.status = std::max(grade.status, policy == FuturePolicy::kFail ? Status::kFail : Status::kWarn);
}

}  // namespace amont
