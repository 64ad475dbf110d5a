#include "core/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "core/limits.h"
#include "core/quoted.h"

namespace amont {
namespace {

using std::chrono::days;
using std::chrono::minutes;

constexpr int kMinutesPerDay = 24 * 60;

// Schedules live in the years people write; the calendar of <chrono> ends soon after.
constexpr Timestamp kFirst = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
constexpr Timestamp kEnd = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1);

// ---- Reading

Error Invalid(std::string message) { return MakeError(ErrorCode::kInvalid, std::move(message)); }

struct Field {
  std::string_view name;
  int min;
  int max;
  int count;  // of different values: a longer step would be due once a round, never what was meant
  std::string_view names;  // three letters each, in order, the first for `min`
};

constexpr Field kMinuteField = {"minute", 0, 59, 60, ""};
constexpr Field kHourField = {"hour", 0, 23, 24, ""};
constexpr Field kDayField = {"day of month", 1, 31, 31, ""};
constexpr Field kMonthField = {"month", 1, 12, 12, "janfebmaraprmayjunjulaugsepoctnovdec"};
constexpr Field kWeekdayField = {"day of week", 0, 7, 7, "sunmontuewedthufrisat"};

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  constexpr std::string_view kBlank = " \t\r\n";
  for (;;) {
    size_t begin = std::min(text.find_first_not_of(kBlank), text.size());
    text.remove_prefix(begin);
    if (text.empty()) return words;
    size_t end = std::min(text.find_first_of(kBlank), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// A number within the bounds. Its own text stands in the error: it may be longer than any integer.
Result<int> ParseNumber(std::string_view what, std::string_view text, int min, int max) {
  int value = 0;
  for (char c : text) value = std::min(value * 10 + (c - '0'), 1'000);
  if (value < min || value > max) {
    return Invalid(fmt::format("{} {} is not within {}-{}", what, text.substr(0, 20), min, max));
  }
  return value;
}

Result<int> ParseValue(const Field& field, std::string_view text) {
  if (IsNumber(text)) return ParseNumber(field.name, text, field.min, field.max);
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (size_t i = 0; text.size() == 3 && i < field.names.size(); i += 3) {
    if (std::ranges::equal(field.names.substr(i, 3), text, {}, {}, lower)) {
      return field.min + static_cast<int>(i / 3);
    }
  }
  if (field.names.empty()) return Invalid(fmt::format("{} {} is not a number", field.name, Quoted(text)));
  return Invalid(fmt::format("{} {} is neither a number nor a name ({} … {})", field.name, Quoted(text),
                             field.names.substr(0, 3), field.names.substr(field.names.size() - 3)));
}

// One item of a list, "*", "5", "1-5", either of the ranges with "/2"; as a set of bits.
Result<uint64_t> ParseItem(const Field& field, std::string_view item) {
  if (item.empty()) return Invalid(fmt::format("{} has an empty item", field.name));
  size_t slash = item.find('/');
  std::string_view range = item.substr(0, slash);
  size_t dash = range.find('-');
  int first = field.min;
  int last = field.max;
  if (range != "*") {
    AMONT_TRY(first, ParseValue(field, range.substr(0, dash)));
    last = first;
    if (dash != std::string_view::npos) {
      AMONT_TRY(last, ParseValue(field, range.substr(dash + 1)));
      if (last == 0 && field.max == 7 && first > 0) last = 7;  // fri-sun
      if (last < first) {
        return Invalid(fmt::format("{} {} runs backwards", field.name, Quoted(range)));
      }
    }
  }
  int step = 1;
  if (slash != std::string_view::npos) {
    std::string_view text = item.substr(slash + 1);
    if (range != "*" && dash == std::string_view::npos) {
      return Invalid(fmt::format("{} {} has a step but no range; write {}-{}/{}", field.name, Quoted(item),
                                 range, field.max, text.substr(0, 20)));
    }
    if (!IsNumber(text)) return Invalid(fmt::format("{} step {} is not a number", field.name, Quoted(text)));
    AMONT_TRY(step, ParseNumber(fmt::format("{} step", field.name), text, 1, field.count));
  }
  uint64_t bits = 0;
  for (int value = first; value <= last; value += step) bits |= uint64_t{1} << value;
  return bits;
}

Result<uint64_t> ParseField(const Field& field, std::string_view text) {
  uint64_t bits = 0;
  for (std::string_view item : Split(text, ',')) {
    AMONT_TRY(uint64_t more, ParseItem(field, item));
    bits |= more;
  }
  return bits;
}

// "*", and "*/1", which says the same.
bool IsAny(std::string_view field) { return field == "*" || field == "*/1"; }

// The most days the month ever has: 29 in February.
int LongestDay(int month) {
  return month == 2 ? 29 : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Every weekday meets every month within a year, and 29 February returns within kCronHorizonYears, so only a
// day that no month of the set has is never due.
bool IsEverDue(const Cron& cron) {
  if (!cron.any_weekday || cron.any_day) return true;
  for (int month = 1; month <= 12; ++month) {
    if (!cron.months[static_cast<size_t>(month)]) continue;
    for (int day = 1; day <= LongestDay(month); ++day) {
      if (cron.days[static_cast<size_t>(day)]) return true;
    }
  }
  return false;
}

Result<Cron> ParseCron(const std::vector<std::string_view>& words, const Zone& default_zone) {
  Cron cron;
  AMONT_TRY(cron.minutes, ParseField(kMinuteField, words[0]));
  AMONT_TRY(cron.hours, ParseField(kHourField, words[1]));
  AMONT_TRY(cron.days, ParseField(kDayField, words[2]));
  AMONT_TRY(cron.months, ParseField(kMonthField, words[3]));
  AMONT_TRY(uint64_t weekdays, ParseField(kWeekdayField, words[4]));
  cron.weekdays = (weekdays | weekdays >> 7) & 0x7f;  // 7 is Sunday too
  cron.any_day = IsAny(words[2]);
  cron.any_weekday = IsAny(words[4]);
  cron.zone = default_zone;
  if (words.size() == 6) {
    AMONT_TRY(cron.zone, Zone::Load(words[5]));
  }
  if (!IsEverDue(cron)) return Invalid("it is never due: no month of it has such a day");
  return cron;
}

// ---- Slots of an interval

// Floors, unlike %.
int64_t Modulo(int64_t value, int64_t by) { return (value % by + by) % by; }

// The last multiple of `every` since the epoch, shifted by `phase`, at or before `at`.
Timestamp IntervalAt(const Interval& interval, Timestamp at, Duration phase) {
  int64_t every = interval.every.count();
  return at - Duration(Modulo(at.time_since_epoch().count() - Modulo(phase.count(), every), every));
}

// ---- Slots of a cron
//
// The slots are the local minutes the five fields name, mapped to instants by Zone::ToInstant. That mapping
// keeps the order, so walking the local minutes walks the instants; where DST skips an hour several minutes
// map to one instant, which is one slot, because both directions compare instants.

// The lowest bit from `from` on, the highest up to `to`; -1 where there is none.
int BitFrom(uint64_t bits, int from) {
  if (from > 63) return -1;
  uint64_t left = bits >> from;
  return left == 0 ? -1 : from + std::countr_zero(left);
}
int BitUpTo(uint64_t bits, int to) {
  if (to < 0) return -1;
  uint64_t left = bits << (63 - to);
  return left == 0 ? -1 : to - std::countl_zero(left);
}

// The first due minute of a day from `from` on, the last up to `to`; -1 where there is none.
int DueMinuteFrom(const Cron& cron, int from) {
  uint64_t hours = cron.hours.to_ullong();
  uint64_t minutes_due = cron.minutes.to_ullong();
  int hour = BitFrom(hours, from / 60);
  if (hour < 0) return -1;
  int minute = BitFrom(minutes_due, hour == from / 60 ? from % 60 : 0);
  if (minute >= 0) return hour * 60 + minute;
  hour = BitFrom(hours, hour + 1);
  return hour < 0 ? -1 : hour * 60 + BitFrom(minutes_due, 0);
}
int DueMinuteUpTo(const Cron& cron, int to) {
  uint64_t hours = cron.hours.to_ullong();
  uint64_t minutes_due = cron.minutes.to_ullong();
  int hour = BitUpTo(hours, to / 60);
  if (hour < 0) return -1;
  int minute = BitUpTo(minutes_due, hour == to / 60 ? to % 60 : 59);
  if (minute >= 0) return hour * 60 + minute;
  hour = BitUpTo(hours, hour - 1);
  return hour < 0 ? -1 : hour * 60 + BitUpTo(minutes_due, 59);
}

bool IsDueOn(const Cron& cron, std::chrono::year_month_day civil) {
  bool day = cron.days[static_cast<unsigned>(civil.day())];
  bool weekday = cron.weekdays[std::chrono::weekday(std::chrono::sys_days(civil)).c_encoding()];
  if (cron.any_day) return weekday;
  if (cron.any_weekday) return day;
  return day || weekday;
}

// The first due day from `day` on (step 1) or the last up to it (step -1). Months that are not due are
// stepped over whole, so a cron of one day in four years takes a hundred steps.
std::optional<Date> DueDay(const Cron& cron, Date day, int step) {
  Date limit = day + step * days(366 * limits::kCronHorizonYears);
  while (step > 0 ? day <= limit : day >= limit) {
    std::chrono::year_month_day civil(day);
    if (cron.months[static_cast<unsigned>(civil.month())]) {
      if (IsDueOn(cron, civil)) return day;
      day += days(step);
    } else {
      std::chrono::year_month month = civil.year() / civil.month();
      day = step > 0 ? Date((month + std::chrono::months(1)) / 1) : Date(month / 1) - days(1);
    }
  }
  return std::nullopt;
}

// A civil minute; `day` has no zone.
struct LocalMinute {
  Date day;
  int of_day = 0;

  LocalTime Time() const { return LocalTime(day.time_since_epoch() + minutes(of_day)); }
};

LocalMinute ToMinute(LocalTime local) {
  auto day = std::chrono::floor<days>(local);
  return {Date(day.time_since_epoch()), static_cast<int>((local - day) / minutes(1))};
}

std::optional<LocalMinute> DueFrom(const Cron& cron, LocalMinute from) {
  auto day = DueDay(cron, from.day, 1);
  int minute = day == from.day ? DueMinuteFrom(cron, from.of_day) : -1;
  if (minute < 0 && day == from.day) day = DueDay(cron, from.day + days(1), 1);
  if (!day) return std::nullopt;
  return LocalMinute{*day, minute >= 0 ? minute : DueMinuteFrom(cron, 0)};
}

std::optional<LocalMinute> DueUpTo(const Cron& cron, LocalMinute to) {
  auto day = DueDay(cron, to.day, -1);
  int minute = day == to.day ? DueMinuteUpTo(cron, to.of_day) : -1;
  if (minute < 0 && day == to.day) day = DueDay(cron, to.day - days(1), -1);
  if (!day) return std::nullopt;
  return LocalMinute{*day, minute >= 0 ? minute : DueMinuteUpTo(cron, kMinutesPerDay - 1)};
}

Timestamp CronAfter(const Cron& cron, Timestamp at) {
  auto due = DueFrom(cron, ToMinute(cron.zone.ToLocal(at)));
  while (due) {
    Timestamp slot = cron.zone.ToInstant(due->Time());
    if (slot > at) return slot;
    due = DueFrom(cron, {due->day, due->of_day + 1});
  }
  return Timestamp::max();
}

Timestamp CronAt(const Cron& cron, Timestamp at) {
  LocalTime local = cron.zone.ToLocal(at);
  // In the second pass of a repeated hour all of it, later local times included, has been due in the first.
  LocalInstants instants = cron.zone.Lookup(local);
  if (instants.kind == LocalInstants::Kind::kRepeated && at >= instants.transition) {
    local += instants.transition - instants.earlier;
  }
  auto due = DueUpTo(cron, ToMinute(local));
  while (due) {
    Timestamp slot = cron.zone.ToInstant(due->Time());
    if (slot <= at) return slot;
    due = DueUpTo(cron, {due->day, due->of_day - 1});
  }
  return Timestamp::min();
}

}  // namespace

Result<Schedule> Schedule::Parse(std::string_view text, const Zone& default_zone) {
  Schedule schedule;
  schedule.text_ = text;
  std::vector<std::string_view> words = Words(text);
  if (words.empty()) return Invalid("a schedule is empty; write an interval (15m) or a cron (0 6 * * 1-5)");
  if (words.size() == 1) {
    auto every = ParseDuration(words.front());
    if (!every) return Invalid(every.error().message + "; a cron is written 0 6 * * 1-5");
    if (*every < limits::kIntervalMin) {
      return Invalid(fmt::format("{} is too short: an interval is at least {}", Quoted(words.front()),
                                 FormatDuration(limits::kIntervalMin)));
    }
    schedule.when_ = Interval{*every};
    return schedule;
  }
  if (words.size() != 5 && words.size() != 6) {
    return Invalid(fmt::format(
        "a cron has five fields (minute, hour, day of month, month, day of week) and perhaps a time zone, "
        "not {} words; an interval is one word, such as 1h30m",
        words.size()));
  }
  AMONT_TRY(schedule.when_, ParseCron(words, default_zone));
  return schedule;
}

Timestamp Schedule::Next(Timestamp at, Duration phase) const {
  if (at >= kEnd) return Timestamp::max();
  at = std::max(at, kFirst - Duration(1));
  if (const auto* cron = std::get_if<Cron>(&when_)) return CronAfter(*cron, at);
  const auto& interval = std::get<Interval>(when_);
  return IntervalAt(interval, at, phase) + interval.every;
}

Timestamp Schedule::Previous(Timestamp at, Duration phase) const {
  if (at < kFirst) return Timestamp::min();
  at = std::min(at, kEnd);
  if (const auto* cron = std::get_if<Cron>(&when_)) return CronAt(*cron, at);
  return IntervalAt(std::get<Interval>(when_), at, phase);
}

}  // namespace amont
