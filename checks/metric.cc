#include "checks/metric.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace amont {
namespace {

// As SQL writes a text, on one line: equal only for equal texts.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'')
      quoted += "''";
    else if (c == '\\')
      quoted += "\\\\";
    else if (c == '\n')
      quoted += "\\n";
    else
      quoted += c;
  }
  return quoted + "'";
}

// A value that shows its kind: 1 is an integer, 1.0 a double, '1' a text.
std::string ValueText(const Value& value) {
  if (IsNull(value)) return "null";
  if (const auto* text = std::get_if<std::string>(&value)) return Quoted(*text);
  const std::string stored = StoredText(value);
  if (std::holds_alternative<double>(value)) {
    return stored.find_first_not_of("-0123456789") == std::string::npos ? stored + ".0" : stored;
  }
  if (std::holds_alternative<int64_t>(value) || std::holds_alternative<bool>(value)) return stored;
  return fmt::format("{} '{}'", KindName(value), stored);
}

std::string JoinParts(const std::vector<std::string>& names, std::string_view separator) {
  std::string joined;
  for (const std::string& name : names) {
    if (!joined.empty()) joined += separator;
    joined += QuotePart(name);
  }
  return joined;
}

std::string_view FormatText(TimeFormat format) {
  switch (format) {
    case TimeFormat::kNative:
      return "";
    case TimeFormat::kUnixSeconds:
      return ",unix_s";
    case TimeFormat::kUnixMillis:
      return ",unix_ms";
    case TimeFormat::kIso:
      return ",iso";
  }
  return "";
}

std::string_view FunctionText(Aggregate::Function function) {
  switch (function) {
    case Aggregate::Function::kMin:
      return "min";
    case Aggregate::Function::kMax:
      return "max";
    case Aggregate::Function::kMean:
      return "mean";
    case Aggregate::Function::kSum:
      return "sum";
    case Aggregate::Function::kStddev:
      return "stddev";
  }
  return "";
}

struct MetricText {
  std::string operator()(const RowCount&) const { return "row_count"; }
  std::string operator()(const NewestTimestamp& m) const {
    return fmt::format("newest({}{})", JoinParts(m.columns, "|"), FormatText(m.format));
  }
  std::string operator()(const NullCount& m) const {
    return fmt::format("null_count({})", QuotePart(m.column));
  }
  std::string operator()(const DistinctCount& m) const {
    return fmt::format("distinct({})", QuotePart(m.column));
  }
  std::string operator()(const DuplicateCount& m) const {
    return fmt::format("duplicates({})", JoinParts(m.columns, ","));
  }
  std::string operator()(const Aggregate& m) const {
    return fmt::format("{}({})", FunctionText(m.function), QuotePart(m.column));
  }
  std::string operator()(const Percentile& m) const {
    return fmt::format("percentile({},{})", QuotePart(m.column), m.fraction);
  }
  std::string operator()(const OutsideAccepted& m) const {
    std::string values;
    for (const Value& value : m.values) {
      if (!values.empty()) values += ",";
      values += ValueText(value);
    }
    return fmt::format("outside({},[{}])", QuotePart(m.column), values);
  }
  std::string operator()(const PatternMismatch& m) const {
    return fmt::format("mismatch({},{})", QuotePart(m.column), Quoted(m.regex));
  }
  std::string operator()(const LengthOutside& m) const {
    const std::string min = m.min ? fmt::to_string(*m.min) : "";
    const std::string max = m.max ? fmt::to_string(*m.max) : "";
    return fmt::format("length_outside({},{}..{})", QuotePart(m.column), min, max);
  }
  std::string operator()(const Orphans& m) const {
    return fmt::format("orphans({},{}.{})", QuotePart(m.column), m.other.Full(), QuotePart(m.other_column));
  }
  std::string operator()(const Columns&) const { return "columns"; }
  std::string operator()(const ChangeMark&) const { return "change_mark"; }
  std::string operator()(const CustomValue& m) const { return fmt::format("value({})", Quoted(m.sql)); }
  std::string operator()(const FailRows& m) const { return fmt::format("fail_rows({})", Quoted(m.sql)); }
};

struct MetricColumns {
  std::vector<std::string> operator()(const RowCount&) const { return {}; }
  std::vector<std::string> operator()(const NewestTimestamp& m) const { return m.columns; }
  std::vector<std::string> operator()(const NullCount& m) const { return {m.column}; }
  std::vector<std::string> operator()(const DistinctCount& m) const { return {m.column}; }
  std::vector<std::string> operator()(const DuplicateCount& m) const { return m.columns; }
  std::vector<std::string> operator()(const Aggregate& m) const { return {m.column}; }
  std::vector<std::string> operator()(const Percentile& m) const { return {m.column}; }
  std::vector<std::string> operator()(const OutsideAccepted& m) const { return {m.column}; }
  std::vector<std::string> operator()(const PatternMismatch& m) const { return {m.column}; }
  std::vector<std::string> operator()(const LengthOutside& m) const { return {m.column}; }
  std::vector<std::string> operator()(const Orphans& m) const { return {m.column}; }
  std::vector<std::string> operator()(const Columns&) const { return {}; }
  std::vector<std::string> operator()(const ChangeMark&) const { return {}; }
  std::vector<std::string> operator()(const CustomValue&) const { return {}; }
  std::vector<std::string> operator()(const FailRows&) const { return {}; }
};

}  // namespace

std::string ToText(const Metric& metric) { return std::visit(MetricText{}, metric); }

std::vector<std::string> ColumnsOf(const Metric& metric) { return std::visit(MetricColumns{}, metric); }

}  // namespace amont
