#include "checks/judge/phrase.h"

#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace amont {

namespace {

struct Phrase {
  const std::string& number;  // the observed value, formatted
  bool plural;                // it counts other than one

  std::string Count(std::string_view one, std::string_view many) const {
    return fmt::format("{} {}", number, plural ? many : one);
  }

  std::string operator()(const RowCount&) const { return Count("row", "rows"); }
  std::string operator()(const NewestTimestamp& newest) const {
    return fmt::format("newest {} is {}", fmt::join(newest.columns, " or "), number);
  }
  std::string operator()(const NullCount& nulls) const {
    return fmt::format("{} in {}", Count("NULL", "NULLs"), nulls.column);
  }
  std::string operator()(const DistinctCount& distinct) const {
    return fmt::format("{} of {}", Count("distinct value", "distinct values"), distinct.column);
  }
  std::string operator()(const DuplicateCount& duplicates) const {
    return fmt::format("{} of ({})", Count("duplicate", "duplicates"), fmt::join(duplicates.columns, ", "));
  }
  std::string operator()(const Aggregate& aggregate) const {
    return fmt::format("{} of {} is {}", FunctionName(aggregate.function), aggregate.column, number);
  }
  std::string operator()(const Percentile& percentile) const {
    return fmt::format("percentile {} of {} is {}", HumanText(Value(percentile.fraction)), percentile.column, number);
  }
  std::string operator()(const OutsideAccepted& outside) const {
    return fmt::format("{} of {} not accepted", Count("value", "values"), outside.column);
  }
  std::string operator()(const PatternMismatch& pattern) const {
    return fmt::format("{} of {} not matching {}", Count("value", "values"), pattern.column, pattern.regex);
  }
  std::string operator()(const LengthOutside& length) const {
    return fmt::format("{} of {} of the wrong length", Count("value", "values"), length.column);
  }
  std::string operator()(const Orphans& orphans) const {
    return fmt::format("{} of {} without a row in {}.{}", Count("value", "values"), orphans.column,
                       orphans.other.Local(), orphans.other_column);
  }
  std::string operator()(const Columns&) const { return number; }
  std::string operator()(const ChangeMark&) const { return number; }
  std::string operator()(const CustomValue&) const { return fmt::format("the query gives {}", number); }
  std::string operator()(const FailRows&) const { return Count("failing row", "failing rows"); }

  static std::string_view FunctionName(Aggregate::Function function) {
    switch (function) {
      case Aggregate::Function::kMin: return "minimum";
      case Aggregate::Function::kMax: return "maximum";
      case Aggregate::Function::kMean: return "mean";
      case Aggregate::Function::kSum: return "sum";
      case Aggregate::Function::kStddev: return "standard deviation";
    }
    return "value";
  }
};

// Two significant figures, never an exponent, no trailing zeros: 0.031 → "3.1", 0.99997 → "99.997".
std::string PercentFigures(double ratio) {
  const double percent = ratio * 100;
  if (percent == 0) return "0";
  const double distance = std::abs(percent) < 50 ? std::abs(percent) : std::abs(100 - std::abs(percent));
  int decimals = 0;
  if (distance > 0) decimals = std::max(0, 1 - static_cast<int>(std::floor(std::log10(distance))));
  if (std::abs(percent) >= 150) decimals = 0;
  std::string text = fmt::format("{:.{}f}", percent, std::min(decimals, 12));
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

}  // namespace

std::string PercentText(double ratio) { return PercentFigures(ratio) + "%"; }

std::string SignedPercentText(double ratio) {
  const std::string text = PercentFigures(std::abs(ratio)) + "%";
  if (text == "0%") return text;
  return (ratio < 0 ? "−" : "+") + text;
}

std::string ObservedPhrase(const Measure& measure, const Value& value, bool as_ratio) {
  const auto number = AsNumber(value);
  const std::string text = as_ratio && number ? PercentText(*number) : HumanText(value);
  return std::visit(Phrase{text, as_ratio || !number || *number != 1}, measure.metric);
}

std::string WhenText(Timestamp at, const Zone& zone) {
  const LocalTime local = zone.ToLocal(at);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::string date = FormatDate(Date(day.time_since_epoch()));
  if (local == day) return date;
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(local - day).count();
  return fmt::format("{} {:02}:{:02}", date, minutes / 60, minutes % 60);
}

}  // namespace amont
