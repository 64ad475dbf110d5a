#include "core/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/limits.h"
#include "core/quoted.h"

namespace amont {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

struct Unit {
  std::string_view name;
  int64_t micros;
};

// Larger first: the order in which a duration names them.
constexpr std::array<Unit, 7> kUnits = {
    {{"w", 7 * kDay}, {"d", kDay}, {"h", kHour}, {"m", kMinute}, {"s", kSecond}, {"ms", 1'000}, {"us", 1}}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool IsLetter(char c) { return Lower(c) >= 'a' && Lower(c) <= 'z'; }

Error Invalid(std::string message) { return MakeError(ErrorCode::kInvalid, std::move(message)); }

Error BadDuration(std::string_view text, std::string_view why) {
  return Invalid(fmt::format("{} is not a duration: {}", Quoted(text), why));
}

// |span| without the overflow of the most negative value.
uint64_t Magnitude(Duration span) {
  auto count = static_cast<uint64_t>(span.count());
  return span.count() < 0 ? 0 - count : count;
}

struct CivilDay {
  int64_t year;
  int month;
  int day;
};

// The proleptic Gregorian day, for every Timestamp: std::chrono::year ends at 32767, we print what we are
// given.
CivilDay ToCivil(Date date) {
  // No instant lies further than 107 million days from the epoch.
  int64_t days = std::clamp<int64_t>(date.time_since_epoch().count(), INT32_MIN, INT32_MAX) + 719'468;
  int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  int64_t of_era = days - era * 146'097;
  int64_t year_of_era = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month_from_march = (5 * of_year + 2) / 153;
  int day = static_cast<int>(of_year - (153 * month_from_march + 2) / 5 + 1);
  int month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

// Reads a text from the left, one fixed-width number or character at a time.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  std::optional<int> Number(size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (char c : rest_.substr(0, digits)) {
      if (!IsDigit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }

  bool Skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

 private:
  std::string_view rest_;
};

std::optional<Date> ScanDate(Scanner& in) {
  auto year = in.Number(4);
  if (!year || !in.Skip('-')) return std::nullopt;
  auto month = in.Number(2);
  if (!month || !in.Skip('-')) return std::nullopt;
  auto day = in.Number(2);
  if (!day || *year < 1) return std::nullopt;
  std::chrono::year_month_day civil(std::chrono::year(*year),
                                    std::chrono::month(static_cast<unsigned>(*month)),
                                    std::chrono::day(static_cast<unsigned>(*day)));
  if (!civil.ok()) return std::nullopt;
  return std::chrono::sys_days(civil);
}

// "05:31:18" or "05:31:18.25", since midnight.
std::optional<Duration> ScanTimeOfDay(Scanner& in) {
  auto hour = in.Number(2);
  if (!hour || !in.Skip(':')) return std::nullopt;
  auto minute = in.Number(2);
  if (!minute || !in.Skip(':')) return std::nullopt;
  auto second = in.Number(2);
  if (!second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  int64_t micros = *hour * kHour + *minute * kMinute + *second * kSecond;
  if (in.Skip('.')) {
    if (!IsDigit(in.peek())) return std::nullopt;
    int64_t worth = kSecond / 10;
    while (auto digit = in.Number(1)) {
      micros += *digit * worth;
      worth /= 10;
    }
  }
  return Duration(micros);
}

// "Z", "+02:00", "+0200" or PostgreSQL's "+02": how far the local time is ahead of UTC.
std::optional<Duration> ScanOffset(Scanner& in) {
  if (in.Skip('Z') || in.Skip('z')) return Duration(0);
  bool ahead = in.peek() == '+';
  if (!in.Skip('+') && !in.Skip('-')) return std::nullopt;
  auto hours = in.Number(2);
  if (!hours) return std::nullopt;
  std::optional<int> minutes = 0;
  if (in.Skip(':') || !in.done()) minutes = in.Number(2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  Duration offset(*hours * kHour + *minutes * kMinute);
  return ahead ? offset : -offset;
}

struct ParsedTimestamp {
  Timestamp at;
  bool has_offset = false;
};

std::optional<ParsedTimestamp> ScanTimestamp(std::string_view text) {
  Scanner in(text);
  auto day = ScanDate(in);
  if (!day) return std::nullopt;
  ParsedTimestamp parsed;
  parsed.at = *day;
  if (in.done()) return parsed;
  if (!in.Skip('T') && !in.Skip('t') && !in.Skip(' ')) return std::nullopt;
  auto time = ScanTimeOfDay(in);
  if (!time) return std::nullopt;
  parsed.at += *time;
  if (in.done()) return parsed;
  auto offset = ScanOffset(in);
  if (!offset || !in.done()) return std::nullopt;
  parsed.at -= *offset;
  parsed.has_offset = true;
  // An offset may carry the first or the last day out of the years we write with four digits.
  int64_t year = ToCivil(DayOf(parsed.at)).year;
  if (year < 1 || year > 9999) return std::nullopt;
  return parsed;
}

// Two figures: "3", "3.2", "31".
std::string TwoFigures(double value) {
  double tenths = std::round(value * 10);
  if (tenths >= 100 || std::fmod(tenths, 10) == 0) return fmt::format("{:.0f}", value);
  return fmt::format("{:.1f}", tenths / 10);
}

}  // namespace

Result<Duration> ParseDuration(std::string_view text) {
  constexpr int64_t kMax = limits::kDurationDaysMax * kDay;
  if (text.empty()) return BadDuration(text, "it is empty; write 15m, 26h or 7d");
  int64_t total = 0;
  size_t next_unit = 0;  // units before this one were named, or are larger than one that was
  std::string_view rest = text;
  while (!rest.empty()) {
    size_t digits = 0;
    int64_t number = 0;
    while (digits < rest.size() && IsDigit(rest[digits])) {
      number = std::min(number * 10 + (rest[digits] - '0'), kMax + 1);
      ++digits;
    }
    if (digits == 0)
      return BadDuration(text, "a whole number and a unit are expected, as in 15m, 26h or 1h30m");
    std::string_view number_text = rest.substr(0, digits);
    rest.remove_prefix(digits);
    size_t letters = 0;
    while (letters < rest.size() && IsLetter(rest[letters])) ++letters;
    std::string_view name = rest.substr(0, letters);
    rest.remove_prefix(letters);
    if (name.empty())
      return BadDuration(text, fmt::format("{} has no unit (w d h m s ms us)", Quoted(number_text)));

    const auto* unit =
        std::find_if(kUnits.begin(), kUnits.end(), [name](const Unit& u) { return u.name == name; });
    if (unit == kUnits.end()) {
      return BadDuration(text, fmt::format("{} is not a unit (w d h m s ms us)", Quoted(name)));
    }
    auto index = static_cast<size_t>(unit - kUnits.begin());
    if (index < next_unit) {
      return BadDuration(
          text, fmt::format("larger units come first and each unit once, so `{}` cannot stand here", name));
    }
    next_unit = index + 1;
    if (number > (kMax - total) / unit->micros) {
      return BadDuration(text, fmt::format("it is longer than {} days", limits::kDurationDaysMax));
    }
    total += number * unit->micros;
  }
  return Duration(total);
}

std::string FormatDuration(Duration span) {
  uint64_t rest = Magnitude(span);
  std::string out = span.count() < 0 ? "-" : "";
  if (rest == 0) return "0s";
  if (rest % kDay == 0 && rest / kDay >= 2) return out + fmt::format("{}d", rest / kDay);
  for (const Unit& unit : kUnits) {
    auto micros = static_cast<uint64_t>(unit.micros);
    if (unit.micros >= kDay || rest < micros) continue;
    out += fmt::format("{}{}", rest / micros, unit.name);
    rest %= micros;
  }
  return out;
}

std::string HumanDuration(Duration span) {
  auto micros = static_cast<double>(Magnitude(span));
  std::string sign = span.count() < 0 ? "-" : "";
  double millis = std::round(micros / 1'000);
  if (millis == 0) return "0 s";
  if (millis < 1'000) return sign + fmt::format("{:.0f} ms", millis);
  // Each unit serves as long as its rounded figure stays below the next unit.
  struct Step {
    const char* unit;
    int64_t micros;
    double below;
  };
  constexpr std::array<Step, 4> kSteps = {
      {{"s", kSecond, 59.5}, {"min", kMinute, 59.5}, {"h", kHour, 47.5}, {"days", kDay, 27.5}}};
  for (const Step& step : kSteps) {
    double value = micros / static_cast<double>(step.micros);
    if (value < step.below) return fmt::format("{}{} {}", sign, TwoFigures(value), step.unit);
  }
  return fmt::format("{}{} weeks", sign, TwoFigures(micros / (7.0 * kDay)));
}

std::string FormatTimestamp(Timestamp at) {
  int64_t of_day = (at.time_since_epoch().count() % kDay + kDay) % kDay;
  std::string out = fmt::format("{}T{:02}:{:02}:{:02}", FormatDate(DayOf(at)), of_day / kHour,
                                of_day % kHour / kMinute, of_day % kMinute / kSecond);
  if (int64_t fraction = of_day % kSecond; fraction != 0) {
    out += fmt::format(".{:06}", fraction);
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out + "Z";
}

Result<Timestamp> ParseTimestamp(std::string_view text) {
  auto parsed = ScanTimestamp(text);
  if (!parsed) {
    return Invalid(
        fmt::format("{} is not a time: write 2026-11-24T05:31:18Z, with an offset such as +02:00, or a date",
                    Quoted(text)));
  }
  return parsed->at;
}

bool HasOffset(std::string_view text) {
  auto parsed = ScanTimestamp(text);
  return parsed && parsed->has_offset;
}

std::string FormatDate(Date day) {
  CivilDay civil = ToCivil(day);
  if (civil.year < 0) return fmt::format("-{:04}-{:02}-{:02}", -civil.year, civil.month, civil.day);
  std::string_view sign = civil.year > 9999 ? "+" : "";
  return fmt::format("{}{:04}-{:02}-{:02}", sign, civil.year, civil.month, civil.day);
}

Result<Date> ParseDate(std::string_view text) {
  Scanner in(text);
  auto day = ScanDate(in);
  if (!day || !in.done()) return Invalid(fmt::format("{} is not a date: write 2026-11-24", Quoted(text)));
  return *day;
}

std::optional<int> WeekdayNamed(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (std::ranges::equal(name, kNames[i], {}, Lower)) return static_cast<int>(i);
  }
  return std::nullopt;
}

}  // namespace amont
