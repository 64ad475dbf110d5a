#include "checks/kinds/bounds.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>

#include "core/quoted.h"

namespace amont {
namespace {

struct Extent {
  std::optional<double> low;
  std::optional<double> high;
  std::string_view words;
};

Extent ExtentOf(Domain domain) {
  switch (domain) {
    case Domain::kCount:
      return {0, std::nullopt, "a count is never below 0"};
    case Domain::kRatio:
      return {0, 1, "a ratio is never outside 0 to 1"};
    case Domain::kNonNegative:
      return {0, std::nullopt, "it is never below 0"};
    case Domain::kNumber:
    case Domain::kOrdered:
      break;
  }
  return {};
}

std::string_view Expected(Domain domain) {
  switch (domain) {
    case Domain::kCount:
      return "a whole number";
    case Domain::kRatio:
      return "a ratio: 0 to 1, or \"1%\"";
    case Domain::kNonNegative:
    case Domain::kNumber:
      return "a number";
    case Domain::kOrdered:
      return "a number, a date or a date-time";
  }
  return "a number";
}

std::optional<Value> WrongBound(const TomlNode& node, Domain domain, Diagnostics& diagnostics,
                                std::string hint = {}) {
  diagnostics.Error(node.span, fmt::format("a bound here is {}, not {}", Expected(domain), node.KindName()),
                    std::move(hint));
  return std::nullopt;
}

std::optional<Value> ReadRatio(const TomlNode& node, Diagnostics& diagnostics) {
  std::optional<double> ratio;
  if (const auto* integer = std::get_if<int64_t>(&node.value)) ratio = static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&node.value)) ratio = *number;
  if (const auto* text = node.AsString()) {
    ratio = ParsePercent(*text);
    if (!ratio) {
      diagnostics.Error(node.span, fmt::format("{} is no ratio: 0 to 1, or \"1%\"", Quoted(*text)));
      return std::nullopt;
    }
  }
  if (!ratio) return WrongBound(node, Domain::kRatio, diagnostics);
  if (*ratio >= 0 && *ratio <= 1) return Value(*ratio);
  const bool may_be_percent = node.AsString() == nullptr && *ratio > 1 && *ratio < 100;
  diagnostics.Error(node.span, "a ratio is 0 to 1, or \"1%\"",
                    may_be_percent ? fmt::format("did you mean \"{}%\"?", *ratio) : std::string());
  return std::nullopt;
}

std::optional<Value> ReadCount(const TomlNode& node, Diagnostics& diagnostics) {
  constexpr double kExactMax =
      9007199254740992;  // 2^53: above it a float may not say the whole number it means
  if (const auto* integer = std::get_if<int64_t>(&node.value)) return Value(*integer);
  if (const auto* number = std::get_if<double>(&node.value)) {
    if (std::abs(*number) <= kExactMax && *number == std::floor(*number))
      return Value(static_cast<int64_t>(*number));
    diagnostics.Error(node.span, "a count is a whole number");
    return std::nullopt;
  }
  return WrongBound(node, Domain::kCount, diagnostics);
}

std::string TextOf(const Bounds& bounds, Domain domain) {
  return ToText(Between{.fail = bounds, .warn = {}, .groups = {}, .as_ratio = domain == Domain::kRatio});
}

bool Below(const Value& left, double right) {
  return Compare(left, Value(right)) == std::partial_ordering::less;
}
bool Above(const Value& left, double right) {
  return Compare(left, Value(right)) == std::partial_ordering::greater;
}

Bounds ReadBounds(TomlReader& table, Domain domain) {
  Bounds bounds;
  if (const TomlEntry* min = table.Find("min")) {
    bounds.min = ReadBound(min->node, domain, table.diagnostics()).value_or(Value());
  }
  if (const TomlEntry* max = table.Find("max")) {
    bounds.max = ReadBound(max->node, domain, table.diagnostics()).value_or(Value());
  }
  return bounds;
}

bool HasAny(TomlReader& table) {
  const bool min = table.Find("min") != nullptr;  // both are looked up, whatever the first says
  const bool max = table.Find("max") != nullptr;
  return min || max;
}

// A { min, max } table; sound, or empty after a diagnostic.
Bounds ReadBoundsTable(const TomlEntry& entry, Domain domain, Diagnostics& diagnostics) {
  if (entry.node.AsTable() == nullptr) {
    diagnostics.Error(entry.node.span,
                      fmt::format("`{}` must be a table: {{ min = …, max = … }}", entry.key.name));
    return {};
  }
  TomlReader reader(entry.node, Quoted(entry.key.name), diagnostics);
  const size_t before = diagnostics.list().size();
  Bounds bounds = ReadBounds(reader, domain);
  const bool any = HasAny(reader);
  reader.RejectUnknown();
  if (diagnostics.list().size() != before) return {};
  if (!any) {
    diagnostics.Error(entry.node.span,
                      fmt::format("{} states no bound: give min, max or both", Quoted(entry.key.name)));
    return {};
  }
  RequireSound(bounds, domain, entry.node.span, diagnostics);
  return bounds;
}

}  // namespace

std::optional<double> ParsePercent(std::string_view text) {
  if (text.empty() || text.back() != '%') return std::nullopt;
  text.remove_suffix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number / 100;
}

std::optional<Value> ReadBound(const TomlNode& node, Domain domain, Diagnostics& diagnostics) {
  if (const auto* number = std::get_if<double>(&node.value); number != nullptr && !std::isfinite(*number)) {
    diagnostics.Error(node.span, "a bound is a finite number; leave an open side out");
    return std::nullopt;
  }
  if (domain == Domain::kRatio) return ReadRatio(node, diagnostics);
  if (domain == Domain::kCount) return ReadCount(node, diagnostics);
  if (const auto* integer = std::get_if<int64_t>(&node.value)) return Value(*integer);
  if (const auto* number = std::get_if<double>(&node.value)) return Value(*number);
  if (domain == Domain::kOrdered) {
    if (const auto* day = std::get_if<Date>(&node.value)) return Value(*day);
    if (const auto* local = std::get_if<LocalTime>(&node.value)) return Value(*local);
    if (const auto* at = std::get_if<Timestamp>(&node.value)) return Value(*at);
  }
  const std::string* text = node.AsString();
  const bool is_time = text != nullptr && domain == Domain::kOrdered && ParseTimestamp(*text).has_value();
  return WrongBound(node, domain, diagnostics, is_time ? "write a date or a date-time without quotes" : "");
}

void RequireSound(const Bounds& bounds, Domain domain, const Span& place, Diagnostics& diagnostics) {
  const Extent extent = ExtentOf(domain);
  const bool has_min = !IsNull(bounds.min);
  const bool has_max = !IsNull(bounds.max);
  if (has_min && has_max) {
    const auto order = Compare(bounds.min, bounds.max);
    if (!order) {
      diagnostics.Error(place, "min and max must be of one kind");
      return;
    }
    if (*order == std::partial_ordering::greater) {
      diagnostics.Error(place, fmt::format("nothing can pass: min {} is above max {}", HumanText(bounds.min),
                                           HumanText(bounds.max)));
      return;
    }
  }
  if (has_max && extent.low && Below(bounds.max, *extent.low)) {
    diagnostics.Error(place, fmt::format("nothing can pass {}: {}", TextOf(bounds, domain), extent.words));
    return;
  }
  const bool min_can_fail = has_min && (!extent.low || Above(bounds.min, *extent.low));
  const bool max_can_fail = has_max && (!extent.high || Below(bounds.max, *extent.high));
  if (!min_can_fail && !max_can_fail && !bounds.empty()) {
    diagnostics.Error(place, fmt::format("{} can never fail: {}", TextOf(bounds, domain), extent.words));
  }
}

void RequireTighter(const Bounds& warn, const Between& between, const Span& place, Diagnostics& diagnostics) {
  const Bounds& fail = between.fail;
  if (fail.empty() || warn.empty()) return;
  const Domain domain = between.as_ratio ? Domain::kRatio : Domain::kOrdered;
  const auto tighter = [](const Value& one, const Value& other, std::partial_ordering wanted) {
    return !IsNull(one) && (IsNull(other) || Compare(one, other) == wanted);
  };
  if (!tighter(warn.min, fail.min, std::partial_ordering::greater) &&
      !tighter(warn.max, fail.max, std::partial_ordering::less)) {
    diagnostics.Error(place, fmt::format("can never warn: `fail` ({}) comes first", TextOf(fail, domain)));
    return;
  }
  const auto crossed = [](const Value& min, const Value& max) {
    return !IsNull(min) && !IsNull(max) && Compare(min, max) == std::partial_ordering::greater;
  };
  if (crossed(warn.min, fail.max) || crossed(fail.min, warn.max)) {
    diagnostics.Error(place,
                      fmt::format("nothing can pass both `warn` and `fail` ({})", TextOf(fail, domain)));
  }
}

void ReadGroups(TomlReader& block, Domain domain, Between& between, Check& check) {
  const TomlEntry* groups = block.Find("groups");
  if (groups == nullptr) return;
  const TomlNode::Table* table = groups->node.AsTable();
  if (table == nullptr) {
    block.diagnostics().Error(groups->node.span, "`groups` must be a table: { FR = { min = 10_000 } }");
    return;
  }
  for (const TomlEntry& group : *table) {
    between.groups[group.key.name] = ReadBoundsTable(group, domain, block.diagnostics());
    check.groups_expected.push_back(group.key.name);
  }
}

std::optional<Between> ReadBetween(TomlReader& block, Domain domain, Check& check) {
  Diagnostics& diagnostics = block.diagnostics();
  const size_t before = diagnostics.list().size();
  Between between;
  between.as_ratio = domain == Domain::kRatio;
  const bool shorthand = HasAny(block);
  between.fail = ReadBounds(block, domain);
  const TomlEntry* fail = block.Find("fail");
  const TomlEntry* warn = block.Find("warn");
  if (shorthand && fail != nullptr) {
    diagnostics.Error(fail->key.span, "`min` and `max` are short for `fail`: write one or the other");
  } else if (fail != nullptr) {
    between.fail = ReadBoundsTable(*fail, domain, diagnostics);
  } else if (shorthand && diagnostics.list().size() == before) {
    RequireSound(between.fail, domain, block.Place(block.Find("min") != nullptr ? "min" : "max"),
                 diagnostics);
  }
  if (warn != nullptr) {
    between.warn = ReadBoundsTable(*warn, domain, diagnostics);
    if (diagnostics.list().size() == before) {
      RequireTighter(between.warn, between, warn->node.span, diagnostics);
    }
  }
  ReadGroups(block, domain, between, check);
  const bool given = shorthand || fail != nullptr || warn != nullptr || !between.groups.empty();
  if (!given) return std::nullopt;
  return between;
}

}  // namespace amont
