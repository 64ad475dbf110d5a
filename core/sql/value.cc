#include "core/sql/value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <type_traits>

namespace amont {
namespace {

template <class... Fns>
struct Overloaded : Fns... {
  using Fns::operator()...;
};
template <class... Fns>
Overloaded(Fns...) -> Overloaded<Fns...>;

// Reads all of `text`, or nothing.
template <class Number>
std::optional<Number> ReadNumber(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

// A decimal without exponent, taken apart: compared without losing a digit.
struct Digits {
  bool negative = false;
  std::string_view whole;     // without leading zeros
  std::string_view fraction;  // without trailing zeros
};

std::optional<Digits> SplitDigits(std::string_view text) {
  Digits digits;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    digits.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const size_t point = text.find('.');
  digits.whole = text.substr(0, point);
  if (point != std::string_view::npos) digits.fraction = text.substr(point + 1);
  const auto is_digits = [](std::string_view part) {
    return part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!is_digits(digits.whole) || !is_digits(digits.fraction)) return std::nullopt;
  if (digits.whole.empty() && digits.fraction.empty()) return std::nullopt;
  while (!digits.whole.empty() && digits.whole.front() == '0') digits.whole.remove_prefix(1);
  while (!digits.fraction.empty() && digits.fraction.back() == '0') digits.fraction.remove_suffix(1);
  if (digits.whole.empty() && digits.fraction.empty()) digits.negative = false;
  return digits;
}

std::strong_ordering CompareDigits(const Digits& left, const Digits& right) {
  if (left.negative != right.negative) {
    return left.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  auto order = left.whole.size() <=> right.whole.size();
  if (order == 0) order = left.whole <=> right.whole;
  if (order == 0) order = left.fraction <=> right.fraction;  // no trailing zeros: text order is number order
  return left.negative ? 0 <=> order : order;
}

std::optional<Digits> ExactDigits(const Value& value, std::string& buffer) {
  if (const auto* decimal = std::get_if<Decimal>(&value)) return SplitDigits(decimal->text);
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    buffer = fmt::to_string(*integer);
    return SplitDigits(buffer);
  }
  return std::nullopt;
}

// Exact for int64 and double on either side: long double holds both.
std::optional<long double> AsWideNumber(const Value& value) {
  return std::visit(Overloaded{
                        [](bool flag) -> std::optional<long double> { return flag ? 1 : 0; },
                        [](int64_t integer) -> std::optional<long double> { return integer; },
                        [](double number) -> std::optional<long double> { return number; },
                        [](const Decimal& decimal) -> std::optional<long double> {
                          return ReadNumber<double>(decimal.text);
                        },
                        [](const auto&) -> std::optional<long double> { return std::nullopt; },
                    },
                    value);
}

// A civil instant: what can be compared with its own kind and, for a date (its midnight), with both kinds.
struct Moment {
  bool zoned = false;
  bool local = false;
  int64_t micros = 0;
};

std::optional<Moment> AsMoment(const Value& value) {
  if (const auto* at = std::get_if<Timestamp>(&value))
    return Moment{true, false, at->time_since_epoch().count()};
  if (const auto* at = std::get_if<LocalTime>(&value))
    return Moment{false, true, at->time_since_epoch().count()};
  if (const auto* day = std::get_if<Date>(&value)) {
    return Moment{false, false, Duration(day->time_since_epoch()).count()};
  }
  return std::nullopt;
}

// 1234567.5 → 1,234,567.5; leaves what has an exponent or is no number.
std::string WithThousands(std::string text) {
  const size_t begin = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  if (text.find_first_not_of("0123456789.", begin) != std::string::npos) return text;
  const size_t point = text.find('.');
  const size_t whole_end = point == std::string::npos ? text.size() : point;
  for (size_t at = whole_end; at > begin + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string HumanDouble(double number) {
  constexpr double kPlainMax =
      1e15;  // doubles are whole numbers from about here on; an exponent reads better
  const double size = std::abs(number);
  if (!std::isfinite(number)) return std::isnan(number) ? "NaN" : number < 0 ? "-infinity" : "infinity";
  if (size >= kPlainMax) return fmt::format("{:.4g}", number);
  if (size < 1000 && size != std::floor(size)) {
    std::string text;
    for (const int figures : {4, 6, 9, 17}) {  // 0.99999 is not 1: never round to a whole number
      text = fmt::format("{:.{}g}", number, figures);
      const double shown = ReadNumber<double>(text).value_or(0);
      if (shown != std::floor(shown)) break;
    }
    return text;
  }
  std::string text = fmt::format("{:.2f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  if (text == "-0") text = "0";
  return WithThousands(text);
}

// Money and counts as they are; the twenty digits of an average as a double is shown.
std::string HumanDecimal(const Decimal& decimal) {
  constexpr size_t kFractionMax = 4;
  const size_t point = decimal.text.find('.');
  if (point != std::string::npos && decimal.text.size() - point - 1 > kFractionMax) {
    if (const auto number = ReadNumber<double>(decimal.text)) return HumanDouble(*number);
  }
  return WithThousands(decimal.text);
}

// RFC 3339 without its zone.
std::string LocalText(LocalTime at) {
  std::string text = FormatTimestamp(Timestamp(at.time_since_epoch()));
  text.pop_back();  // Z
  return text;
}

std::string HumanLocal(LocalTime at) {
  std::string text = LocalText(at);
  if (const size_t separator = text.find('T'); separator != std::string::npos) text[separator] = ' ';
  return text;
}

}  // namespace

std::optional<double> AsNumber(const Value& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  const auto number = AsWideNumber(value);
  if (!number || std::isnan(*number)) return std::nullopt;
  return static_cast<double>(*number);
}

std::optional<int64_t> AsInteger(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) {
    constexpr double kTwoTo63 = 9223372036854775808.0;
    if (!(*number >= -kTwoTo63 && *number < kTwoTo63) || *number != std::floor(*number)) return std::nullopt;
    return static_cast<int64_t>(*number);
  }
  if (const auto* decimal = std::get_if<Decimal>(&value)) {
    const auto digits = SplitDigits(decimal->text);
    if (!digits || !digits->fraction.empty()) return std::nullopt;
    if (digits->whole.empty()) return 0;
    return ReadNumber<int64_t>((digits->negative ? "-" : "") + std::string(digits->whole));
  }
  return std::nullopt;
}

std::string HumanText(const Value& value) {
  return std::visit(Overloaded{
                        [](std::monostate) -> std::string { return "NULL"; },
                        [](bool flag) -> std::string { return flag ? "true" : "false"; },
                        [](int64_t integer) { return WithThousands(fmt::to_string(integer)); },
                        [](double number) { return HumanDouble(number); },
                        [](const Decimal& decimal) { return HumanDecimal(decimal); },
                        [](Timestamp at) { return FormatTimestamp(at); },
                        [](LocalTime at) { return HumanLocal(at); },
                        [](Date day) { return FormatDate(day); },
                        [](const std::string& text) { return text; },
                    },
                    value);
}

std::string StoredText(const Value& value) {
  return std::visit(Overloaded{
                        [](std::monostate) -> std::string { return ""; },
                        [](bool flag) -> std::string { return flag ? "true" : "false"; },
                        [](int64_t integer) { return fmt::to_string(integer); },
                        [](double number) -> std::string {
                          if (std::isnan(number)) return "nan";  // never "-nan", which engines refuse
                          return fmt::format("{}", number);      // the shortest that reads back
                        },
                        [](const Decimal& decimal) { return decimal.text; },
                        [](Timestamp at) { return FormatTimestamp(at); },
                        [](LocalTime at) { return LocalText(at); },
                        [](Date day) { return FormatDate(day); },
                        [](const std::string& text) { return text; },
                    },
                    value);
}

std::string_view KindName(const Value& value) {
  return std::visit(Overloaded{
                        [](std::monostate) -> std::string_view { return "null"; },
                        [](bool) -> std::string_view { return "boolean"; },
                        [](int64_t) -> std::string_view { return "integer"; },
                        [](double) -> std::string_view { return "double"; },
                        [](const Decimal&) -> std::string_view { return "decimal"; },
                        [](Timestamp) -> std::string_view { return "timestamp"; },
                        [](LocalTime) -> std::string_view { return "local_time"; },
                        [](Date) -> std::string_view { return "date"; },
                        [](const std::string&) -> std::string_view { return "text"; },
                    },
                    value);
}

Value ParseStored(std::string_view kind, std::string_view text) {
  if (kind == "null") return std::monostate();
  if (kind == "boolean" && (text == "true" || text == "false")) return text == "true";
  if (kind == "integer") {
    if (const auto integer = ReadNumber<int64_t>(text)) return *integer;
  }
  if (kind == "double") {
    if (const auto number = ReadNumber<double>(text)) return *number;
  }
  if (kind == "decimal") return Decimal{std::string(text)};
  if (kind == "timestamp" || kind == "local_time") {
    if (const auto at = ParseTimestamp(text)) {
      if (kind == "timestamp") return *at;
      return LocalTime(at->time_since_epoch());
    }
  }
  if (kind == "date") {
    if (const auto day = ParseDate(text)) return *day;
  }
  return std::string(text);
}

std::optional<std::partial_ordering> Compare(const Value& left, const Value& right) {
  std::string left_buffer, right_buffer;
  const auto left_digits = ExactDigits(left, left_buffer);
  const auto right_digits = ExactDigits(right, right_buffer);
  if (left_digits && right_digits) return CompareDigits(*left_digits, *right_digits);

  const auto left_number = AsWideNumber(left);
  const auto right_number = AsWideNumber(right);
  if (left_number && right_number) return *left_number <=> *right_number;

  const auto left_moment = AsMoment(left);
  const auto right_moment = AsMoment(right);
  if (left_moment && right_moment) {
    const bool needs_zone =
        (left_moment->zoned && right_moment->local) || (left_moment->local && right_moment->zoned);
    if (needs_zone) return std::nullopt;
    return left_moment->micros <=> right_moment->micros;
  }

  const auto* left_text = std::get_if<std::string>(&left);
  const auto* right_text = std::get_if<std::string>(&right);
  if (left_text != nullptr && right_text != nullptr) return *left_text <=> *right_text;
  return std::nullopt;
}

}  // namespace amont
