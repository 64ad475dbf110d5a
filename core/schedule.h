// Schedule: when something is due; an interval ("15m") or cron with a zone ("0 6 * * 1-5 Europe/Paris").
//
// Pure values: time is a parameter. Slots are deterministic: Next and Previous depend only on the schedule,
// its phase and the instant asked about. Cron is the five-field form of crontab(5): lists, ranges, steps,
// names (jan, mon), 7 = Sunday; day-of-month and day-of-week are OR-ed when both are restricted, and
// everything but "*" and "*/1" restricts. The zone follows as a sixth word; without one it is the zone given
// to Parse. A local time that DST skips runs at the transition, and several that do are one slot; a repeated
// one runs once (its first occurrence). Every interval and cron has a slot within kCronHorizonYears of any
// instant in the years 1 to 9999; beyond those years there are none.
#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/result.h"
#include "core/time.h"
#include "core/zone.h"

namespace amont {

struct Interval {
  Duration every{};
  bool operator==(const Interval&) const = default;
};

struct Cron {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;     // 1..31
  std::bitset<13> months;   // 1..12
  std::bitset<7> weekdays;  // 0 = Sunday
  bool any_day = true;      // day-of-month was "*" or "*/1"
  bool any_weekday = true;  // day-of-week was "*" or "*/1"
  Zone zone;
  bool operator==(const Cron&) const = default;
};

class Schedule {
 public:
  Schedule() = default;  // every 15 minutes
  // An interval is at least 1 s (kMinInterval); a cron that can never be due (Feb 30) is an error.
  static Result<Schedule> Parse(std::string_view text, const Zone& default_zone);

  // The first slot strictly after `at`, the last slot at or before `at`. `phase` shifts interval slots (0 <=
  // phase < every) so that many tables do not run at one instant; cron ignores it. Where there is none:
  // Timestamp::max() and Timestamp::min().
  Timestamp Next(Timestamp at, Duration phase = Duration{0}) const;
  Timestamp Previous(Timestamp at, Duration phase = Duration{0}) const;

  bool is_cron() const { return std::holds_alternative<Cron>(when_); }
  const std::variant<Interval, Cron>& when() const { return when_; }
  const std::string& text() const { return text_; }  // as declared

  bool operator==(const Schedule& other) const { return when_ == other.when_; }

 private:
  std::variant<Interval, Cron> when_ = Interval{std::chrono::minutes(15)};
  std::string text_ = "15m";
};

}  // namespace amont
