#include "checks/judge/phrase.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace amont {

namespace {

constexpr int kFiguresMax = 17;  // a double has no more
constexpr size_t kShortenedMax = 80;

struct Phrase {
  const std::string& number;  // the observed value, formatted
  bool zero;
  bool one;
  bool as_ratio;

  // "no rows", "1 row", "412 rows", "3.1% of the rows".
  std::string Count(std::string_view singular, std::string_view plural) const {
    if (as_ratio) return fmt::format("{} of the rows are {}", number, plural);
    if (zero) return fmt::format("no {}", plural);
    return fmt::format("{} {}", number, one ? singular : plural);
  }
  // Values of a column that do not do what they should: "31 values of status are not accepted".
  std::string Bad(const std::string& column, std::string_view do_not, std::string_view does_not,
                  std::string_view all_do) const {
    if (zero) return fmt::format("all values of {} {}", column, all_do);
    if (as_ratio) return fmt::format("{} of {} {}", number, column, does_not);
    return one ? fmt::format("1 value of {} {}", column, does_not)
               : fmt::format("{} values of {} {}", number, column, do_not);
  }

  std::string operator()(const RowCount&) const { return Count("row", "rows"); }
  std::string operator()(const NewestTimestamp& newest) const {
    return fmt::format("newest {} is {}", fmt::join(newest.columns, " or "), number);
  }
  std::string operator()(const NullCount& nulls) const {
    if (as_ratio && !zero) return fmt::format("{} of {} is NULL", number, nulls.column);
    return fmt::format("{} in {}", zero ? "no NULLs" : Count("NULL", "NULLs"), nulls.column);
  }
  std::string operator()(const DistinctCount& distinct) const {
    if (as_ratio) return fmt::format("{} of {} is distinct", number, distinct.column);
    return fmt::format("{} has {}", distinct.column, Count("distinct value", "distinct values"));
  }
  std::string operator()(const DuplicateCount& duplicates) const {
    const bool single = duplicates.columns.size() == 1;
    const std::string columns = fmt::format("{}", fmt::join(duplicates.columns, ", "));
    return fmt::format("{} of {}", zero ? "no duplicates" : Count("duplicate", "duplicates"),
                       single ? columns : "(" + columns + ")");
  }
  std::string operator()(const Aggregate& aggregate) const {
    return fmt::format("{} of {} is {}", FunctionName(aggregate.function), aggregate.column, number);
  }
  std::string operator()(const Percentile& percentile) const {
    return fmt::format("p{:.6g} of {} is {}", percentile.fraction * 100, percentile.column, number);
  }
  std::string operator()(const OutsideAccepted& outside) const {
    return Bad(outside.column, "are not accepted", "is not accepted", "are accepted");
  }
  std::string operator()(const PatternMismatch& pattern) const {
    const std::string regex = Shortened(pattern.regex);
    return Bad(pattern.column, "do not match " + regex, "does not match " + regex, "match " + regex);
  }
  std::string operator()(const LengthOutside& length) const {
    const std::string low = length.min ? fmt::to_string(*length.min) : "";
    const std::string high = length.max ? fmt::to_string(*length.max) : "";
    const std::string span = low == high || high.empty() ? low : low.empty() ? high : low + " to " + high;
    const std::string_view limit = high.empty() ? "at least " : low.empty() ? "at most " : "";
    const std::string_view unit = span == "1" ? "character" : "characters";
    const std::string is = fmt::format("{}{} {} long", limit, span, unit);
    return Bad(length.column, "are not " + is, "is not " + is, "are " + is);
  }
  std::string operator()(const Orphans& orphans) const {
    const std::string in = fmt::format("in {}.{}", orphans.other.Local(), orphans.other_column);
    return Bad(orphans.column, "are not " + in, "is not " + in, "are " + in);
  }
  std::string operator()(const Columns&) const { return number; }
  std::string operator()(const ChangeMark&) const { return number; }
  std::string operator()(const CustomValue&) const { return fmt::format("the query gives {}", number); }
  std::string operator()(const FailRows&) const { return Count("failing row", "failing rows"); }

  static std::string_view FunctionName(Aggregate::Function function) {
    switch (function) {
      case Aggregate::Function::kMin:
        return "minimum";
      case Aggregate::Function::kMax:
        return "maximum";
      case Aggregate::Function::kMean:
        return "mean";
      case Aggregate::Function::kSum:
        return "sum";
      case Aggregate::Function::kStddev:
        return "standard deviation";
    }
    return "value";
  }
};

void DropTrailingZeros(std::string& text) {
  if (text.find('.') == std::string::npos) return;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
}

// `figures` significant ones, counted from 100% where it is nearer: 0.031 → "3.1", 0.99997 → "99.997". No
// trailing zeros, never an exponent.
std::string PercentFigures(double ratio, int figures) {
  const double percent = ratio * 100;
  if (percent == 0) return "0";
  const double size = std::abs(percent);
  if (!std::isfinite(size) || size >= 1000)
    return HumanText(Value(figures > 2 ? percent : std::round(percent)));
  const double distance = size < 50 || size >= 100 ? size : 100 - size;
  const int decimals = figures - 1 - static_cast<int>(std::floor(std::log10(distance)));
  std::string text = fmt::format("{:.{}f}", percent, std::clamp(decimals, 0, kFiguresMax));
  DropTrailingZeros(text);
  return text;
}

std::string DeclaredPercent(double ratio) { return fmt::format("{:.10g}%", ratio * 100); }

// A double as people read it where that loses nothing, else all its digits.
std::string ExactText(double number) {
  std::string text = HumanText(Value(number));
  std::string plain = text;
  std::erase(plain, ',');
  return std::strtod(plain.c_str(), nullptr) == number ? text : StoredText(Value(number));
}

std::string_view Sign(double change) { return change < 0 ? "−" : "+"; }

std::string WithUnit(std::string figures, ChangeUnit unit) {
  switch (unit) {
    case ChangeUnit::kPercent:
      return figures + "%";
    case ChangeUnit::kPoints:
      return figures + (figures == "1" ? " percentage point" : " percentage points");
    case ChangeUnit::kPlain:
      break;
  }
  return figures;
}

}  // namespace

std::string BoundText(const Value& bound, const Figures& figures) {
  const auto number = AsNumber(bound);
  if (figures.as_ratio && number) return DeclaredPercent(*number);
  if (std::holds_alternative<double>(bound) && number) return ExactText(*number);
  const auto* at = std::get_if<Timestamp>(&bound);
  if (at != nullptr && at->time_since_epoch() % std::chrono::minutes(1) == Duration(0))
    return WhenText(*at, figures.zone);
  return ObservedText(bound, figures);
}

std::string ObservedText(const Value& value, const Figures& figures, const Value& beside) {
  const auto number = AsNumber(value);
  const std::string other = IsNull(beside) ? std::string() : BoundText(beside, figures);
  if (figures.as_ratio && number) {
    std::string text = PercentText(*number);
    for (int more = 3; text == other && more <= kFiguresMax; ++more)
      text = PercentFigures(*number, more) + "%";
    return text;
  }
  if (const auto* at = std::get_if<Timestamp>(&value)) return HumanText(Value(figures.zone.ToLocal(*at)));
  if (const auto* text = std::get_if<std::string>(&value)) return Shortened(*text);
  std::string text = HumanText(value);
  const bool differs = !IsNull(beside) && Compare(value, beside) != std::partial_ordering::equivalent;
  return differs && text == other ? StoredText(value) : text;
}

std::string ObservedPhrase(const Metric& metric, const Value& value, const std::string& number,
                           bool as_ratio) {
  const auto count = AsNumber(value);
  return std::visit(Phrase{number, count && *count == 0, count && *count == 1, as_ratio}, metric);
}

std::string PercentText(double ratio) { return PercentFigures(ratio, 2) + "%"; }

std::string ChangeBoundText(double bound, ChangeUnit unit, bool bare) {
  const double size = std::abs(bound);
  const std::string figures =
      unit == ChangeUnit::kPlain ? ExactText(size) : fmt::format("{:.10g}", size * 100);
  return std::string(bare || bound == 0 ? "" : Sign(bound)) + WithUnit(figures, unit);
}

std::string ChangeText(double change, ChangeUnit unit, std::optional<double> beside) {
  const double size = std::abs(change);
  const std::string other = beside ? ChangeBoundText(*beside, unit) : std::string();
  const auto text = [&](int figures) {
    std::string digits = unit != ChangeUnit::kPlain ? PercentFigures(size, figures)
                         : figures == 2             ? HumanText(Value(size))
                                                    : StoredText(Value(size));
    const bool none = digits == "0";
    return std::string(none ? "" : Sign(change)) + WithUnit(std::move(digits), unit);
  };
  std::string shown = text(2);
  for (int more = 3; shown == other && *beside != change && more <= kFiguresMax; ++more) shown = text(more);
  return shown;
}

std::string AgeText(Duration age, Duration beside) {
  std::string text = HumanDuration(age);
  if (age == beside || text != HumanDuration(beside)) return text;
  constexpr std::chrono::minutes kMinute(1);
  if (std::chrono::floor<std::chrono::minutes>(age) > beside) {
    return FormatDuration(std::chrono::floor<std::chrono::minutes>(age));
  }
  return FormatDuration(age > kMinute ? std::chrono::ceil<std::chrono::seconds>(age) : age);
}

std::string KindText(const Value& value) {
  if (std::holds_alternative<int64_t>(value)) return "an integer";
  if (std::holds_alternative<double>(value) || std::holds_alternative<Decimal>(value)) return "a number";
  if (std::holds_alternative<Timestamp>(value) || std::holds_alternative<LocalTime>(value)) return "a time";
  return IsNull(value) ? "NULL" : fmt::format("a {}", KindName(value));
}

std::string WhenText(Timestamp at, const Zone& zone) {
  const LocalTime local = zone.ToLocal(at);
  const bool is_midnight = local == std::chrono::floor<std::chrono::days>(local);
  const std::string date = FormatDate(zone.LocalDay(at));
  return is_midnight ? date : date + " " + ClockText(at, zone);
}

std::string ClockText(Timestamp at, const Zone& zone) {
  const LocalTime local = zone.ToLocal(at);
  const auto minutes =
      std::chrono::floor<std::chrono::minutes>(local - std::chrono::floor<std::chrono::days>(local));
  return fmt::format("{:02}:{:02}", minutes.count() / 60, minutes.count() % 60);
}

std::string WindowText(const Window& window, Timestamp to, const Zone& zone) {
  constexpr std::chrono::days kDay(1);
  const bool whole_days = window.last > Duration(0) && window.last % Duration(kDay) == Duration(0);
  const std::string until = whole_days ? FormatDate(zone.LocalDay(to - Duration(1))) : WhenText(to, zone);
  if (window.last == kDay) return "on " + until;
  return fmt::format("in the {} to {}", HumanDuration(window.last), until);
}

std::string Shortened(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (line.size() <= kShortenedMax) return line;
  size_t end = kShortenedMax;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80)
    --end;  // never inside a character
  return line.substr(0, end) + "…";
}

}  // namespace amont
