#include "checks/judge/baseline_text.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace amont {
namespace {

constexpr std::array<const char*, 7> kWeekdays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                  "Friday", "Saturday", "Sunday"};

std::string HourOfWeek(int index) {
  return fmt::format("{} {:02}:00", kWeekdays[static_cast<size_t>(index / 24)], index % 24);
}

std::string NameOf(const BaselineFactor& factor) {
  switch (factor.of) {
    case BaselineFactor::Of::kWeekend:
      return "weekend";
    case BaselineFactor::Of::kWeekday:
      return kWeekdays[static_cast<size_t>(factor.index)];
    case BaselineFactor::Of::kHour:
      return fmt::format("{:02}:00", factor.index);
    case BaselineFactor::Of::kHourOfWeek:
      return HourOfWeek(factor.index);
    case BaselineFactor::Of::kMonthFirst:
      return "first of the month";
    case BaselineFactor::Of::kMonthLast:
      return "last of the month";
    case BaselineFactor::Of::kHoliday:
      return "holiday";
    case BaselineFactor::Of::kBesideHoliday:
      return "beside a holiday";
  }
  return {};
}

// "Mondays", "Mondays at 06:00", "loads"; of one "Monday".
std::string SlotsOf(const BaselineJudgement& judgement, bool one = false) {
  const char* s = one ? "" : "s";
  switch (judgement.season) {
    case BaselineSeason::kNone:
      return fmt::format("load{}", s);
    case BaselineSeason::kDay:
      return fmt::format("{}{}", kWeekdays[static_cast<size_t>(judgement.slot)], s);
    case BaselineSeason::kHour:
      return fmt::format("{}{} at {:02}:00", kWeekdays[static_cast<size_t>(judgement.slot / 24)], s,
                         judgement.slot % 24);
  }
  return {};
}

std::string WithCommas(double whole) {
  std::string digits = fmt::format("{:.0f}", whole);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

// The value, and how far it is from what was expected: "310, −97%".
std::string Deviation(const BaselineJudgement& judgement, std::string_view observed) {
  const std::string value(observed.empty() ? RowsText(judgement.value) : observed);
  if (judgement.value == 0) return observed.empty() ? "no rows" : value;
  if (!judgement.expected || *judgement.expected <= 0) return value;
  const double change = judgement.value / *judgement.expected - 1;
  if (change >= 9) return fmt::format("{}, {:.0f} times that", value, change + 1);
  return fmt::format("{}, {}{:.0f}%", value, change < 0 ? "−" : "+", std::abs(change) * 100);
}

}  // namespace

std::string_view Word(BaselineStatus status) {
  switch (status) {
    case BaselineStatus::kLearning:
      return "learning";
    case BaselineStatus::kPass:
      return "pass";
    case BaselineStatus::kWarn:
      return "warn";
    case BaselineStatus::kFail:
      return "fail";
  }
  return {};
}

// Four figures of large numbers, two of small ones.
std::string RowsText(double rows) {
  if (rows < 10 && rows != std::round(rows)) return fmt::format("{:.1f}", rows);
  if (rows < 10'000) return WithCommas(std::round(rows));
  const double unit = std::pow(10, std::floor(std::log10(rows)) - 3);
  return WithCommas(std::round(rows / unit) * unit);
}

std::string ExpectationText(const BaselineJudgement& judgement) {
  if (!judgement.expected) return {};
  std::string text =
      fmt::format("expected {} ({} to {}): level {}", RowsText(*judgement.expected), RowsText(judgement.low),
                  RowsText(judgement.high), RowsText(judgement.level));
  for (size_t i = 0; i < judgement.factor_count; ++i) {
    const BaselineFactor& factor = judgement.factors[i];
    // What hardly changes anything is not worth reading.
    if (std::abs(factor.factor - 1) >= 0.005)
      text += fmt::format(" × {} {:.2f}", NameOf(factor), factor.factor);
  }
  return text + fmt::format(", noise {:.0f}%, {} {} seen", std::max(judgement.noise * 100, 1.0),
                            judgement.seen, SlotsOf(judgement, judgement.seen == 1));
}

std::string ReasonText(const BaselineJudgement& judgement, std::string_view observed) {
  const std::string against =
      fmt::format("{}; {}", Deviation(judgement, observed), ExpectationText(judgement));
  switch (judgement.event) {
    case BaselineEvent::kQuiet:
      return fmt::format("no rows, as on most {}", SlotsOf(judgement));
    case BaselineEvent::kRecovered:
      return fmt::format("as before again: {}", against);
    case BaselineEvent::kNewLevel:
      return fmt::format("the third in a row, a new level from here on: {}", against);
    case BaselineEvent::kNewPattern:
      return fmt::format("the second of its kind, expected of such days from here on: {}", against);
    case BaselineEvent::kDead:
      return fmt::format("still {}", against);
    case BaselineEvent::kNone:
      break;
  }
  if (judgement.Alerts()) return against;
  if (judgement.status == BaselineStatus::kLearning) {
    return judgement.expected ? "too few yet to judge" : "nothing is known of it yet";
  }
  return {};
}

}  // namespace amont
