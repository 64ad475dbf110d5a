#include "core/calendar.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "core/quoted.h"

namespace amont {
namespace {

using std::chrono::days;

// Working time is counted within the years people write: sentinels such as year 1 or "infinity" stay cheap.
constexpr Timestamp kFirst = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
constexpr Timestamp kEnd = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1);

// A stretch of working days [begin, end) in instants, and the day after it.
struct Stretch {
  Timestamp begin;
  Timestamp end;
  Date next_day;
};

// The next working days in a row from `day` on, at most a month of them. The calendar has a working weekday,
// and holidays are finitely many, so there always are some.
Stretch NextStretch(const Calendar& calendar, Date day) {
  while (!calendar.IsWorking(day)) day += days(1);
  Stretch stretch;
  stretch.begin = calendar.zone.StartOf(day);
  Date last = day + days(30);
  do {
    day += days(1);
  } while (day < last && calendar.IsWorking(day));
  stretch.end = calendar.zone.StartOf(day);
  stretch.next_day = day;
  return stretch;
}

bool IsEveryDayWorking(const Calendar& calendar) {
  return calendar.weekdays.all() && calendar.holidays.empty();
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Result<int> ParseWeekday(std::string_view text) {
  std::string_view name = Trimmed(text);
  if (auto weekday = WeekdayNamed(name)) return *weekday;
  return MakeError(ErrorCode::kInvalid,
                   fmt::format("{} is not a weekday; write mon-fri or mon,wed,fri", Quoted(name)));
}

}  // namespace

bool Calendar::IsWorking(Date day) const {
  return weekdays[std::chrono::weekday(day).c_encoding()] && !holidays.contains(day);
}

Date Calendar::WorkingDayBefore(Date day) const {
  for (int back = 1; back <= limits::kCalendarReachDays; ++back) {
    if (IsWorking(day - days(back))) return day - days(back);
  }
  return day - days(1);
}

Date Calendar::StepBack(Date day, int count) const {
  for (; count > 0; --count) day = WorkingDayBefore(day);
  return day;
}

Date Calendar::DaysEarlier(Date day, int count) const {
  const Date earlier = StepBack(day - days(count / 7 * 7), count % 7);
  return IsWorking(earlier) ? earlier : WorkingDayBefore(earlier);
}

Duration Calendar::WorkingTime(Timestamp from, Timestamp to) const {
  from = std::clamp(from, kFirst, kEnd);
  to = std::clamp(to, kFirst, kEnd);
  if (to <= from || weekdays.none()) return Duration(0);
  if (IsEveryDayWorking(*this)) return to - from;
  Duration total(0);
  // The local day has begun by `from`. It may even be over (some zones turned their clocks back from 00:01),
  // which the cut at zero takes care of.
  Stretch stretch = NextStretch(*this, zone.LocalDay(from));
  while (stretch.begin < to) {
    total += std::max(std::min(to, stretch.end) - std::max(from, stretch.begin), Duration(0));
    stretch = NextStretch(*this, stretch.next_day);
  }
  return total;
}

Timestamp Calendar::AddWorkingTime(Timestamp from, Duration span) const {
  if (span <= Duration(0) || from >= kEnd) return from;
  from = std::max(from, kFirst);
  if (weekdays.none()) return kEnd;
  if (IsEveryDayWorking(*this)) return span < kEnd - from ? from + span : kEnd;
  Stretch stretch = NextStretch(*this, zone.LocalDay(from));
  while (stretch.begin < kEnd) {
    Timestamp begin = std::max(from, stretch.begin);
    if (span <= stretch.end - begin) return std::min(begin + span, kEnd);
    span -= std::max(stretch.end - begin, Duration(0));
    stretch = NextStretch(*this, stretch.next_day);
  }
  return kEnd;
}

Result<std::bitset<7>> ParseWeekdays(std::string_view text) {
  std::bitset<7> result;
  for (;;) {
    size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    size_t dash = item.find('-');
    AMONT_TRY(int first, ParseWeekday(item.substr(0, dash)));
    int last = first;
    if (dash != std::string_view::npos) {
      AMONT_TRY(last, ParseWeekday(item.substr(dash + 1)));
    }
    for (int day = first;; day = (day + 1) % 7) {
      result.set(static_cast<size_t>(day));
      if (day == last) break;
    }
    if (comma == std::string_view::npos) return result;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace amont
