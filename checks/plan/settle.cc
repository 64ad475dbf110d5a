#include "checks/plan/settle.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/diagnostic.h"

namespace amont {
namespace {

Refusal Refuse(size_t check, ErrorCode code, std::string message, bool missing_column = false) {
  return {check, MakeError(code, std::move(message)), missing_column};
}

bool IsCustom(const Metric& metric) {
  return std::holds_alternative<CustomValue>(metric) || std::holds_alternative<FailRows>(metric);
}

std::string MissingColumn(const std::string& column, const CatalogTable& table) {
  std::vector<std::string> known;
  for (const CatalogColumn& other : table.columns) known.push_back(other.name);
  const std::string hint = DidYouMean(column, known);
  return fmt::format("column `{}` does not exist in {}{}{}", column, table.name.Local(),
                     hint.empty() ? "" : "; ", hint);
}

std::string NoneExists(const NewestTimestamp& newest, const CatalogTable& table) {
  std::string names;
  for (const std::string& column : newest.columns)
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", column);
  return fmt::format("none of the columns {} exists in {}", names, table.name.Local());
}

std::string MayNotRead(const std::string& what, const CatalogTable& table) {
  const std::string grant = table.missing_grant.empty() ? "" : ": " + table.missing_grant;
  return fmt::format("not allowed to read {}{}", what, grant);
}

// The columns a check needs, each once, in order. Of a freshness list only the first that exists.
std::vector<std::string> NeededColumns(const Check& check, const CatalogTable& table) {
  std::vector<std::string> needed;
  const auto need = [&](const std::string& column) {
    if (std::ranges::find(needed, column) == needed.end()) needed.push_back(column);
  };
  const Measure& measure = check.measure;
  if (const auto* newest = std::get_if<NewestTimestamp>(&measure.metric)) {
    const auto exists = [&](const std::string& column) { return table.Find(column) != nullptr; };
    const auto first = std::ranges::find_if(newest->columns, exists);
    if (first != newest->columns.end()) {
      need(*first);
    } else if (!newest->columns.empty()) {
      need(newest->columns.front());
    }
  } else {
    for (const std::string& column : ColumnsOf(measure.metric)) need(column);
  }
  if (measure.per) {
    for (const std::string& column : ColumnsOf(*measure.per)) need(column);
  }
  if (measure.window) need(measure.window->column);
  if (!measure.group_by.empty() && !IsCustom(measure.metric)) need(measure.group_by);
  return needed;
}

std::optional<Refusal> SettleColumns(size_t index, const Check& check, const CatalogTable& table) {
  const std::vector<std::string> needed = NeededColumns(check, table);
  for (const std::string& name : needed) {
    const CatalogColumn* column = table.Find(name);
    if (column == nullptr) {
      const auto* newest = std::get_if<NewestTimestamp>(&check.measure.metric);
      const bool one_of = newest != nullptr && newest->columns.size() > 1 && name == newest->columns.front();
      // `exists` asks for no column of a list, so it does not speak for them.
      return Refuse(index, ErrorCode::kNotFound,
                    one_of ? NoneExists(*newest, table) : MissingColumn(name, table), !one_of);
    }
    if (!column->readable) {
      const bool whole = std::ranges::none_of(table.columns, &CatalogColumn::readable);
      const std::string of = whole ? "" : fmt::format("column `{}` of ", name);
      return Refuse(index, ErrorCode::kPermission, MayNotRead(of + table.name.Local(), table));
    }
  }
  if (!table.readable && std::ranges::none_of(table.columns, &CatalogColumn::readable)) {
    return Refuse(index, ErrorCode::kPermission, MayNotRead(table.name.Local(), table));
  }
  return std::nullopt;
}

std::optional<Refusal> SettleTimes(size_t index, const Check& check, const CatalogTable& table) {
  if (const auto* newest = std::get_if<NewestTimestamp>(&check.measure.metric)) {
    if (const auto column = TimeColumnOf(*newest, check.ZoneOf(), &table)) {
      if (std::string why = TimeProblem(*column); !why.empty()) {
        return Refuse(index, ErrorCode::kUnsupported, std::move(why));
      }
    }
  }
  if (!check.measure.window) return std::nullopt;
  const TimeColumn column = TimeColumnOf(check.measure.window->column, check.ZoneOf(), &table);
  if (column.type.family != TypeFamily::kOther && !column.type.IsTime()) {
    return Refuse(index, ErrorCode::kUnsupported,
                  fmt::format("column `{}` is {}; a window needs a date or a timestamp", column.name,
                              column.type.text));
  }
  const Duration last = check.measure.window->last;
  if (column.type.family == TypeFamily::kDate && std::chrono::floor<std::chrono::days>(last) != last) {
    return Refuse(index, ErrorCode::kUnsupported,
                  fmt::format("a window of {} needs a timestamp, but column `{}` is a date",
                              FormatDuration(last), column.name));
  }
  return std::nullopt;
}

bool HasNumber(const Bounds& bounds) { return AsNumber(bounds.min) || AsNumber(bounds.max); }

bool NeedsNumber(const Expectation& expectation) {
  if (std::holds_alternative<ChangeWithin>(expectation)) return true;
  if (std::holds_alternative<NearBaseline>(expectation)) return true;
  const auto* between = std::get_if<Between>(&expectation);
  return between != nullptr &&
         (HasNumber(between->fail) || HasNumber(between->warn) ||
          std::ranges::any_of(between->groups, [](const auto& group) { return HasNumber(group.second); }));
}

// The least or greatest text is a text, which no number bounds.
std::optional<Refusal> SettleBounds(size_t index, const Check& check, const CatalogTable& table) {
  const auto* aggregate = std::get_if<Aggregate>(&check.measure.metric);
  if (aggregate == nullptr || !NeedsNumber(check.expectation)) return std::nullopt;
  const CatalogColumn* column = table.Find(aggregate->column);
  if (column == nullptr || column->type.family != TypeFamily::kText) return std::nullopt;
  return Refuse(index, ErrorCode::kUnsupported,
                fmt::format("{} needs a number, but column `{}` is {}", ToText(check.measure.metric),
                            column->name, column->type.text));
}

std::optional<Refusal> SettleReference(size_t index, const Check& check, const Planning& planning) {
  const auto* orphans = std::get_if<Orphans>(&check.measure.metric);
  if (orphans == nullptr) return std::nullopt;
  if (orphans->other.source != check.table->name.source) {
    return Refuse(
        index, ErrorCode::kUnsupported,
        fmt::format("{} is in another source: a reference cannot be followed there", orphans->other.Full()));
  }
  const CatalogTable* other = planning.Facts(orphans->other);
  const std::string name = orphans->other.Local();
  if (other == nullptr) {
    return Refuse(index, ErrorCode::kNotFound, fmt::format("{}, which it references, does not exist", name));
  }
  if (!other->read_error.empty()) return Refuse(index, ErrorCode::kInvalid, name + ": " + other->read_error);
  const CatalogColumn* column = other->Find(orphans->other_column);
  if (column == nullptr)
    return Refuse(index, ErrorCode::kNotFound, MissingColumn(orphans->other_column, *other));
  if (!column->readable) return Refuse(index, ErrorCode::kPermission, MayNotRead(name, *other));
  return std::nullopt;
}

}  // namespace

std::string TimeProblem(const TimeColumn& column) {
  const TypeFamily family = column.type.family;
  if (family == TypeFamily::kOther) return {};
  const std::string is = fmt::format("column `{}` is {}", column.name, column.type.text);
  switch (column.format) {
    case TimeFormat::kNative:
      return column.type.IsTime() ? "" : is + ", not a date or a timestamp: say how to read it with `format`";
    case TimeFormat::kUnixSeconds:
    case TimeFormat::kUnixMillis:
      return column.type.IsNumeric() || family == TypeFamily::kText
                 ? ""
                 : is + ", not a number: leave `format` out";
    case TimeFormat::kIso:
      return column.type.IsTime() || family == TypeFamily::kText ? ""
                                                                 : is + ", not a text: `format` is not iso";
  }
  return {};
}

std::optional<TimeColumn> TimeColumnOf(const NewestTimestamp& metric, const Zone& zone,
                                       const CatalogTable* facts) {
  for (const std::string& name : metric.columns) {
    if (facts == nullptr) return TimeColumn{name, {}, metric.format, zone};
    if (const CatalogColumn* column = facts->Find(name))
      return TimeColumn{name, column->type, metric.format, zone};
  }
  return std::nullopt;
}

TimeColumn TimeColumnOf(const std::string& column, const Zone& zone, const CatalogTable* facts) {
  const CatalogColumn* known = facts == nullptr ? nullptr : facts->Find(column);
  return {column, known == nullptr ? ColumnType() : known->type, TimeFormat::kNative, zone};
}

std::optional<Refusal> Settle(size_t index, const Planning& planning) {
  const Check& check = *planning.checks[index];
  const CatalogTable* table = planning.Facts(check.table->name);
  if (table == nullptr) {
    return Refuse(index, ErrorCode::kNotFound, check.table->name.Local() + " does not exist");
  }
  if (!table->read_error.empty()) return Refuse(index, ErrorCode::kInvalid, table->read_error);
  if (!IsCustom(check.measure.metric)) {
    if (auto refusal = SettleColumns(index, check, *table)) return refusal;
    if (auto refusal = SettleTimes(index, check, *table)) return refusal;
    if (auto refusal = SettleBounds(index, check, *table)) return refusal;
    if (auto refusal = SettleReference(index, check, planning)) return refusal;
  }
  for (const std::optional<Metric>& metric :
       {std::optional<Metric>(check.measure.metric), check.measure.per}) {
    if (!metric) continue;
    if (auto why = planning.dialect.Unsupported(*metric, table)) {
      return Refuse(index, ErrorCode::kUnsupported, std::move(*why));
    }
  }
  return std::nullopt;
}

}  // namespace amont
