#include "checks/plan/standard_dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "checks/plan/sql_text.h"

namespace amont {
namespace {

using std::chrono::days;

std::string NumberText(double number) {
  if (!std::isfinite(number)) {
    const std::string_view name = std::isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity";
    return fmt::format("CAST('{}' AS double precision)", name);
  }
  std::string text = fmt::format("{}", number);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return number < 0 ? "(" + text + ")" : text;
}

// Whether the listed values can stand in such a column at all.
bool Listed(const std::vector<Value>& values, const ColumnType& type) {
  const auto fits = [&](const Value& value) {
    const bool number = std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value) ||
                        std::holds_alternative<Decimal>(value);
    switch (type.family) {
      case TypeFamily::kInteger:
      case TypeFamily::kDecimal:
      case TypeFamily::kFloat:
        return number;
      case TypeFamily::kText:
        return std::holds_alternative<std::string>(value);
      case TypeFamily::kBoolean:
        return std::holds_alternative<bool>(value);
      default:
        return !number || type.family == TypeFamily::kOther;
    }
  };
  return std::ranges::all_of(values, fits);
}

bool NeedsNumber(const Metric& metric) {
  if (const auto* aggregate = std::get_if<Aggregate>(&metric)) {
    return aggregate->function != Aggregate::Function::kMin &&
           aggregate->function != Aggregate::Function::kMax;
  }
  return std::holds_alternative<Percentile>(metric);
}

}  // namespace

std::string CivilText(LocalTime local) {
  std::string text = FormatTimestamp(Timestamp(local.time_since_epoch()));
  text.pop_back();  // Z
  std::ranges::replace(text, 'T', ' ');
  return text;
}

// One case a metric: the condition of a bad row, for those that count them.
struct BadRowTest {
  const StandardDialect& dialect;
  const CatalogTable* table;

  std::string Column(const std::string& name) const { return dialect.Quote(name); }

  std::string operator()(const NullCount& m) const { return Column(m.column) + " IS NULL"; }
  std::string operator()(const OutsideAccepted& m) const {
    if (m.values.empty()) return Column(m.column) + " IS NOT NULL";
    std::vector<std::string> values;
    for (const Value& value : m.values) values.push_back(dialect.Literal(value));
    const CatalogColumn* known = dialect.FindColumn(table, m.column);
    // An enumeration refuses to compare with a text that is none of its labels.
    const bool cast = known != nullptr && known->type.family == TypeFamily::kOther &&
                      std::holds_alternative<std::string>(m.values.front());
    const std::string column = cast ? dialect.AsText(Column(m.column)) : Column(m.column);
    return column + " NOT IN (" + Join(values, ", ") + ")";
  }
  std::string operator()(const PatternMismatch& m) const {
    return dialect.Mismatches(dialect.TextOf(m.column, table), dialect.Literal(m.regex));
  }
  std::string operator()(const LengthOutside& m) const {
    const std::string length = "length(" + dialect.TextOf(m.column, table) + ")";
    std::vector<std::string> either;
    if (m.min) either.push_back(fmt::format("{} < {}", length, *m.min));
    if (m.max) either.push_back(fmt::format("{} > {}", length, *m.max));
    if (either.empty()) return "1 = 0";
    return either.size() == 1 ? either[0] : "(" + Join(either, " OR ") + ")";
  }
  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }
};

// One case a metric: the aggregate over the rows of the table that pass `filter`.
struct MetricExpression {
  const StandardDialect& dialect;
  const std::string& filter;
  const CatalogTable* table;

  std::string Column(const std::string& name) const { return dialect.Quote(name); }
  template <class Bad>
  std::string CountBad(const Bad& metric) const {
    return "count(*)" + Filter(AllOf({BadRowTest{dialect, table}(metric), filter}));
  }

  std::string operator()(const RowCount&) const { return "count(*)" + Filter(filter); }
  std::string operator()(const NullCount& m) const { return CountBad(m); }
  std::string operator()(const DistinctCount& m) const {
    return "count(DISTINCT " + Column(m.column) + ")" + Filter(filter);
  }
  std::string operator()(const DuplicateCount& m) const {
    if (m.columns.size() == 1) {
      const std::string column = Column(m.columns[0]);
      return fmt::format("count({0}){1} - count(DISTINCT {0}){1}", column, Filter(filter));
    }
    std::vector<std::string> columns;
    std::vector<std::string> conditions;
    for (const std::string& column : m.columns) {
      columns.push_back(Column(column));
      conditions.push_back(columns.back() + " IS NOT NULL");
    }
    conditions.push_back(filter);
    const std::string whole = Filter(AllOf(conditions));
    return fmt::format("count(*){1} - count(DISTINCT {0}){1}", dialect.Tuple(columns), whole);
  }
  std::string operator()(const Aggregate& m) const {
    const std::string column = Column(m.column);
    switch (m.function) {
      case Aggregate::Function::kMin:
        return "min(" + column + ")" + Filter(filter);
      case Aggregate::Function::kMax:
        return "max(" + column + ")" + Filter(filter);
      case Aggregate::Function::kMean:
        return "avg(" + column + ")" + Filter(filter);
      case Aggregate::Function::kSum:
        return "sum(" + column + ")" + Filter(filter);
      case Aggregate::Function::kStddev:
        return dialect.Stddev(column) + Filter(filter);
    }
    return {};
  }
  std::string operator()(const Percentile& m) const {
    return dialect.Percentile(Column(m.column), m.fraction, Filter(filter));
  }
  std::string operator()(const OutsideAccepted& m) const { return CountBad(m); }
  std::string operator()(const PatternMismatch& m) const { return CountBad(m); }
  std::string operator()(const LengthOutside& m) const { return CountBad(m); }
  std::string operator()(const NewestTimestamp&) const { return {}; }
  std::string operator()(const Orphans&) const { return {}; }
  std::string operator()(const Columns&) const { return {}; }
  std::string operator()(const ChangeMark&) const { return {}; }
  std::string operator()(const CustomValue&) const { return {}; }
  std::string operator()(const FailRows&) const { return {}; }
};

LocalTime LocalLimit(const Zone& zone, std::string_view op, Timestamp limit) {
  const LocalTime reached = zone.LocalReached(limit);
  return op == "<" || reached == zone.ToLocal(limit) ? reached : reached - Duration(1);
}

std::string StandardDialect::Quote(std::string_view identifier) const { return QuoteIdentifier(identifier); }

std::string StandardDialect::From(const TableName& table) const {
  return table.schema.empty() ? Quote(table.table) : Quote(table.schema) + "." + Quote(table.table);
}

std::string StandardDialect::Literal(const Value& value) const {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "TRUE" : "FALSE";
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    return *integer < 0 ? fmt::format("({})", *integer) : fmt::to_string(*integer);
  }
  if (const auto* number = std::get_if<double>(&value)) return NumberText(*number);
  if (const auto* decimal = std::get_if<Decimal>(&value)) {
    return decimal->text.starts_with('-') ? "(" + decimal->text + ")" : decimal->text;
  }
  if (const auto* at = std::get_if<Timestamp>(&value)) {
    return "TIMESTAMPTZ '" + CivilText(LocalTime(at->time_since_epoch())) + "+00'";
  }
  if (const auto* local = std::get_if<LocalTime>(&value)) return "TIMESTAMP '" + CivilText(*local) + "'";
  if (const auto* day = std::get_if<Date>(&value)) return "DATE '" + FormatDate(*day) + "'";
  if (const auto* text = std::get_if<std::string>(&value)) return QuoteText(*text);
  return "NULL";
}

std::string StandardDialect::TimeValue(const TimeColumn& column) const {
  const std::string quoted = Quote(column.name);
  const bool text = column.type.family == TypeFamily::kText;
  switch (column.format) {
    case TimeFormat::kNative:
      return quoted;
    case TimeFormat::kUnixSeconds:
    case TimeFormat::kUnixMillis:
      return text ? "CAST(" + quoted + " AS double precision)" : quoted;
    case TimeFormat::kIso:
      return column.type.IsTime() ? quoted : ParseIso(quoted, column.zone);
  }
  return quoted;
}

std::string StandardDialect::TimeTest(const TimeColumn& column, std::string_view op, Timestamp limit) const {
  const auto literal = [&]() -> Value {
    const auto since_epoch = limit.time_since_epoch();
    if (column.format == TimeFormat::kUnixSeconds) {
      return static_cast<int64_t>(op == "<" ? std::chrono::ceil<std::chrono::seconds>(since_epoch).count()
                                            : std::chrono::floor<std::chrono::seconds>(since_epoch).count());
    }
    if (column.format == TimeFormat::kUnixMillis) {
      return static_cast<int64_t>(op == "<"
                                      ? std::chrono::ceil<std::chrono::milliseconds>(since_epoch).count()
                                      : std::chrono::floor<std::chrono::milliseconds>(since_epoch).count());
    }
    if (column.type.family == TypeFamily::kTimestamp) return LocalLimit(column.zone, op, limit);
    if (column.type.family == TypeFamily::kDate) {
      const Date day = column.zone.LocalDay(limit);  // a day begins with its midnight
      return op == "<" && column.zone.StartOf(day) < limit ? day + days(1) : day;
    }
    return limit;
  }();
  return fmt::format("{} {} {}", TimeValue(column), op, Literal(literal));
}

std::string StandardDialect::WindowTest(const TimeColumn& column, const WindowSpan& span,
                                        std::vector<Value>& params) const {
  switch (column.type.family) {
    case TypeFamily::kDate:
      params.emplace_back(Date(std::chrono::floor<days>(span.local_from.time_since_epoch())));
      params.emplace_back(Date(std::chrono::floor<days>(span.local_to.time_since_epoch())));
      break;
    case TypeFamily::kTimestamp:
      params.emplace_back(span.local_from);
      params.emplace_back(span.local_to);
      break;
    default:
      params.emplace_back(span.from);
      params.emplace_back(span.to);
  }
  return fmt::format("{0} >= ${1} AND {0} < ${2}", Quote(column.name), params.size() - 1, params.size());
}

std::optional<std::string> StandardDialect::Unsupported(const Metric& metric,
                                                        const CatalogTable* table) const {
  if (const auto* accepted = std::get_if<OutsideAccepted>(&metric)) {
    const CatalogColumn* column = FindColumn(table, accepted->column);
    if (column != nullptr && !Listed(accepted->values, column->type)) {
      return fmt::format("the accepted values do not fit column `{}`, which is {}", column->name,
                         column->type.text);
    }
  }
  if (!NeedsNumber(metric)) return std::nullopt;
  const CatalogColumn* column = FindColumn(table, ColumnsOf(metric).front());
  if (column == nullptr || column->type.IsNumeric() || column->type.family == TypeFamily::kOther)
    return std::nullopt;
  return fmt::format("{} needs a number, but column `{}` is {}", ToText(metric), column->name,
                     column->type.text);
}

std::string StandardDialect::Expression(const Metric& metric, const std::string& filter,
                                        const CatalogTable* table) const {
  return std::visit(MetricExpression{*this, filter, table}, metric);
}

std::string StandardDialect::BadRow(const Metric& metric, const CatalogTable* table) const {
  return std::visit(BadRowTest{*this, table}, metric);
}

const CatalogColumn* StandardDialect::FindColumn(const CatalogTable* table, const std::string& column) const {
  return table == nullptr ? nullptr : table->Find(column);
}

std::string StandardDialect::TextOf(const std::string& column, const CatalogTable* table) const {
  const CatalogColumn* known = FindColumn(table, column);
  const bool text = known == nullptr || known->type.family == TypeFamily::kText;
  return text ? Quote(column) : AsText(Quote(column));
}

}  // namespace amont
